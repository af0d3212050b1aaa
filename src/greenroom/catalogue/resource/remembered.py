"""Functions that remember every answer they ever gave: `@cache`, `lru_cache(maxsize=None)`."""

from collections.abc import Iterator

from greenroom.catalogue.resource.keys import Domain, domain
from greenroom.catalogue.resource.recycled import Recycled
from greenroom.catalogue.resource.run_once import is_run_once
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.calls.classes import decorator_name
from greenroom.project.code import facts
from greenroom.project.code.facts import Body
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_AGAIN_AND_AGAIN = (Reach.ROUTE, Reach.SOCKET, Reach.TASK, Reach.WORKER)


def remembered(project: Project, recycled: Recycled) -> Iterator[Sighting]:
    """Those whose parameters requests bring along."""
    for module in project.production():
        for scope in module.scopes:
            if scope.kind == "function" and scope.decorators and _endless(scope):
                sighting = _judge(project, scope, recycled)
                if sighting is not None:
                    yield sighting


def _endless(scope: Scope) -> int:
    """The line of `functools.cache`, or of an `lru_cache` that is told to have no limit; 0 where there is none."""
    for number, decorator in enumerate(scope.decorators):
        name = decorator_name(scope, decorator)
        if not name.endswith("cache"):
            continue
        line = _line(scope, number)
        imported = {part.alias: part.module for part in scope.module.imports}
        head = name.split(".", 1)[0]
        if imported.get(head, "").split(".", 1)[0] != "functools":
            continue
        if name.rsplit(".", 1)[-1] == "cache":
            return line
        if name.rsplit(".", 1)[-1] == "lru_cache" and isinstance(decorator, int) and scope.parent is not None:
            call = scope.parent.body.calls[decorator]
            given = (*call.arguments[:1], *([size] if (size := call.keyword("maxsize")) is not None else []))
            if any(facts.is_none(part) for part in given):
                return line
    return 0


def _line(scope: Scope, number: int) -> int:
    """Of a decorator: those that are not called stand on a line each, above what follows."""
    below = scope.line
    for decorator in reversed(scope.decorators[number:]):
        called = isinstance(decorator, int) and scope.parent is not None
        below = scope.parent.body.calls[decorator].line if called and scope.parent is not None else below - 1
    return below


def _judge(project: Project, scope: Scope, recycled: Recycled) -> Sighting | None:
    parameters = scope.parameters[1 if scope.owner is not None else 0 :]
    domains = [domain(project, scope, part.name) for part in parameters]
    widest = max(domains, default=Domain.ONE)
    if widest <= Domain.FEW:
        return None
    sure = runs_again(project, scope) and widest is Domain.ENDLESS and not recycled.ends(scope)
    keeps = ", and with them the objects it is called on" if scope.owner is not None else ""
    name = parameters[domains.index(widest)].name
    return Sighting(
        place=Place(path=scope.path, line=_endless(scope), symbol=scope.qualname),
        message=f"`{scope.qualname}` remembers its answer for every `{name}` it is ever given{keeps}: "
        "its cache has no limit",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
        subject=scope.qualname,
        reach=project.entries.reach(scope),
        remedy="give the cache a `maxsize`",
    )


def runs_again(project: Project, scope: Scope) -> bool:
    """Whether what users or the clock do leads here again and again."""
    reach = project.entries.reach(scope)
    if reach in _AGAIN_AND_AGAIN:
        return reach is not Reach.TASK or not is_run_once(project, scope)
    # A worker that is started with the application: somewhere on the way it goes round, and not only through a list.
    return reach is Reach.LIFESPAN and any(
        edge.call >= 0
        and any(
            block.kind != "for"
            for _, block in Flow(edge.caller.body).loops(edge.caller.body.calls[edge.call].block)
        )
        for edge in project.entries.path(scope)
        if edge.caller is not (project.entries.path(scope)[0].caller)
    )


def words_of(body: Body) -> Iterator[str]:
    """Last parts of the names that a body reads or calls."""
    for call in body.calls:
        for part in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
            yield from _last(part)
    for statement in body.statements:
        if statement.value is not None:
            yield from _last(statement.value)


def _last(expression: object) -> Iterator[str]:
    for part in facts.walk(expression):
        if isinstance(part, str):
            yield part.rsplit(".", 1)[-1]
        elif isinstance(part, tuple) and part[0] == facts.ATTRIBUTE:
            yield part[2]
        elif isinstance(part, tuple) and part[0] == facts.CONSTANT and isinstance(part[1], str):
            yield part[1]
