"""Operators: what was taken is not given back."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.releases import would_be_missed
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_OPENED = ("httpx.AsyncClient", "aiohttp.ClientSession", "sqlalchemy.ext.asyncio.AsyncSession", "redis.asyncio.Redis.pubsub",
           "redis.asyncio.Redis", "asyncpg.create_pool.acquire", "aiohttp.client.ClientSession")  # fmt: skip
_SESSIONS = re.compile(r"^(?:async_?session_?(?:maker|factory)|AsyncSessionLocal)$")
"""As people call SQLAlchemy's factories; what is called otherwise may be a generator, which the interpreter ends."""


def never_release(source: Source) -> Iterator[Rewrite]:
    """`await connection.close()` goes, where nothing else closes it."""
    for statement, call in call_statements(source):
        if would_be_missed(source, statement, call):
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement, "pass"),),
                note=f"`{source.code(call.func)}` is never called",
            )


def open_without_close(source: Source) -> Iterator[Rewrite]:
    """`async with acquire() as c: …` enters, and never leaves."""
    for block in source.nodes(ast.AsyncWith):
        if len(block.items) != 1 or block.body[0].lineno == block.lineno:
            continue
        (item,) = block.items
        if isinstance(item.optional_vars, ast.Name) and _is_held(source, item.context_expr):
            opened = source.code(item.context_expr)
            head = f"{item.optional_vars.id} = await ({opened}).__aenter__()\n{source.indent(block)}if True:"
            yield Rewrite(
                node=block,
                edits=(source.head_replaced(block, head),),
                note=f"`{item.optional_vars.id}` is never given back",
                lines=tuple(range(block.lineno, block.body[0].lineno)),
            )


def _is_held(source: Source, opened: ast.expr) -> bool:
    """An object that stays open until its `__aexit__`, even when nobody holds it."""
    if not isinstance(opened, ast.Call):
        return False
    name = source.names.of(opened.func)
    if name in _OPENED or (name.startswith("sqlalchemy.") and name.endswith("async_sessionmaker")):
        return True
    if isinstance(opened.func, ast.Attribute):
        owner = last_name(opened.func.value)
        return opened.func.attr == "acquire" and "pool" in owner.lower()
    return bool(_SESSIONS.search(last_name(opened.func)))


NEVER_RELEASE = Operator(
    key="P1",
    name="never-release",
    summary="a connection, session or lock is not given back",
    consequence="each request takes one more out of the pool, until there is none left and all requests wait or fail",
    noticed_by="a leak sensor in the test, or a pool of one and a second request",
    weight=5,
    seed=never_release,
    first_rank=True,
    symptom=Symptom.LEAK,
)
OPEN_WITHOUT_CLOSE = Operator(
    key="P2",
    name="open-without-close",
    summary="what an `async with` opened stays open",
    consequence="each call leaves a connection behind, until the pool or the server has none left",
    noticed_by="a leak sensor in the test, or a pool of one and a second call",
    weight=4,
    seed=open_without_close,
    symptom=Symptom.LEAK,
)
