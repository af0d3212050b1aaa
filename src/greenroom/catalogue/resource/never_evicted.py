"""Operator: what is done with, or out of date, stays where it is kept."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.caches import is_cache, is_kept
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_TAKES_OUT = frozenset({"pop", "discard", "popitem"})
_EMPTIES = frozenset({"clear", "delete", "delete_many", "delete_pattern", "delete_match", "delete_memoized", "evict", "expire_tag",
                      "remove", "unlink", "adelete", "aclear", "delete_prefix", "delete_tags", "flushdb", "incr_version"})  # fmt: skip
_SAYS_SO = re.compile(
    r"(?:invalidate|clear|flush|purge|evict|bust|expire|reset|drop|delete|remove)\w*_caches?(?:_|$)|"
    r"caches?_(?:invalidate|clear|flush|purge|evict|bust|delete|reset)|^invalidate(?:_|$)",
    re.IGNORECASE,
)


def never_evict(source: Source) -> Iterator[Rewrite]:
    """`cache.delete(key)`, `self.open.pop(name)` and `invalidate_cache()` become `pass`."""
    for statement, call in call_statements(source):
        if source.function(statement) is not None and _evicts(source, call):
            yield _without(source, statement, f"`{source.code(call.func)}` is not called")
    for gone in source.nodes(ast.Delete):
        match gone.targets:
            case [ast.Subscript(value=owner)] if source.function(gone) is not None:
                if is_cache(source, owner) or is_kept(source, owner):
                    yield _without(source, gone, f"nothing is taken out of `{source.code(owner)}`")


def _without(source: Source, statement: ast.stmt, note: str) -> Rewrite:
    return Rewrite(node=statement, edits=(source.replaced(statement, "pass"),), note=note)


def _evicts(source: Source, call: ast.Call) -> bool:
    name = last_name(call.func)
    if _SAYS_SO.search(name):
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    if name in _TAKES_OUT or name == "clear":
        return is_cache(source, owner) or is_kept(source, owner)
    return name in _EMPTIES and is_cache(source, owner)


NEVER_EVICT = Operator(
    key="C1",
    name="never-evict",
    summary="what is done with or out of date is not taken out of where it is kept",
    consequence="users see what was changed long ago, or what belonged to somebody who has left, and memory grows",
    noticed_by="a test that changes or ends something, and asserts what is read afterwards, or that nothing of it is left",
    weight=4,
    seed=never_evict,
    first_rank=True,
)
