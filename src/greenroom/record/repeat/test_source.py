"""Where a test stands, and what its own body says of waiting, of time and of chance."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from greenroom.model.flakiness import Cause
from greenroom.model.place import Place

_CALLS = {
    Cause.ASYNC_WAIT: {"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "sleep"},
    Cause.TIME: {"time.time", "datetime.now", "datetime.utcnow", "datetime.datetime.now", "datetime.today", "date.today",
                 "datetime.datetime.utcnow", "datetime.date.today", "timezone.now", "time.monotonic",
                 "time.perf_counter", "perf_counter", "monotonic"},
    Cause.RANDOMNESS: {"uuid.uuid4", "uuid4", "os.urandom", "secrets.token_hex", "secrets.choice", "random.random",
                       "random.randint", "random.choice", "random.shuffle", "random.sample", "random.uniform", "randint"},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSource:
    """The function of a test, as far as it could be read."""

    __test__ = False

    place: Place
    calls: tuple[tuple[Cause, str, int], ...] = ()
    """Cause, what is called, line."""


def read_source(root: Path, test: str) -> TestSource:
    """Read the file of a test; where that cannot be, only the file is known."""
    path, _, rest = test.partition("::")
    names = rest.partition("[")[0].split("::")
    try:
        body: ast.AST = ast.parse((root / path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return TestSource(place=Place(path=path, line=1))
    for name in names:
        found = next((each for each in _definitions(body) if each.name == name), None)
        if found is None:
            return TestSource(place=Place(path=path, line=1))
        body = found
    line = getattr(body, "lineno", 1)
    return TestSource(place=Place(path=path, line=line, symbol=".".join(names)), calls=tuple(_calls(body)))


def _definitions(body: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
        elif isinstance(node, ast.If | ast.Try):
            yield from _definitions(node)


def _calls(body: ast.AST) -> Iterator[tuple[Cause, str, int]]:
    for node in ast.walk(body):
        if isinstance(node, ast.Call):
            spelled = ast.unparse(node.func)
            for cause, names in _CALLS.items():
                if spelled in names:
                    yield cause, spelled, node.lineno
