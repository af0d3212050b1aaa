"""What an assignment holds: lists, dictionaries, sets, queues, and what calls give."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Module, Scope

_LISTS = frozenset({"list", "deque"})
_SETS = frozenset({"set"})
_MAPS = frozenset({"dict", "OrderedDict", "defaultdict", "Counter"})
_BOUNDED = frozenset({"LRUCache", "LFUCache", "TTLCache", "TLRUCache", "FIFOCache", "RRCache"})
_CONTAINERS = (facts.MAPPING, facts.SEQUENCE)
_QUEUES = frozenset({"Queue", "LifoQueue", "PriorityQueue", "SimpleQueue"})


class Assigned(NamedTuple):
    """A plain assignment."""

    name: str
    value: Expression
    line: int


class Held(NamedTuple):
    """What a module or a class holds under a plain name, where it can grow or a call gave it."""

    name: str
    line: int
    kind: str
    """As `growable` says."""
    own: bool
    call: Expression
    """None where no call gave it."""


def held_in(scope: Scope) -> list[Held]:
    """Of a module or a class, in source order."""
    body = scope.body
    found = []
    for part in assigned(body):
        if "." not in part.name:
            kind = growable(part.value, body)
            call = part.value if isinstance(awaited(part.value), int) else None
            if kind or call is not None:
                found.append(
                    Held(part.name, part.line, kind, bool(kind) and holds_own(part.value, scope), call)
                )
    return found


def held_by_scope(module: Module) -> dict[int, list[tuple[Any, ...]]]:
    """What its classes and itself hold, as plain `Held` by index of the scope; a reader, see `Module.reading`."""
    held = {
        scope.index: [tuple(part) for part in held_in(scope)]
        for scope in module.scopes
        if scope.kind in ("module", "class")
    }
    return {index: parts for index, parts in held.items() if parts}


def may_grow(expression: Expression) -> bool:
    """Whether `growable` may say so: tells most constants apart without the body that they stand in."""
    return type(expression) is int or (type(expression) is tuple and expression[0] in _CONTAINERS)


def growable(expression: Expression, body: Body) -> str:
    """The kind of container that an expression makes, if nothing bounds it."""
    if isinstance(expression, tuple):
        if expression[0] == facts.MAPPING:
            return "dict"
        if expression[0] == facts.SEQUENCE and expression[1] in ("list", "set"):
            return str(expression[1])
        return ""
    if isinstance(expression, int) and isinstance(body.calls[expression].callee, str):
        return _made(body.calls[expression])
    return ""


def holds_own(expression: Expression, scope: Scope) -> bool:
    """Whether what it makes for a new key is the project's own, or has a bound: `defaultdict(lambda: deque(maxlen=50))`."""
    body = scope.body
    if not isinstance(expression, int) or not body.calls[expression].arguments:
        return False
    call = body.calls[expression]
    factory = call.arguments[0]
    if not isinstance(call.callee, str) or call.callee.rsplit(".", 1)[-1] != "defaultdict":
        return False
    if isinstance(factory, tuple) and factory[0] == facts.LAMBDA:
        return any(map(is_bounded, scope.module.scopes[factory[1]].body.calls))
    if type(factory) is int:  # `partial(deque, maxlen=50)`
        return body.calls[factory].keyword("maxlen") is not None
    plain = {"int", "str", "float", "bool", *_LISTS, *_SETS, *_MAPS}
    return isinstance(factory, str) and factory.rsplit(".", 1)[-1] not in plain


def is_bounded(call: Call) -> bool:
    """`deque(maxlen=50)`, `Queue(maxsize=10)`: it makes a container that has a bound."""
    last = facts.last_name(call.callee)
    return last in _BOUNDED or (
        last in {"deque", *_QUEUES} and isinstance(call.callee, str) and not _made(call)
    )


def _made(call: Call) -> str:
    last = call.callee.rsplit(".", 1)[-1]
    if last in _QUEUES:
        size = call.keyword("maxsize") or (call.arguments[0] if call.arguments else None)
        return "queue" if size is None or facts.constant(size) == 0 else ""
    if last == "deque":
        limit = call.keyword("maxlen") or (call.arguments[1] if len(call.arguments) > 1 else None)
        return "list" if limit is None or facts.is_none(limit) else ""
    if last in ("defaultdict", "Counter"):
        return "defaultdict"
    if last in _MAPS:
        return "dict"
    if last in _LISTS | _SETS:
        return "set" if last in _SETS else "list"
    return ""


def assigned(body: Body) -> Iterator[Assigned]:
    """Names, values and lines of plain assignments."""
    for part in body.statements:
        if part.kind == "assign":
            for target in part.target:
                if isinstance(target, str):
                    yield Assigned(target, part.value, part.line)
        elif part.kind == "annotate" and part.value is not None and isinstance(part.target, str):
            yield Assigned(part.target, part.value, part.line)


def awaited(expression: Expression) -> Expression:
    """Without the `await` around it."""
    return expression[1] if isinstance(expression, tuple) and expression[0] == facts.AWAIT else expression
