"""Operators: a time limit is lost, or is not what it was."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import argument
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_LIBRARIES = ("httpx", "requests", "aiohttp", "redis", "asyncpg", "psycopg", "openai", "anthropic", "ollama", "urllib3",
              "websockets", "sqlalchemy", "pymongo", "motor", "elasticsearch", "grpc")  # fmt: skip
_LIMITS = frozenset({"timeout", "connect_timeout", "read_timeout", "socket_timeout", "socket_connect_timeout",
                     "command_timeout", "pool_timeout", "statement_timeout"})  # fmt: skip
_REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream",
                       "execute", "fetch", "fetchrow", "fetchval", "create", "generate", "chat", "connect"})  # fmt: skip
_WAITS = {"asyncio.wait_for": 1, "asyncio.timeout": 0, "anyio.fail_after": 0, "anyio.move_on_after": 0}
"""Where the limit stands among the positional arguments."""
_AS_GOOD_AS_NONE = 3600
"""Seconds."""


def drop_timeout(source: Source) -> Iterator[Rewrite]:
    """`timeout=5` becomes `timeout=None`, where a client of the network is built or called."""
    seen: set[ast.Call] = set()
    for call, keyword in requested_limits(source):
        if call not in seen:
            seen.add(call)
            yield Rewrite(
                node=call,
                edits=(source.replaced(keyword.value, "None"),),
                note=f"`{source.code(call.func)}` loses its `{source.code(keyword)}`",
            )


def unwrap_wait_for(source: Source) -> Iterator[Rewrite]:
    """`wait_for(x, t)` and `timeout(t)` wait for ever."""
    for call, limit in awaited_limits(source):
        yield Rewrite(
            node=call,
            edits=(source.replaced(limit, "None"),),
            note=f"`{source.code(call.func)}` waits for ever",
        )


def requested_limits(source: Source) -> Iterator[tuple[ast.Call, ast.keyword]]:
    """The time limits that clients of the network are given, with the call that is given them."""
    if not source.names.has(*_LIBRARIES):
        return
    for call in source.calls():
        if _asks_the_network(source, call):
            for keyword in call.keywords:
                if keyword.arg in _LIMITS and not _is_none(keyword.value):
                    yield call, keyword


def awaited_limits(source: Source) -> Iterator[tuple[ast.Call, ast.expr]]:
    """The deadlines around waits, with the call that sets them."""
    for call in source.calls():
        position = _WAITS.get(source.names.of(call.func))
        limit = argument(call, position, "timeout", "delay") if position is not None else None
        if limit is not None and not _is_none(limit):
            yield call, limit


def _asks_the_network(source: Source, call: ast.Call) -> bool:
    """A call of such a library, or what looks like a request on an object from elsewhere."""
    name = source.names.of(call.func)
    if name:
        return name.split(".", 1)[0] in _LIBRARIES
    return isinstance(call.func, ast.Attribute) and call.func.attr in _REQUESTS


def _is_none(value: ast.expr) -> bool:
    """None, and what is as good as none: `float("inf")`, `math.inf`, hours."""
    match value:
        case ast.Constant(value=None):
            return True
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
            return "inf" in text
        case ast.Attribute(attr="inf"):
            return True
    return _seconds(value) >= _AS_GOOD_AS_NONE


def _seconds(value: ast.expr) -> float:
    """0 for what is no number."""
    match value:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _seconds(left) * _seconds(right)
    return 0


DROP_TIMEOUT = Operator(
    key="T1",
    name="drop-timeout",
    summary="a network client loses its time limit",
    consequence="one slow upstream pins all workers, and every user waits with it",
    noticed_by="a test in which the other side stays silent, and which asserts that an answer comes in time",
    weight=5,
    seed=drop_timeout,
    first_rank=True,
    symptom=Symptom.HANG,
)
UNWRAP_WAIT_FOR = Operator(
    key="T2",
    name="unwrap-wait-for",
    summary="a deadline around a wait is lost",
    consequence="a stream or a reply that never comes holds its request, its task and its connection for ever",
    noticed_by="a test in which the awaited thing never comes, and which asserts what the caller gets instead",
    weight=5,
    seed=unwrap_wait_for,
    first_rank=True,
    symptom=Symptom.HANG,
)
