"""STA005: a health check that says well whatever is down."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from greenroom.catalogue.startup.health_commands import HealthCommand, find_commands
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code import facts
from greenroom.project.code.facts import CONSTANT, MAPPING, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project
from greenroom.project.startup.sequence import find_sequences

_HEALTH: Final = re.compile(
    r"(?:^|[/_-])(?:health(?:z|[_-]?check)?|ready|readyz|readiness|live|livez|liveness|status|ping|heartbeat)/?$"
)
_READY: Final = re.compile(r"(?:^|[/_-])(?:ready|readyz|readiness)/?$")
_PARTS: Final = re.compile(
    r"^(?:database|db|postgres(?:ql)?|mysql|mongo(?:db)?|redis|cache|queue|broker|celery|storage|s3|minio|search|"
    r"elasticsearch|vector_?(?:store|db)|qdrant|llm|model|models|ollama|openai|dependencies|kafka|rabbitmq|embeddings?)"
    r"(?:_(?:status|health|state|connection|connected|ok|ready))?$",
    re.IGNORECASE,
)
_WELL: Final = frozenset(
    {
        "ok",
        "up",
        "healthy",
        "connected",
        "ready",
        "available",
        "operational",
        "running",
        "online",
        "true",
        "active",
    }
)
_STORES: Final = {"database", "cache", "broker", "queue", "vector-store", "search", "object-store", "llm"}
_DEEPEST: Final = 5
_BY_ORDER: Final = {"asgi", "django", "flask"}
"""Frameworks where the first of two routes with the same path answers."""


def detect_lying_health_checks(project: Project) -> Iterator[Sighting]:
    """Routes that claim what they did not ask, and commands of containers that cannot fail."""
    commands = list(find_commands(project.configuration))
    for command in commands:
        if command.fault:
            yield _of_command(command)
    folders = _served(project)
    routes = [
        (route, scope)
        for route in project.routes
        if _HEALTH.search(route.path)
        and not _is_shadowed(project, route)
        and (scope := _handler(project, route))
    ]
    asking = {route for route, scope in routes if _asks(project, scope)}
    for route, scope in routes:
        if route not in asking:
            near = [part for part in commands if _is_below(route.file, folders.get(part.image, ()))]
            others = any(
                _is_below(other.file, folders.get(part.image, ())) for part in near for other in asking
            )
            unused = _is_of_unused_factory(project, scope)
            for found in _of_route(project, route, scope, near, others_ask=others):
                yield replace(found, confidence=Confidence.POSSIBLE) if unused else found


def _is_shadowed(project: Project, route: Route) -> bool:
    """Whether another route of its application takes its requests before it: nobody is ever told what it says."""
    return any(
        (first.method, first.path, first.application) == (route.method, route.path, route.application)
        and first.symbol != route.symbol
        and route.framework in _BY_ORDER
        and first.certain
        and first.is_before(route)
        for first in project.routes
    )


def _is_of_unused_factory(project: Project, handler: Scope) -> bool:
    """Whether a function that nobody calls registers it, while its module serves what another one made."""
    factory = handler.parent
    if factory is None or factory.kind != "function" or project.graph.callers(factory):
        return False
    made = (edge.target for edge in project.graph.edges(handler.module.top) if edge.how == "call")
    return any(target is not None and target.module is handler.module for target in made)


def _served(project: Project) -> dict[str, tuple[str, ...]]:
    """By Dockerfile: the folders of the modules that it starts."""
    found: dict[str, list[str]] = defaultdict(list)
    for process in project.processes:
        compose = project.configuration.compose.get(process.path)
        service = compose.services.get(process.service) if compose is not None else None
        if process.module is not None:
            found[service.dockerfile if service is not None else process.path].append(process.module.folder)
    return {path: tuple(folders[:1]) for path, folders in found.items()}


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(not folder or path.startswith(f"{folder}/") for folder in folders)


def _handler(project: Project, route: Route) -> Scope | None:
    module = project.modules.get(route.file)
    found = [scope for scope in module.scopes if scope.qualname == route.symbol] if module is not None else []
    return next((scope for scope in found if scope.is_function), None)


def _asks(project: Project, handler: Scope) -> bool:
    """Whether it crosses to something, or calls what nobody here can look into."""
    seen, level = {handler}, [handler]
    for _ in range(_DEEPEST):
        following: list[Scope] = []
        for scope in level:
            for edge in project.graph.edges(scope):
                if edge.effect is not None and edge.effect.is_remote:
                    return True
                if edge.target is not None and edge.target not in seen:
                    seen.add(edge.target)
                    following.append(edge.target)
        level = following
    return False


def _of_route(
    project: Project, route: Route, scope: Scope, commands: list[HealthCommand], *, others_ask: bool
) -> Iterator[Sighting]:
    claimed = _claimed(scope)
    if claimed and not _looks_somewhere(scope):
        told = ", ".join(f"`{name}`" for name in claimed)
        yield _sighting(
            scope,
            f"`{route.path}` says that {told} {'are' if len(claimed) > 1 else 'is'} well, and asks nobody",
            Confidence.DEFINITE,
        )
        return
    if not _is_constant(scope) or not _needs_stores(project, scope):
        return
    if _READY.search(route.path):
        yield _sighting(
            scope,
            f"`{route.path}` says that the application is ready, and asks none of what it needs",
            Confidence.PROBABLE,
        )
        return
    waiting = [part for part in commands if part.path_asked == route.path and part.waited_for]
    if waiting:
        asked = others_ask and not _asks_at_start(project, scope)
        sure = Confidence.PROBABLE if asked else Confidence.POSSIBLE
        yield _sighting(
            scope, f"others are started once `{route.path}` answers, and it asks none of what the application needs", sure,
            sites=tuple(Place(path=part.path, line=part.line) for part in waiting),
        )  # fmt: skip


def _asks_at_start(project: Project, handler: Scope) -> bool:
    """Whether its application has reached a store before the first answer: who waits for that answer waits for the store."""
    own = _application(handler.module)
    return any(
        part.needs & _STORES and _application(part.handler.module) == own for part in find_sequences(project)
    )


def _claimed(scope: Scope) -> list[str]:
    """Parts of the system that the answer calls well by a literal."""
    found: list[str] = []
    for part in scope.body.statements:
        if part.kind != "return":
            continue
        values = [part.value, *(scope.body.calls[part.value].arguments if type(part.value) is int else ()),
                  *(value for _, value in (scope.body.calls[part.value].keywords if type(part.value) is int else ()))]  # fmt: skip
        for value in values:
            found.extend(name for each in facts.walk(value) for name in _well(each))
        for name, value in scope.body.calls[part.value].keywords if type(part.value) is int else ():
            if name is not None and _PARTS.match(name) and _says_well(value):
                found.append(name)  # `jsonify(status="ok", database="connected")`
    return list(dict.fromkeys(found))


def _well(expression: Expression) -> Iterator[str]:
    if type(expression) is tuple and expression[0] == MAPPING:
        for key, value in zip(expression[1], expression[2], strict=True):
            name = facts.constant(key)
            if isinstance(name, str) and _PARTS.match(name) and _says_well(value):
                yield name


def _says_well(value: Expression) -> bool:
    if type(value) is tuple and value[0] == CONSTANT:
        return str(value[1]).strip().lower() in _WELL
    if type(value) is tuple and value[0] == MAPPING:
        return any(
            facts.constant(key) == "status" and _says_well(part)
            for key, part in zip(value[1], value[2], strict=True)
        )
    return False


def _looks_somewhere(scope: Scope) -> bool:
    """Whether something before the answer may have raised: a call or a check that is not understood."""
    return (
        any(part.kind in ("if", "try", "with", "async-with", "for") for part in scope.body.blocks)
        or any(facts.last_name(call.callee) not in _HARMLESS for call in scope.body.calls)
        or any(
            parameter.default is not None and type(parameter.default) is int for parameter in scope.parameters
        )
    )


_HARMLESS: Final = {"JSONResponse", "jsonify", "Response", "JsonResponse", "dict", "time", "now", "utcnow", "isoformat", "info", "debug",
                    "HttpResponse", "json_response", "str", "round", "get_version", "version", "ORJSONResponse", "PlainTextResponse"}  # fmt: skip


def _is_constant(scope: Scope) -> bool:
    return bool(scope.body.statements) and not _looks_somewhere(scope)


def _needs_stores(project: Project, scope: Scope) -> bool:
    """Whether its application opens some store: others of the repository may, and this one not."""
    own = _application(scope.module)
    modules = project.modules
    return any(
        _application(modules[site.path]) == own
        for point in project.integration_points
        if point.kind in _STORES
        for site in point.sites
        if site.path in modules
    )


def _application(module: Module) -> str:
    """The package at its root; of a file that is in none, its folder."""
    package = module.name.split(".", 1)[0] if "." in module.name else ""
    return f"{module.folder.partition(package)[0]}{package}" if package else module.folder


def _sighting(scope: Scope, message: str, confidence: Confidence, sites: tuple[Place, ...] = ()) -> Sighting:
    return Sighting(
        place=Place(path=scope.path, line=scope.line, symbol=scope.qualname),
        message=message,
        severity=Severity.MEDIUM,
        confidence=confidence,
        sites=sites,
        subject=scope.qualname,
        reach=Reach.ROUTE,
    )


def _of_command(command: HealthCommand) -> Sighting:
    return Sighting(
        place=Place(path=command.path, line=command.line),
        message=f"the health check of {command.owner} {command.fault}",
        severity=Severity.MEDIUM,
        confidence=command.confidence,
        consequence="the container counts as healthy while its application answers errors, and nobody restarts it",
        remedy=command.remedy,
        subject=command.owner,
        cause=f"{command.owner}:{command.fault}",
    )


MODE = FailureMode(
    code="STA005",
    name="health-check-lies",
    family=Family.STARTUP,
    summary="a health check that says well, whatever is down",
    consequence="traffic goes on to an instance that can answer nothing",
    remedy="let the readiness route ask what the application needs, with a time limit, and answer 503 where it is missing",
    source="Kubernetes documentation, Liveness, Readiness and Startup Probes; curl documentation, --fail",
    detector=detect_lying_health_checks,
    needs_deployment=True,
    surest=Confidence.PROBABLE,  # of eight definite ones in thirteen rounds two were true
)
