"""One test of the audit, as a run saw it: its parametrisations and repetitions as one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from greenroom.model.evidence import Crossing, Exchange, Outcome, TestEvidence

_RAN = (Outcome.PASSED, Outcome.FAILED, Outcome.XFAILED, Outcome.XPASSED)
_GREEN = (Outcome.PASSED, Outcome.XPASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTest:
    """What was observed of one test function."""

    id: str
    """Without parameters, as `TestCase` has it."""
    parts: tuple[TestEvidence, ...]
    """Each of its executions, skips included."""

    @property
    def ran(self) -> bool:
        """Whether its body was executed, to its end or to a failure."""
        return any(self._executed)

    @property
    def passed(self) -> bool:
        """Whether each execution of its body was green, and there was one."""
        ran = list(self._executed)
        return bool(ran) and all(part.outcome in _GREEN for part in ran)

    @property
    def was_left(self) -> bool:
        """Whether its own coroutine was never awaited."""
        return any(map(self._left_itself, self.parts))

    @property
    def _executed(self) -> Iterator[TestEvidence]:
        """A runner that calls an `async def` and drops what it returns says that it has passed."""
        return (part for part in self.parts if part.outcome in _RAN and not self._left_itself(part))

    def _left_itself(self, part: TestEvidence) -> bool:
        name = self.id.rpartition("::")[2]
        return any(each.rpartition(".")[2] == name for each in part.never_awaited)

    def crossings(self) -> Iterator[Crossing]:
        """Of all executions."""
        for part in self.parts:
            yield from part.crossings

    def exchanges(self) -> Iterator[Exchange]:
        """Of all executions."""
        for part in self.parts:
            yield from part.exchanges


def by_test(tests: Iterable[TestEvidence]) -> dict[str, SeenTest]:
    """The tests of a run by the id which the audit gives them."""
    parts: dict[str, list[TestEvidence]] = {}
    for test in tests:
        parts.setdefault(without_parameters(test.id), []).append(test)
    return {name: SeenTest(id=name, parts=tuple(found)) for name, found in parts.items()}


def without_parameters(node_id: str) -> str:
    """`tests/test_a.py::test_b` of `tests/test_a.py::test_b[1-x::y]`."""
    path, separator, rest = node_id.partition("::")
    return f"{path}{separator}{rest.partition('[')[0]}"
