"""Operator: two users share an entry of a cache."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.blocks import is_logging
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
    r"prefix|namespace|^_*[A-Z][A-Z0-9_]*$|\.[A-Z][A-Z0-9_]*$|__name__|self\.\w+_key$|__class__|environment|^settings\.|\bsep\b"
)
_CALLS = frozenset({"get", "set", "setex", "add", "delete", "get_or_set", "incr", "exists", "expire", "aget", "aset", "hget", "hset",
                    "getset", "setnx", "ttl", "sadd", "srem", "smembers", "zadd", "lpush", "rpush", "lrange"})  # fmt: skip

_SEPARATORS = ":-_/.|"
_QUOTES = "\"'"

_BOTH = frozenset({"*", "get_or_set", "incr", "decr", "hincrby", "lock"})
"""What reads and writes at once."""


def share_key(source: Source) -> Iterator[Rewrite]:
    """`f"{tenant}:{page}"` becomes `f"{page}"`, where it names an entry of a cache.

    All places of a file that spell the same key change together: a reader that looks where no writer writes finds
    nothing, and no user would see that.
    """
    same: dict[str, list[ast.JoinedStr]] = {}
    for text in source.nodes(ast.JoinedStr):
        if _uses(source, text):
            same.setdefault(ast.unparse(text), []).append(text)
    for texts in same.values():
        parts = _telling(texts[0])
        if len(parts) < 2 or not _is_read_and_written({use for text in texts for use in _uses(source, text)}):
            continue
        lost = next((part for part in parts if _OWNER.search(ast.unparse(part.value))), parts[0])
        spelled = [_without(source, text, lost) for text in texts]
        if all(spelled):
            yield Rewrite(
                node=texts[0],
                edits=tuple(
                    source.replaced(text, instead) for text, instead in zip(texts, spelled, strict=True)
                ),
                note=f"`{ast.unparse(lost.value)}` is not a part of the key",
                lines=tuple(text.lineno for text in texts),
            )


def _telling(text: ast.JoinedStr) -> list[ast.FormattedValue]:
    """What tells one entry from another: not the prefix that all have."""
    return [
        part
        for part in text.values
        if isinstance(part, ast.FormattedValue) and not _CONSTANT.search(ast.unparse(part.value))
    ]


def _uses(source: Source, text: ast.JoinedStr) -> set[str]:
    """What is done with an entry of that name; `*` where it may be anything, empty for a text that is no key."""
    match source.parent(text):
        case ast.Assign(targets=[ast.Attribute() as target]) if _KEY.search(last_name(target)):
            return {"*"}
        case ast.Assign(targets=[ast.Name(id=name)]) if _KEY.search(name):
            return _passed_to(source, text, name)
        case ast.Return():
            function = source.function(text)
            return {"*"} if function is not None and _MAKES_KEY.search(function.name) else set()
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[first, *_]):
            return {name} if first is text and name in _CALLS and is_cache(source, owner) else set()
        case ast.Subscript(value=owner, slice=index, ctx=context):
            return {type(context).__name__} if index is text and is_cache(source, owner) else set()
    return set()


def _passed_to(source: Source, text: ast.JoinedStr, name: str) -> set[str]:
    """What is called with a variable that holds the key, and what is subscripted with it."""
    found = set()
    for node in ast.walk(source.scope(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=called)) if _is_given(node, name):
                if called in _CALLS and is_cache(source, owner):
                    found.add(called)
                elif _KEY.search(name) and name != "key":
                    found.add("*")
            case ast.Call() if _is_given(node, name) and name != "key":
                found.add("*")
            case ast.Subscript(value=owner, slice=ast.Name(id=index), ctx=context):
                if index == name and is_cache(source, owner):
                    found.add(type(context).__name__)
    return found


def _is_given(call: ast.Call, name: str) -> bool:
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return any(isinstance(each, ast.Name) and each.id == name for each in given) and not is_logging(call)


def _is_read_and_written(uses: set[str]) -> bool:
    return len(uses) > 1 or bool(uses & _BOTH)


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
