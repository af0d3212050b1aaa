"""FastAPI and Starlette: routers, mounts, lists of routes, class-based endpoints."""

import re
from collections.abc import Iterable, Iterator

from greenroom.project.code.facts import Call, Expression, constant, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.dependencies import dependency_names
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made, Thing
from greenroom.project.web.wiring import HTTP_METHODS, Kind, Link, Mount, Node, Text, Wiring, hang, name_of

_FRAMEWORK = "asgi"
_SOCKET = ("WEBSOCKET",)
_LISTS = ("append", "extend", "insert")
_OTHERS = frozenset({"flask", "quart", "sanic", "aiohttp", "ninja", "litestar", "falcon", "bottle"})
_FACTORY = re.compile(
    r"(?:create|make|build|get|new|init|setup)_(?:\w+_)?(?:app|api|application|router|fastapi)$"
)
_LISTED = ("Route", "APIRoute", "WebSocketRoute", "APIWebSocketRoute", "Mount", "Host")


def _heirs(modules: Iterable[Module]) -> Iterator[str]:
    """The names of the project's own kinds of `Starlette`."""
    for module in modules:
        for scope in module.scopes:
            if scope.kind == "class" and any(last_name(base) == "Starlette" for base in scope.facts.bases):
                yield scope.name


class Asgi:
    """Reads what is hung on applications and routers of Starlette and all that is built on it."""

    names = frozenset({
        "api_route", "route", "websocket", "websocket_route", "add_api_route", "add_api_websocket_route",
        "add_route", "add_websocket_route", "include_router", "mount", "host", *(f"routes.{name}" for name in _LISTS),
    })  # fmt: skip
    verbs = frozenset(HTTP_METHODS)
    roots = frozenset(
        {"fastapi", "starlette", "nicegui", "fastapi_utils", "fastapi_restful", "classy_fastapi"}
    )

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._made_with_routes = frozenset({"Starlette", *_heirs(wiring.modules)})
        self.names = self.names | self._made_with_routes
        application = Kind(framework=_FRAMEWORK, is_application=True)
        router = Kind(framework=_FRAMEWORK, prefix=(-1, "prefix"))
        wiring.know((), FastAPI=application, Starlette=application)
        wiring.know((), APIRouter=router, InferringRouter=router)
        wiring.know(("starlette",), Router=router)

    def read(self, site: Site) -> None:
        """Hang what the call registers on the nodes that it is called on."""
        if site.name in self._made_with_routes:  # its routes may all be given when it is made
            self._wiring.nodes_of(site.context, site.number, _FRAMEWORK)
            return
        target = receiver(site.call.callee)
        found = self._wiring.nodes_of(site.context, target, _FRAMEWORK)
        for node in found or self._of_factory(site, target):
            if site.name in _LISTS:
                self._list(node, site.context, argument(site.call, 1 if site.name == "insert" else 0))
            elif site.name == "include_router":
                self._include(node, site)
            elif site.name in ("mount", "host"):
                self._mount(node, site.context, site.call, argument(site.call, 1, "app"))
            else:
                self._route(node, site)

    def finish(self) -> None:
        """Routes that were handed to a constructor, also of what is mounted on one that was found so."""
        seen: set[int] = set()
        while fresh := [node for node in self._wiring.nodes.values() if id(node) not in seen]:
            seen.update(id(node) for node in fresh)
            for node in fresh:
                if node.framework == _FRAMEWORK and node.made is not None:
                    call = node.made.scope.body.calls[node.made.call]
                    self._list(node, self._wiring.evaluation.run(node.made), call.keyword("routes"))
                    node.guards = dependency_names(node.made.scope, call.keyword("dependencies"))

    def _of_factory(self, site: Site, target: Expression) -> list[Node]:
        """`app = create_app()` of a library of the house, by what the code that decorates with it takes from FastAPI."""
        written = constant(argument(site.call, 0, "path")) if site.decorated is not None else None
        registers = isinstance(written, str) and written.startswith("/")
        if not (registers or site.name == "include_router") or not self._is_alone(site.context.scope.module):
            return []
        for thing in self._wiring.evaluation.evaluate(site.context, target):
            if (
                thing.kind == "made"
                and thing.ref.cls is None
                and _FACTORY.match(thing.ref.last)
                and self._wiring.node(thing) is None
            ):
                made = thing.ref
                node = Node(framework=_FRAMEWORK, is_application=not made.last.endswith("router"), scope=made.scope,
                            made=made, symbol=name_of(made))  # fmt: skip
                return [self._wiring.nodes.setdefault(made, node)]
        return []

    def _is_alone(self, module: Module) -> bool:
        """Whether its file has FastAPI or Starlette, and none of the others with decorators of these names."""
        roots = {part.module.split(".", 1)[0] for part in module.imports if not part.level}
        return not roots.isdisjoint(("fastapi", "starlette")) and roots.isdisjoint(_OTHERS)

    # what is hung

    def _route(self, node: Node, site: Site) -> None:
        wiring, call = self._wiring, site.call
        handler = site.decorated
        if handler is None:
            handler = wiring.handler(site.context, site.applied if site.applied is not None
                                     else argument(call, 1, "endpoint", "route"))  # fmt: skip
        if handler is None and site.decorated is None and not site.name.startswith("add_"):
            return  # a decorator that is put together and applied elsewhere
        path = wiring.path(site.context, argument(call, 0, "path"))
        place = (site.context.scope, site.line)
        if "websocket" in site.name:
            hang(node, handler, place, _SOCKET, path)
        elif site.name in HTTP_METHODS:
            hang(node, handler, place, (site.name.upper(),), path)
        elif handler is not None and handler.kind == "class":
            self._endpoint(node, handler, place, path)
        else:
            methods = wiring.methods(
                site.context, argument(call, 2 if site.name == "add_route" else -1, "methods"), ("GET",)
            )
            hang(node, handler, place, methods, path)

    def _endpoint(self, node: Node, cls: Scope, place: tuple[Scope, int], path: Text) -> None:
        found = list(self._wiring.class_methods(cls))
        for name, member in found:
            hang(node, member, place, (name,), path)
        if not found:
            hang(node, cls, place, ("*",), path)

    def _include(self, node: Node, site: Site) -> None:
        prefix = self._wiring.path(site.context, site.call.keyword("prefix"))
        guards = dependency_names(site.context.scope, site.call.keyword("dependencies"))
        children = self._wiring.nodes_of(site.context, argument(site.call, 0, "router"), _FRAMEWORK)
        for child in children:
            if child is not node:
                node.items.append(
                    Link(child=child, prefix=prefix, scope=site.context.scope, line=site.line, guards=guards)
                )
        if not children:  # a router that a library makes
            what = self._maker(site.context, argument(site.call, 0, "router"))
            starred = any(name is None for name, _ in site.call.keywords)
            path = (prefix[0], prefix[1] and not starred)
            node.items.append(Mount(path=path, scope=site.context.scope, line=site.line, what=what))

    def _mount(self, node: Node, context: Context, call: Call, app: Expression) -> None:
        prefix = self._wiring.path(context, argument(call, 0, "path"))
        children = [
            child
            for framework in (_FRAMEWORK, "flask")  # behind `WSGIMiddleware`
            for child in self._wiring.nodes_of(context, app, framework)
            if child is not node
        ]
        for child in children:
            node.items.append(Link(child=child, prefix=prefix, scope=context.scope, line=call.line))
        if children:
            return
        found = [self._asgi_callable(thing) for thing in self._wiring.evaluation.evaluate(context, app)]
        for called in found:
            if called is not None:
                hang(node, called, (context.scope, call.line), ("*",), prefix)
        if not any(found):
            node.items.append(
                Mount(path=prefix, scope=context.scope, line=call.line, what=self._maker(context, app))
            )

    def _maker(self, context: Context, app: Expression) -> str:
        """`StaticFiles`, `get_auth_router`."""
        found = self._wiring.evaluation.evaluate(context, app)
        return next((thing.ref.last for thing in found if thing.kind == "made"), "")

    def _asgi_callable(self, thing: Thing) -> Scope | None:
        """What serves a mount that is no application of a framework; files are served without our help."""
        if thing.kind == "function":
            return self._wiring.handler_of((thing,))
        cls = thing.ref.cls if thing.kind == "made" else None
        return self._wiring.inference.classes.member(cls, "__call__") if cls is not None else None

    # lists

    def _list(self, node: Node, context: Context, expression: Expression) -> None:
        for made in self._made(context, expression):
            if made.last in _LISTED:
                self._listed(node, made)

    def _made(self, context: Context, expression: Expression) -> Iterator[Made]:
        stack = list(self._wiring.evaluation.evaluate(context, expression)) if expression is not None else []
        while stack:
            thing = stack.pop(0)
            if thing.kind == "list":
                stack = [part for item in thing.ref for part in item] + stack
            elif thing.kind == "made":
                yield thing.ref

    def _listed(self, node: Node, made: Made) -> None:
        wiring = self._wiring
        context, call = wiring.evaluation.run(made), made.scope.body.calls[made.call]
        path = wiring.path(context, argument(call, 0, "path", "host"))
        if made.last in ("Mount", "Host"):
            if call.keyword("routes") is not None:
                inner = Node(framework=_FRAMEWORK, is_application=False, scope=made.scope, made=made)
                self._list(inner, context, call.keyword("routes"))
                node.items.append(Link(child=inner, prefix=path, scope=made.scope, line=call.line))
            else:
                self._mount(node, context, call, argument(call, 1, "app"))
            return
        handler = wiring.handler(context, argument(call, 1, "endpoint"))
        place = (made.scope, call.line)
        if "WebSocket" in made.last:
            hang(node, handler, place, _SOCKET, path)
        elif handler is not None and handler.kind == "class":
            self._endpoint(node, handler, place, path)
        else:
            hang(node, handler, place, wiring.methods(context, argument(call, 2, "methods"), ("GET",)), path)
