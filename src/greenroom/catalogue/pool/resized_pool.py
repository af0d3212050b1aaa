"""Operator: a pool that is too small for what goes on at once."""

import ast
from collections.abc import Iterator

from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import keyword, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_SIZES = (
    "pool_size",
    "max_connections",
    "max_size",
    "maxsize",
    "maxPoolSize",
    "max_pool_size",
    "limit",
    "pool_maxsize",
)
_BESIDE = (
    "min_size",
    "minsize",
    "max_overflow",
    "max_keepalive_connections",
    "minPoolSize",
    "min_pool_size",
    "limit_per_host",
)
_SMALLEST_DEFAULT = {
    "create_pool": "min_size",
    "ConnectionPool": "min_size",
    "AsyncConnectionPool": "min_size",
}
"""Of asyncpg and psycopg_pool: they keep more than one by default, and refuse a maximum below."""
_LIBRARIES = ("sqlalchemy.", "asyncpg.", "psycopg_pool.", "redis.", "httpx.", "aiohttp.", "motor.", "pymongo.", "aiomysql.",
              "aiopg.", "requests.", "urllib3.", "sqlmodel.", "psycopg2.pool.")  # fmt: skip
_POOLS = frozenset(
    {"create_engine", "create_async_engine", "create_pool", "ConnectionPool", "AsyncConnectionPool", "BlockingConnectionPool",
     "from_url", "Redis", "Limits", "TCPConnector", "AsyncIOMotorClient", "MongoClient", "AsyncMongoClient", "QueuePool",
     "ThreadedConnectionPool", "SimpleConnectionPool", "PoolManager", "HTTPAdapter", "NullConnectionPool"}
)  # fmt: skip


def shrink_pool(source: Source) -> Iterator[Rewrite]:
    """`pool_size=20` becomes `pool_size=1`."""
    for call in source.calls():
        size = keyword(call, *_SIZES)
        if size is None or _is_small(size.value) or last_name(call) not in _POOLS:
            continue
        if not source.names.of(call.func).startswith(_LIBRARIES):
            continue
        yield Rewrite(
            node=call,
            edits=tuple(_edits(source, call, size)),
            note=f"`{source.head(call.func)}` has one connection for all",
        )


def _is_small(value: ast.expr) -> bool:
    """One, none, or what means without a limit."""
    return isinstance(value, ast.Constant) and (not isinstance(value.value, int) or value.value <= 1)


def _edits(source: Source, call: ast.Call, size: ast.keyword) -> Iterator[Edit]:
    smallest = _SMALLEST_DEFAULT.get(last_name(call))
    beside = f", {smallest}=1" if smallest and keyword(call, smallest) is None else ""
    yield source.replaced(size.value, f"1{beside}")
    for each in call.keywords:
        if each.arg in _BESIDE:
            yield source.replaced(each.value, "0" if each.arg == "max_overflow" else "1")


SHRINK_POOL = Operator(
    key="P4",
    name="shrink-pool",
    summary="a pool holds one connection instead of many",
    consequence="under load all requests queue for one connection, and one that needs two waits for ever",
    noticed_by="a test with as many requests at once as production has",
    weight=3,
    seed=shrink_pool,
    symptom=Symptom.LATENCY,
)
