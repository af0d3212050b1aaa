"""Where code says how many rows it reads: `.limit(number)`, `Paginator(found, number)`, `Order.objects.all()[:number]`."""

from collections.abc import Iterator
from typing import Final

from greenroom.detect.search import mentioning, mentions, whole, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_SINKS: Final = {"limit": 0, "Paginator": 1, "islice": 1, "fetchmany": 0, "to_list": 0}
"""By name the place of the number of rows."""
_NAMES: Final = words(*_SINKS)
_MANAGERS: Final = words(".objects.", "get_queryset")
_SLICES: Final = whole(facts.SLICE)


def rows_read(project: Project) -> Iterator[tuple[Scope, Call, Expression]]:
    """The call that reads them, in which function, and what says how many."""
    production = project.production()
    for scope in mentioning(production, _NAMES):
        for call in scope.body.calls:
            number = _number(call)
            if number is not None and not _pages_of_list(project, scope, call):
                yield scope, call, number
    for scope in mentioning(production, _SLICES):
        if mentions(scope, _MANAGERS):
            yield from ((scope, call, number) for call, number in _sliced(scope))


def calls_before(scope: Scope, callee: Expression) -> Iterator[Call]:
    """The calls that a chain consists of, the last one left out, also where it was built up under a name."""
    return _before(scope, callee, frozenset())


def _number(call: Call) -> Expression | None:
    last = facts.last_name(call.callee)
    if last not in _SINKS or (last == "limit" and isinstance(call.callee, str) and "." not in call.callee):
        return None
    at = _SINKS[last]
    if len(call.arguments) > at:
        return call.arguments[at]
    return call.keyword("length" if last == "to_list" else "per_page")


def _pages_of_list(project: Project, scope: Scope, call: Call) -> bool:
    """`Paginator(found, size)` where `found = []` was filled before: all of it has been read, whatever the size."""
    name = call.arguments[0] if facts.last_name(call.callee) == "Paginator" and call.arguments else None
    bound = project.inference.bindings(scope).get(name, ()) if isinstance(name, str) else ()
    return any(
        type(part.source) is tuple and part.source[0] in (facts.SEQUENCE, facts.COMPREHENSION)
        for part in bound
        if part.how == "value"
    )


def _sliced(scope: Scope) -> Iterator[tuple[Call, Expression]]:
    """The query of Django's of which a slice is taken, up to what."""
    calls = scope.body.calls
    for expression in expressions(scope.body):
        for part in facts.walk(expression):
            upper = _upper(part)
            if upper is None:
                continue
            made = part[1] if type(part[1]) is int else _assigned(scope, part[1])
            if type(made) is int and _is_query(scope, calls[made]):
                yield calls[made], upper


def _upper(part: Expression) -> Expression | None:
    """`number` of `found[:number]`; a slice that begins further down has another size."""
    if type(part) is tuple and part[0] == facts.ITEM and type(part[2]) is tuple and part[2][0] == facts.SLICE:
        lower, upper, _ = part[2][1]
        return upper if lower is None or facts.constant(lower) == 0 else None
    return None


def _assigned(scope: Scope, name: Expression) -> Expression | None:
    """What was put last under a name."""
    found = [part.value for part in scope.body.statements if part.kind == "assign" and name in part.target]
    return found[-1] if found and isinstance(name, str) else None


def _is_query(scope: Scope, call: Call) -> bool:
    """`Order.objects.filter(…)`, `self.get_queryset().order_by(…)`."""
    return any(
        ".objects." in part.callee or facts.last_name(part.callee) == "get_queryset"
        for part in (call, *calls_before(scope, call.callee))
        if isinstance(part.callee, str)
    )


def _before(scope: Scope, callee: Expression, seen: frozenset[str]) -> Iterator[Call]:
    inner = callee[1] if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE else callee
    if type(inner) is int:
        yield scope.body.calls[inner]
        yield from _before(scope, scope.body.calls[inner].callee, seen)
    name = inner.partition(".")[0] if isinstance(inner, str) else ""
    if name and name not in seen:
        for part in scope.body.statements:
            if part.kind == "assign" and name in part.target and type(part.value) is int:
                yield scope.body.calls[part.value]
                yield from _before(scope, scope.body.calls[part.value].callee, seen | {name})
