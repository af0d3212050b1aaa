"""What a sensor is: it watches one thing while tests run, and says afterwards what it saw.

A new sensor is a file in this package and a line in `session.SENSORS`. The session drives it:
`install` once, then `begin` and `end` around each test (set-up and tear-down included), `uninstall` once.
Whatever a sensor raises switches it off for the rest of the run, and becomes a note; it never fails a test.
"""

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, Protocol

from greenroom.record.project_code import ProjectCode
from greenroom.record.test_function import code_of

Part = Mapping[str, Any]
"""Fields of `TestEvidence` and what this sensor knows of them.

Tuples of several sensors are joined, numbers are added up; only what differs from the default is needed.
What stands in the tuples is plain, with the names of the fields of `model.evidence`: whoever reads the journal makes
evidence of it. In the process of the tests its classes are not even made, which would take a tenth of a small suite."""


class RunningTest:
    """The test that runs."""

    __slots__ = ("_code", "follows", "function", "has_wider_fixture", "id", "passed", "phase", "repeat")

    def __init__(
        self,
        *,
        id: str,  # noqa: A002
        function: Callable[..., Any] | None = None,
        phase: str = "setup",
        follows: bool = False,
    ) -> None:
        self.id = id
        """pytest's node id."""
        self.repeat = 0
        self.function = function
        """The test function as it was collected; None where a test is no function."""
        self.phase = phase
        """`setup`, `call` or `teardown`."""
        self.follows = follows
        """Nothing has happened since the test before ended: what a sensor has seen then still holds."""
        self.has_wider_fixture = False
        """A fixture that outlives it was set up meanwhile: much of what is otherwise after it is that one's."""
        self.passed = False
        """Once it has ended: whether its body ran to its end."""
        self._code: tuple[CodeType | None] | None = None

    @property
    def code(self) -> CodeType | None:
        """What somebody wrote of its function, below decorators; None where there is none."""
        if self._code is None:
            self._code = (code_of(self.function),)
        return self._code[0]


class Scene(Protocol):
    """What a sensor may know of the run."""

    @property
    def code(self) -> ProjectCode:
        """Which files are the project's; makes a `Place` of a frame."""
        ...

    @property
    def folder(self) -> str:
        """Where the run is kept; what the recorder itself writes there is no evidence."""
        ...

    @property
    def test(self) -> RunningTest | None:
        """The test that runs now, in whichever thread; None between tests."""
        ...

    @property
    def is_child(self) -> bool:
        """Whether this is a process that a test has started: there is one `test`, and no pytest."""
        ...

    def late(self, test: RunningTest, part: Part) -> None:
        """Evidence of a test that has ended already."""
        ...

    def seen(self) -> None:
        """There is something new. In a child process, which may be killed at any time, it is written soon.

        Every sensor that works in children calls it, holding no lock: `end` and `begin` may be called from here.
        """
        ...

    def note(self, text: str) -> None:
        """Something the recorder could not do, for the whole run."""
        ...


class Sensor(Protocol):
    """Watches one thing."""

    name: str
    in_children: bool
    """Whether it also works in the processes that tests start; then it also stands in `session.IN_CHILDREN`."""

    def install(self, scene: Scene) -> None:
        """Patch what must be patched. Early: no conftest has been imported."""
        ...

    def uninstall(self) -> None:
        """Undo all of it."""
        ...

    def begin(self, test: RunningTest) -> None:
        """The test is about to be set up."""
        ...

    def end(self, test: RunningTest) -> Part:
        """It has been torn down: what was seen since `begin`."""
        ...
