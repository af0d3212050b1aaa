"""Operator: connections that stand idle are not renewed, checked or kept up."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_OFF = {
    "keepalive_expiry": "None", "timeout_keep_alive": "0", "keepalive_timeout": "0", "pool_recycle": "-1",
    "ping_interval": "None", "health_check_interval": "0", "pool_pre_ping": "False", "conn_health_checks": "False",
    "max_inactive_connection_lifetime": "0", "heartbeat": "None", "CONN_HEALTH_CHECKS": "False",
    "tcp_keepalive": "False", "socket_keepalive": "False",
}  # fmt: skip
_LIBRARIES = ("httpx", "aiohttp", "sqlalchemy", "sqlmodel", "flask_sqlalchemy", "redis", "websockets", "uvicorn", "asyncpg",
              "psycopg", "psycopg_pool", "dj_database_url", "pika", "aio_pika", "kombu", "starlette", "fastapi")  # fmt: skip


def drop_keepalive(source: Source) -> Iterator[Rewrite]:
    """`pool_recycle=1800` becomes -1, `ping_interval=20` None, `pool_pre_ping=True` False."""
    known = source.names.has(*_LIBRARIES)
    for node in source.nodes(ast.AST):
        if not isinstance(node, ast.Call | ast.Dict):
            continue
        for name, value in _given(node):
            off = _OFF.get(name)
            if (
                off is not None
                and (known or name.isupper())
                and ast.unparse(value) not in (off, "0", "None", "False")
            ):
                yield Rewrite(node=value, edits=(source.replaced(value, off),), note=f"`{name}` is {off}")


def _given(node: ast.Call | ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Call):
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
    else:
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value


KEEPALIVE_OFF = Operator(
    key="T5",
    name="keepalive-off",
    summary="idle connections are no longer renewed, checked or kept up",
    consequence="after a quiet hour the first users get errors, since something between has forgotten the connections",
    noticed_by="a test whose server closes idle connections, and which asserts that the next request succeeds",
    weight=3,
    seed=drop_keepalive,
)
