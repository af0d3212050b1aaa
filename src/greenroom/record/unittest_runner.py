"""Records tests that unittest itself runs: `python -m unittest`, Django's `manage.py test`.

The test case's `run` is where every such runner passes. Ids are spelled as pytest would spell them.
"""

import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from greenroom.model.outcome import Outcome
from greenroom.record import environment
from greenroom.record.journal import Journal
from greenroom.record.loaded_libraries import LoadedLibraries
from greenroom.record.project_code import ProjectCode
from greenroom.record.run_folder import python_version, root_of
from greenroom.record.sensor import RunningTest
from greenroom.record.session import Session, told
from greenroom.record.skips import Skips

_AROUND = frozenset(
    {"setUp", "tearDown", "asyncSetUp", "asyncTearDown", "doCleanups", "setUpClass", "setUpTestData"}
)
_OUTCOMES = {
    "addSkip": Outcome.SKIPPED,
    "addExpectedFailure": Outcome.XFAILED,
    "addUnexpectedSuccess": Outcome.XPASSED,
    "addFailure": Outcome.FAILED,
    "addError": Outcome.FAILED,
    "addSubTest": Outcome.FAILED,
}


class UnittestRecorder:
    """Stands around `TestCase.run`, and listens to what the result is told meanwhile."""

    def __init__(self, folder: str) -> None:
        code = ProjectCode(root_of(folder))
        self._session = Session(Journal(folder, "main"), code)
        self._skips = Skips(code)
        self._libraries = LoadedLibraries(lambda error: self._session.note(f"unittest: {told(error)}"))
        self._opened = 0
        """The process that has said that it writes."""

    def install(self, without: list[str], also: list[str]) -> None:
        """Start the sensors, and wait for tests."""
        self._session.install(without, also)
        case: Any = sys.modules["unittest.case"]
        case.TestCase.run = self._around(case.TestCase.run)
        self._libraries.once_loaded("unittest.async_case", self._watch_asynchronous)
        self._libraries.install()

    def _watch_asynchronous(self, module: Any) -> bool:
        """Its `run` stands around the other one, and closes the loop once that has ended."""
        owner = getattr(module, "IsolatedAsyncioTestCase", None)
        if owner is not None and "run" in vars(owner):
            owner.run = self._around(owner.run)
        return owner is not None

    def withdraw(self) -> None:
        """Another recorder takes over: stop the sensors, of which nothing has been written."""
        self._libraries.uninstall()
        self._session.withdraw()

    def finish(self) -> None:
        """The process ends by itself."""
        if self._opened == os.getpid():
            self._session.finish()

    def _around(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def run(case: Any, result: Any = None) -> Any:
            if result is None or self._session.test is not None or environment.is_of_pytest():
                return original(case, result)
            with self._recorded(case, result):
                return original(case, result)

        return run

    @contextmanager
    def _recorded(self, case: Any, result: Any) -> Iterator[None]:
        known: dict[str, Any] = {"outcome": Outcome.PASSED, "started": time.time()}
        begun = time.perf_counter()
        restore = self._safely(self._begin, case, result, known)
        try:
            yield
        finally:
            known["call"] = time.perf_counter() - begun
            self._safely(self._end, restore, known)

    def _safely(self, step: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return step(*arguments)
        except Exception as error:  # noqa: BLE001  - a recorder never fails a test
            self._session.note(f"the recorder failed in {step.__name__.strip('_')}: {told(error)}")
            return None

    def _begin(self, case: Any, result: Any, known: dict[str, Any]) -> Callable[[], None]:
        if self._opened != os.getpid():
            self._opened = os.getpid()
            self._session.open(python=python_version(), executable=sys.executable)
        function = getattr(type(case), str(getattr(case, "_testMethodName", "")), None)
        self._session.begin(RunningTest(id=self._id(case), function=function, phase="call"))
        return self._listen(result, known)

    def _end(self, restore: Callable[[], None] | None, known: dict[str, Any]) -> None:
        if restore is not None:
            restore()
        test = self._session.test
        if test is not None:
            test.passed = known["outcome"] in (Outcome.PASSED, Outcome.XPASSED)
            self._session.end(known)

    def _listen(self, result: Any, known: dict[str, Any]) -> Callable[[], None]:
        names = [name for name in _OUTCOMES if hasattr(result, name)]
        for name in names:
            setattr(result, name, self._hearing(name, getattr(result, name), known))

        def restore() -> None:
            for name in names:
                vars(result).pop(name, None)

        return restore

    def _hearing(self, name: str, tell: Callable[..., Any], known: dict[str, Any]) -> Callable[..., Any]:
        def hear(test: Any, *about: Any) -> Any:
            self._safely(self._take, name, about[-1] if about else None, known)
            return tell(test, *about)

        return hear

    def _take(self, name: str, about: Any, known: dict[str, Any]) -> None:
        if (name == "addSubTest" and about is None) or known["outcome"] in (Outcome.FAILED, Outcome.ERROR):
            return
        error = about[1] if isinstance(about, tuple) else sys.exc_info()[1]
        outcome = _OUTCOMES[name]
        if outcome is Outcome.FAILED and error is not None and _is_around(error):
            outcome = Outcome.ERROR
        known["outcome"] = outcome
        if isinstance(about, tuple) and error is not None:
            known["failure"] = type(error).__qualname__
        if outcome in (Outcome.SKIPPED, Outcome.XFAILED):
            reason = about if isinstance(about, str) else str(error or "")
            known["skip"] = self._skips.of_reason(reason, error, skipped=outcome is Outcome.SKIPPED)

    def _id(self, case: Any) -> str:
        kind = type(case)
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        path = self._session.code.relative(file) if file else ""
        if not path:
            return str(case.id())
        return "::".join([path, *kind.__qualname__.split("."), str(getattr(case, "_testMethodName", ""))])


def _is_around(error: BaseException) -> bool:
    """Whether it was raised in what surrounds the test's own method."""
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_name in _AROUND:
            return True
        step = step.tb_next
    return False
