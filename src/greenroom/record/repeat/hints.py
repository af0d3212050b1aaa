"""What speaks for which cause, from what the runs recorded of a test when it failed and when it passed."""

from collections.abc import Iterable, Iterator, Sequence

from greenroom.model.evidence import Crossing, TestEvidence
from greenroom.model.flakiness import Cause, Hint
from greenroom.record.repeat.test_source import TestSource
from greenroom.record.repeat.trials import RED

_LATE = ("TimeoutError", "Timeout", "TimeoutExpired", "WaitTimeout")
_LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1", "testserver", "test")
_NET = frozenset(
    {"http", "llm", "database", "cache", "queue", "socket", "websocket", "mail", "search", "storage"}
)
_WORDS = {
    Cause.ASYNC_WAIT: "it waits a fixed time: `{}` in line {}",
    Cause.TIME: "it reads the clock: `{}` in line {}",
    Cause.RANDOMNESS: "it draws by chance: `{}` in line {}",
}


def find_hints(attempts: Sequence[TestEvidence], source: TestSource) -> tuple[Hint, ...]:
    """Causes that something speaks for, none of them put to the test."""
    red = [each for each in attempts if each.outcome in RED]
    green = [each for each in attempts if each.outcome not in RED]
    hints = [*_network(red, green), *_waits(red), *_written(source)]
    return tuple({hint.cause: hint for hint in reversed(hints)}.values())[::-1]


def _network(red: list[TestEvidence], green: list[TestEvidence]) -> Iterator[Hint]:
    usual = {(each.peer, each.failure) for each in _crossings(green)}
    for crossing in _crossings(red):
        if crossing.failure and (crossing.peer, crossing.failure) not in usual and crossing.kind in _NET:
            peer = crossing.peer or "its peer"
            text = f"`{crossing.library}` to {peer} ended with {crossing.failure}, and never when it passed"
            yield Hint(cause=Cause.NETWORK, evidence=text)
    for crossing in _crossings(red):
        if crossing.kind in _NET and "sqlite" not in crossing.peer and not _is_local(crossing.peer):
            yield Hint(cause=Cause.NETWORK, evidence=f"it reaches {crossing.peer} by `{crossing.library}`")


def _crossings(tests: Iterable[TestEvidence]) -> Iterator[Crossing]:
    for test in tests:
        yield from (each for each in test.crossings if each.real)


def _is_local(peer: str) -> bool:
    host = peer.rpartition("://")[2].rpartition("@")[2]
    return not host or host.startswith((*_LOCAL, "/")) or "127.0.0.1" in host


def _waits(red: list[TestEvidence]) -> Iterator[Hint]:
    for test in red:
        if test.failure.rpartition(".")[2] in _LATE:
            yield Hint(cause=Cause.ASYNC_WAIT, evidence=f"it failed with {test.failure}")
        for name in test.never_awaited:
            yield Hint(cause=Cause.ASYNC_WAIT, evidence=f"nobody awaited `{name}` when it failed")


def _written(source: TestSource) -> Iterator[Hint]:
    for cause, spelled, line in source.calls:
        yield Hint(cause=cause, evidence=_WORDS[cause].format(spelled, line))
