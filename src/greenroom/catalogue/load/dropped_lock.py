"""Operator: a lock, a semaphore or a limiter lets everybody in."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import awaits, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_LOCKS = frozenset(
    {"asyncio.Lock", "asyncio.Semaphore", "asyncio.BoundedSemaphore", "anyio.Lock", "anyio.Semaphore", "anyio.CapacityLimiter",
     "trio.Lock", "trio.Semaphore", "trio.CapacityLimiter", "aiolimiter.AsyncLimiter", "redis.asyncio.Redis.lock",
     "asyncio.locks.Lock"}
)  # fmt: skip
_WORDS = re.compile(
    r"(?:^|_)(?:r?lock|locks|mutex|sem|semaphore|limiter|throttle)s?$|_?lock$|Lock$", re.IGNORECASE
)
_USED = frozenset(
    {"wait", "notify", "notify_all", "release", "acquire", "extend", "wait_for", "owned", "reacquire"}
)


def drop_lock(source: Source) -> Iterator[Rewrite]:
    """`async with lock:` holds nobody off, where others can come in between."""
    for block in source.nodes(ast.AsyncWith):
        if not awaits(block.body):
            continue
        for item in block.items:
            if _is_lock(source, item) and not _is_used(block.body, item.context_expr):
                yield Rewrite(
                    node=item.context_expr,
                    edits=(source.replaced(item.context_expr, '__import__("contextlib").nullcontext()'),),
                    note=f"`{source.head(item.context_expr)}` holds nobody off",
                    lines=(item.context_expr.lineno,),
                )


def _is_lock(source: Source, item: ast.withitem) -> bool:
    if item.optional_vars is not None:
        return False
    made = item.context_expr
    if source.names.of(made) in _LOCKS:
        return not _is_made_here(source, made)
    return bool(_WORDS.search(last_name(made))) and not _is_made_here(source, made)


def _is_made_here(source: Source, lock: ast.expr) -> bool:
    """A lock that each call makes for itself holds nobody off."""
    if not isinstance(lock, ast.Name):
        return False
    made = source.names.origin(lock)
    if made is None or isinstance(source.parent(made), ast.arg):
        return False
    inner = source.function(lock)
    is_own = inner is not None and source.function(made) is inner
    return is_own and isinstance(made, ast.Call) and source.names.of(made.func) in _LOCKS


def _is_used(body: list[ast.stmt], lock: ast.expr) -> bool:
    """A condition is waited on inside: without it the code is broken, and not unguarded."""
    text = ast.unparse(lock)
    return any(
        isinstance(node, ast.Attribute) and node.attr in _USED and ast.unparse(node.value) == text
        for node in blocks.own(body)
    )


DROP_LOCK = Operator(
    key="A9",
    name="drop-lock",
    summary="a lock, a semaphore or a limiter holds nobody off",
    consequence="two requests at once sell the same seat twice, or both do what only one should have done",
    noticed_by="a test in which two callers are inside at the same time, and which asserts what is left behind",
    weight=4,
    seed=drop_lock,
)
