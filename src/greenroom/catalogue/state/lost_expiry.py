"""Operator: what was kept for a time is kept for ever."""

import ast
from collections.abc import Iterator

from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator
from greenroom.mutate.caches import is_cache, is_store
from greenroom.mutate.expressions import argument, call_statements, keyword, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_OMITTED = ("ex", "px", "exat", "pxat", "ttl")
_FOREVER = {
    "timeout": "None",
    "expire": "None",
    "expires": "None",
    "expiration": "None",
    "cache_timeout": "None",
}
_SETS = frozenset({"set", "add", "aset", "set_many", "setnx", "put", "get_or_set", "aget_or_set", "multi_set", "cached", "cache_page",
                   "memoize", "cache"})  # fmt: skip
_EXPIRES = frozenset({"expire", "pexpire", "expireat", "touch"})


def lose_expiry(source: Source) -> Iterator[Rewrite]:
    """`set(key, value, ex=60)` becomes `set(key, value)`; `expire(key, 60)` goes; a cache of 60 s one for ever."""
    for call in source.calls():
        for edit, said in _edits(source, call):
            yield Rewrite(node=call, edits=(edit,), note=f"`{said}` is lost: it never expires")
            break
    for statement, call in call_statements(source):
        match call.func:
            case ast.Attribute(value=owner, attr=name) if name in _EXPIRES and len(call.args) > 1:
                if is_store(source, owner) and not _is_counted(source, call):
                    yield Rewrite(
                        node=statement,
                        edits=(source.replaced(statement, "pass"),),
                        note=f"`{source.code(call.func)}` is not called: it never expires",
                    )


def _is_counted(source: Source, call: ast.Call) -> bool:
    """In a pipeline whose answers are taken apart: one less would break that."""
    return any(
        isinstance(node, ast.Assign | ast.Return | ast.AnnAssign | ast.Subscript)
        and node.value is not None
        and ".execute()" in ast.unparse(node.value)
        for node in ast.walk(source.scope(call))
    )


def _edits(source: Source, call: ast.Call) -> Iterator[tuple[Edit, str]]:
    name, resolved = last_name(call.func), source.names.of(call.func)
    if (
        resolved in ("cachetools.TTLCache", "cachetools.TLRUCache")
        and (ttl := argument(call, 1, "ttl")) is not None
    ):
        yield source.replaced(ttl, 'float("inf")'), f"ttl={source.code(ttl)}"
    elif resolved == "django.views.decorators.cache.cache_page" and call.args:
        yield source.replaced(call.args[0], "None"), source.code(call.args[0])
    elif isinstance(call.func, ast.Attribute):
        owner = call.func.value
        if name in ("setex", "psetex") and len(call.args) == 3 and is_store(source, owner):
            key, time, value = map(source.code, call.args)
            yield source.replaced(call, f"{source.code(owner)}.set({key}, {value})"), time
        elif name in _SETS and is_cache(source, owner):
            yield from _arguments(source, call)


def _arguments(source: Source, call: ast.Call) -> Iterator[tuple[Edit, str]]:
    """The one that says how long, named or third."""
    limit = keyword(call, *_OMITTED)
    if limit is not None and not _is_nothing(limit.value):
        yield source.without_keyword(call, limit), source.code(limit)
    limit = keyword(call, *_FOREVER)
    if limit is not None and not _is_nothing(limit.value):
        # Flask-Caching takes 0 for ever, and None for its default.
        is_flask = source.names.has("flask_caching")
        yield source.replaced(limit.value, "0" if is_flask else _FOREVER[limit.arg or ""]), source.code(limit)
    if _is_django(source, call) and last_name(call.func) in ("set", "add") and len(call.args) == 3:
        yield source.replaced(call.args[2], "None"), source.code(call.args[2])


def _is_django(source: Source, call: ast.Call) -> bool:
    return source.names.of(call.func).startswith("django.core.cache")


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value


TTL_LOST = Operator(
    key="C2",
    name="ttl-lost",
    summary="what is kept for a time is kept for ever",
    consequence="a price, a permission or a session that was right once is shown until somebody empties the cache by hand",
    noticed_by="a test that moves the clock or reads the time to live, and asserts that the entry ends",
    weight=3,
    seed=lose_expiry,
)
