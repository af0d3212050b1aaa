"""Operator: two users share an entry of a cache."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.caches import is_cache
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_KEY = re.compile(
    r"(?:cache|redis|lock|rate|limit|throttle|session)\w*_?key|key_?prefix|(?:^|_)ck$|^key$", re.IGNORECASE
)
_MAKES_KEY = re.compile(
    r"(?:cache|redis|limit|throttle)\w*_key|key_for|(?:make|build|get)_key|^_?key$", re.IGNORECASE
)
_OWNER = re.compile(
    r"tenant|user|owner|org|account|team|workspace|customer|member|principal|company|group|site|locale|lang|page|version",
    re.IGNORECASE,
)
_CONSTANT = re.compile(
    r"prefix|namespace|^[A-Z][A-Z0-9_]*$|\.[A-Z][A-Z0-9_]*$|__name__|__class__|environment|^settings\.|\bsep\b"
)
_CALLS = frozenset({"get", "set", "setex", "add", "delete", "get_or_set", "incr", "exists", "expire", "aget", "aset", "hget", "hset",
                    "getset", "setnx", "ttl", "sadd", "srem", "smembers", "zadd", "lpush", "rpush", "lrange"})  # fmt: skip

_SEPARATORS = ":-_/.|"
_QUOTES = "\"'"


def share_key(source: Source) -> Iterator[Rewrite]:
    """`f"{tenant}:{page}"` becomes `f"{page}"`, where it names an entry of a cache."""
    for text in source.nodes(ast.JoinedStr):
        parts = _telling(text)
        if len(parts) < 2 or not _is_key(source, text):
            continue
        lost = next((part for part in parts if _OWNER.search(ast.unparse(part.value))), parts[0])
        instead = _without(source, text, lost)
        if instead:
            yield Rewrite(
                node=text,
                edits=(source.replaced(text, instead),),
                note=f"`{ast.unparse(lost.value)}` is not a part of the key",
            )


def _telling(text: ast.JoinedStr) -> list[ast.FormattedValue]:
    """What tells one entry from another: not the prefix that all have."""
    return [
        part
        for part in text.values
        if isinstance(part, ast.FormattedValue) and not _CONSTANT.search(ast.unparse(part.value))
    ]


def _is_key(source: Source, text: ast.JoinedStr) -> bool:
    match source.parent(text):
        case ast.Assign(targets=[target]) if _KEY.search(last_name(target)):
            return _is_asked(source, text, last_name(target)) if last_name(target) == "key" else True
        case ast.Return():
            function = source.function(text)
            return function is not None and bool(_MAKES_KEY.search(function.name))
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[first, *_]):
            return first is text and name in _CALLS and is_cache(source, owner)
        case ast.Subscript(value=owner, slice=index):
            return index is text and is_cache(source, owner)
    return False


def _is_asked(source: Source, text: ast.JoinedStr, name: str) -> bool:
    """Whether a cache is asked for a variable that is only called `key`."""
    function = source.function(text)
    return function is not None and any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and is_cache(source, node.func.value)
        and any(isinstance(each, ast.Name) and each.id == name for each in node.args)
        for node in ast.walk(function)
    )


def _without(source: Source, text: ast.JoinedStr, lost: ast.FormattedValue) -> str:
    """The text without a value, and without a separator that would stand twice."""
    written = source.code(text)
    field = "{" + ast.unparse(lost.value) + "}"
    if written.count(field) != 1:
        return ""
    before, _, after = written.partition(field)
    if after[0] in _SEPARATORS and before[-1] in _SEPARATORS + _QUOTES:
        after = after[1:]
    elif before[-1] in _SEPARATORS and after[0] in _QUOTES:
        before = before[:-1]
    return before + after


KEY_COLLISION = Operator(
    key="C3",
    name="key-collision",
    summary="one of the values that make a key unique is not a part of it",
    consequence="users are shown what belongs to somebody else, or to another page, language or version",
    noticed_by="a test that asks as two users, or for two pages, one after the other, and asserts that the answers differ",
    weight=5,
    seed=share_key,
    first_rank=True,
)
