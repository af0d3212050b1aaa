"""How many rows are read is what the client says."""

from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.security.by_method import label_at
from greenroom.catalogue.security.incoming import Incoming, Reader
from greenroom.catalogue.security.rows_read import calls_before, rows_read
from greenroom.catalogue.security.turned_away import TurnedAway
from greenroom.detect.ascent import hop
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_TABLES_BY_NAME: Final = ("table", "from_")
_REST_STORES: Final = frozenset({"supabase", "postgrest", "supabase_py_async"})


def find_unbounded_pages(project: Project, reader: Reader, away: TurnedAway) -> Iterator[Sighting]:
    """Every `.limit(limit)` whose number comes from a request and is held against nothing."""
    for scope, call, given in rows_read(project):
        labels = {
            part: label
            for part in _sources(reader, scope, given)
            if not away.is_looked_at(part) and (label := label_at(project, part, (scope, call)))
        }
        found = list(labels)
        sure = [part for part in found if away.is_wrapped(part.handler) is not None]
        if found:
            is_sure = bool(sure) and not _is_cut_by_the_server(project, scope, call)
            first = (sure or found)[0]
            yield _sighting(project, (scope, call), sure or found, labels[first], is_sure=is_sure)


def _is_cut_by_the_server(project: Project, scope: Scope, call: Call) -> bool:
    """`client.table("orders").select("*").limit(limit)`: through PostgREST, which Supabase lets give a thousand rows at most."""
    return any(
        facts.last_name(part.callee) in _TABLES_BY_NAME
        and len(part.arguments) == 1
        and "." in str(part.callee)
        for part in calls_before(scope, call.callee)
    ) and any(
        part.module.partition(".")[0] in _REST_STORES
        for module in project.production()
        for part in module.imports
    )


def _sources(reader: Reader, scope: Scope, given: Expression) -> list[Incoming]:
    """`limit` as it came: declared as `int`, or converted by hand."""
    return list(reader.incoming(scope, given, "int"))


def _sighting(
    project: Project, place: tuple[Scope, Call], found: list[Incoming], label: str, *, is_sure: bool
) -> Sighting:
    (scope, call), first = place, found[0]
    handlers = list(dict.fromkeys(part.handler for part in found))
    others = (
        f" and {len(handlers) - 1} more routes"
        if len(handlers) > 2
        else " and one more route"
        if len(handlers) == 2
        else ""
    )
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"`{first.spelled}` of {label}{others} is how many rows are read, and has no upper bound",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE if is_sure else Confidence.POSSIBLE,
        consequence="one request reads a whole table into the memory of the server, or is an internal error where the number is negative",
        remedy="declare the bounds, such as `Query(50, ge=1, le=200)`, or take the smaller of it and a fixed number",
        chain=tuple(
            hop(edge) for caller, number in first.calls for edge in project.graph.edges(caller)
            if edge.call == number and edge.target is not None
        ),
        sites=tuple(Place(path=part.path, line=part.line, symbol=part.qualname) for part in handlers),
        subject=facts.last_name(call.callee),
        cause=f"{scope.path}:rows",
        reach=Reach.ROUTE,
    )  # fmt: skip
