"""How a test comes to a place: the route that leads there, its application, and a request that the tests make already."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRequest:
    """A request of the suite, all of whose arguments are written out."""

    test_file: str
    receiver: str
    """The name of the client that makes it."""
    is_awaited: bool
    path: str
    arguments: dict[str, object]
    """By name: `json`, `headers` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """A route, and who has gone there."""

    route: Route
    known: KnownRequest | None = None


def find_way_in(project: Project, place: Place) -> WayIn | None:
    """The route that leads to a place; None where no route does."""
    routes = list(_routes_to(project, place))
    if not routes:
        return None
    with_requests = [(route, next(_known_requests(project, route), None)) for route in routes]
    route, known = next((each for each in with_requests if each[1] is not None), with_requests[0])
    return WayIn(route=route, known=known)


def scope_at(project: Project, place: Place) -> Scope | None:
    """The function, class or module in which a place stands."""
    module = project.modules.get(place.path)
    if module is None:
        return None
    named = [scope for scope in module.scopes if place.symbol and scope.qualname == place.symbol]
    around = [scope for scope in module.scopes if scope.line <= place.line <= scope.end_line]
    return next(iter(named), max(around, key=lambda scope: scope.line, default=module.top))


def _routes_to(project: Project, place: Place) -> Iterator[Route]:
    """Its own, those that are registered there, and those whose handlers lead there; of handlers that take its class, too."""
    scope = scope_at(project, place)
    if scope is None or place.path not in project.modules:
        return
    served = [route for route in project.routes if route.method != "WEBSOCKET"]
    above: Scope | None = scope
    while above is not None:
        yield from (route for route in served if (route.file, route.symbol) == (above.path, above.qualname))
        above = above.parent if above.parent is not None and above.qualname else None
    yield from (
        route
        for route in served
        if any(code.partition("#")[0] == place.path and line == place.line for code, line, _ in route.order)
    )
    entry = project.entries.entry(scope)
    if entry is not None:
        yield from (
            route
            for route in served
            if (route.file, route.symbol) == (entry.scope.path, entry.scope.qualname)
        )
    if scope.kind == "class":
        yield from (route for route in served if scope.name in _annotations(project, route))


def _annotations(project: Project, route: Route) -> set[str]:
    """Names in the annotations of a handler's parameters."""
    handlers = [
        node
        for node in ast.walk(tree_of(project, route.file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == route.symbol.rpartition(".")[2]
    ]
    return {
        name.id
        for handler in handlers
        for argument in (*handler.args.args, *handler.args.kwonlyargs)
        if argument.annotation is not None
        for name in ast.walk(argument.annotation)
        if isinstance(name, ast.Name)
    }


def _known_requests(project: Project, route: Route) -> Iterator[KnownRequest]:
    for request in project.requests.of(route):
        tree = tree_of(project, request.scope.path)
        awaited = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Await)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.lineno == request.line:
                found = _read(node, request.method, request.scope.path, is_awaited=id(node) in awaited)
                if found is not None:
                    yield found


def _read(call: ast.Call, method: str, test_file: str, *, is_awaited: bool) -> KnownRequest | None:
    """`client.post("/orders", json={"sku": "a"})`; None where anything in it is computed."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return None
    if function.attr != (method.lower() or function.attr) or len(call.args) not in (1, 2):
        return None
    try:
        path, *more = [ast.literal_eval(each) for each in call.args]
        named = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    except ValueError:
        return None
    if more:
        named = {"data": more[0], **named}
    if not isinstance(path, str) or "None" in named:
        return None
    return KnownRequest(
        test_file=test_file, receiver=function.value.id, is_awaited=is_awaited, path=path, arguments=named
    )


def tree_of(project: Project, path: str) -> ast.Module:
    """A file of the project; empty where it does not parse."""
    try:
        return ast.parse(project.inventory.read_text(path))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def application_of(project: Project, route: Route) -> tuple[Module, str, Scope | None] | None:
    """The module, the name in it, and its factory where it is one; None where nobody knows the application."""
    parts = route.application.split(".")
    by_name = {module.name: module for module in project.modules.values()}
    for cut in range(len(parts) - 1, 0, -1):
        module = by_name.get(".".join(parts[:cut]))
        if module is not None:
            name = parts[cut]
            factory = next(
                (each for each in module.top.children if each.kind == "function" and each.name == name), None
            )
            return module, name, factory
    return None
