"""A name that the client chooses becomes an attribute or a column, without a list of those that it may choose."""

from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.security.by_method import label_at
from greenroom.catalogue.security.incoming import Incoming, Reader
from greenroom.catalogue.security.turned_away import TurnedAway
from greenroom.detect.ascent import hop
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_ATTRIBUTE: Final = ("AttributeError", "Exception", "BaseException")
_FIELD: Final = ("FieldError", "Exception", "BaseException")
_WITHOUT_DEFAULT: Final = 2


def find_chosen_names(project: Project, reader: Reader, away: TurnedAway) -> Iterator[Sighting]:
    """Every `getattr(Order, sort)` and, in Django, `order_by(sort)` whose name is the client's."""
    for scope in mentioning(project.production(), words("getattr", "order_by")):
        for call in scope.body.calls:
            name, failures = _chosen(call)
            if name is None:
                continue
            for found in reader.incoming(scope, name):
                if call.callee != "getattr" and not _is_django(reader, found.handler):
                    continue
                if away.is_looked_at(found) or away.is_caught(found, scope, call.block, failures):
                    continue
                wrapped = away.is_wrapped(found.handler)
                label = label_at(project, found, (scope, call))
                if label and wrapped is not True and not away.is_answered(failures[0]):
                    yield _sighting(project, (scope, call), found, label, is_sure=wrapped is False)
                    break


def _chosen(call: Call) -> tuple[Expression | None, tuple[str, ...]]:
    """The name that a call takes an attribute or a column by, and what it raises where there is none."""
    if call.callee == "getattr" and len(call.arguments) == _WITHOUT_DEFAULT:
        return call.arguments[1], _ATTRIBUTE
    if facts.last_name(call.callee) == "order_by" and len(call.arguments) == 1:
        return _without_sign(call.arguments[0]), _FIELD
    return None, ()


def _without_sign(given: Expression) -> Expression:
    """`f"-{sort}"` and `"-" + sort` are sorted by `sort`."""
    if type(given) is tuple and given[0] in (facts.TEXT, facts.OPERATION):
        parts = [
            part
            for part in (given[1] if given[0] == facts.TEXT else given[2])
            if facts.constant(part) is None
        ]
        return parts[-1] if parts and len(parts) <= 2 else None
    return given


def _is_django(reader: Reader, handler: Scope) -> bool:
    return any(route.framework == "django" for route in reader.routes(handler)) or (
        handler.owner is not None
        and any(
            route.framework == "django" for child in handler.owner.children for route in reader.routes(child)
        )
    )


def _sighting(
    project: Project, place: tuple[Scope, Call], found: Incoming, label: str, *, is_sure: bool
) -> Sighting:
    scope, call = place
    spelled = facts.spell(call.callee, scope.body.calls).rpartition(".")[2]
    what = "an attribute" if spelled == "getattr" else "a column"
    of = facts.spell(call.arguments[0], scope.body.calls) if spelled == "getattr" else ""
    chain = tuple(
        hop(edge)
        for caller, number in found.calls
        for edge in project.graph.edges(caller)
        if edge.call == number and edge.target is not None
    )
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"`{found.spelled}` of {label} is taken for {what}{f' of `{of}`' if of else ''}, whatever it says",
        severity=Severity.MEDIUM,
        confidence=Confidence.DEFINITE if is_sure else Confidence.POSSIBLE,
        consequence="a name that does not exist is an internal error, and one that was never meant to be asked for is used",
        remedy="name those that may be chosen, as an enumeration or a mapping, and answer 422 to all others",
        chain=chain,
        subject=f"{spelled}:{of}",
        reach=Reach.ROUTE,
    )
