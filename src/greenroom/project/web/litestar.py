"""Litestar, and Starlite as it was called before: handlers, controllers, routers, and the lists that name them."""

from collections.abc import Iterable, Iterator

from greenroom.project.code.facts import Call, Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.dependencies import dependency_names
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made, Thing
from greenroom.project.web.wiring import HTTP_METHODS, Kind, Link, Mount, Node, Text, Wiring, hang

_FRAMEWORK = "litestar"
_LIBRARIES = frozenset({"litestar", "starlite"})
_APPLICATIONS = ("Litestar", "Starlite")
_ADDING = ("append", "extend", "insert")
_SOCKETS = ("websocket", "websocket_listener", "websocket_stream")
_DECORATORS = frozenset({*HTTP_METHODS, *_SOCKETS, "route", "asgi"})


class Litestar:
    """Reads what applications and routers are given, and what plugins add to it."""

    names = frozenset({*_APPLICATIONS, "Router", "register", *(f"route_handlers.{name}" for name in _ADDING)})
    verbs: frozenset[str] = frozenset()
    roots = _LIBRARIES

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._served: set[Scope] = set()
        self._makers = frozenset({*_APPLICATIONS, "Router", *self._heirs()})
        self.names = self.names | self._makers
        application = Kind(framework=_FRAMEWORK, is_application=True, prefix=(-1, "path"))
        wiring.know(_LIBRARIES, Litestar=application, Starlite=application)
        # `on_app_init(self, app_config: AppConfig)` of a plugin stands before the application that it is handed to.
        wiring.know(_LIBRARIES, AppConfig=Kind(framework=_FRAMEWORK, is_application=True))
        wiring.know(_LIBRARIES, Router=Kind(framework=_FRAMEWORK, prefix=(0, "path")))

    def _heirs(self) -> Iterator[str]:
        """The names of the project's own kinds of applications."""
        for module in self._wiring.modules:
            for scope in module.scopes:
                if scope.kind == "class" and any(
                    last_name(base) in _APPLICATIONS for base in scope.facts.bases
                ):
                    yield scope.name

    def read(self, site: Site) -> None:
        """Hang what the call registers on the nodes that it is called on."""
        wiring = self._wiring
        if site.name in self._makers:  # what it serves is given when it is made
            wiring.nodes_of(site.context, site.number, _FRAMEWORK)
            return
        adds = site.on_attribute.startswith("route_handlers.")
        target = receiver(receiver(site.call.callee)) if adds else receiver(site.call.callee)
        given = argument(site.call, 1 if site.name == "insert" else 0, "value")
        for node in wiring.nodes_of(site.context, target, _FRAMEWORK):
            if node.is_guess:  # a plugin adds to the whole application, whatever it is called there
                node.prefix = ("", True)
            self._hang_all(
                node, wiring.evaluation.evaluate(site.context, given), (site.context.scope, site.line)
            )

    def finish(self) -> None:
        """What was handed to constructors; then handlers that nothing serves as far as the code shows."""
        seen: set[int] = set()
        while fresh := [node for node in self._wiring.nodes.values() if id(node) not in seen]:
            seen.update(id(node) for node in fresh)
            for node in fresh:
                if node.framework == _FRAMEWORK and node.made is not None:
                    self._constructed(node, node.made)
        using = [module for module in self._wiring.modules if _uses_library(module)]
        line = self._wiring.inference.classes.line
        classes = [scope for module in using for scope in module.scopes if scope.kind == "class"]
        bases = {base for cls in classes for base in line(cls)[0][1:]}
        for cls in classes:
            if cls not in bases and self._has_base(cls, "Controller"):
                self._controller(cls)
        for module in using:
            self._loose(module)

    def _constructed(self, node: Node, made: Made) -> None:
        wiring, call = self._wiring, made.scope.body.calls[made.call]
        node.prefix = _piece(node.prefix)
        run, given = wiring.evaluation.run(made), call.keyword("route_handlers")
        if given is None and node.is_application:
            given = argument(call, 0)
        node.guards = dependency_names(made.scope, call.keyword("guards"))
        self._hang_all(node, wiring.evaluation.evaluate(run, given), (made.scope, call.line))
        constructor = wiring.inference.classes.member(made.cls, "__init__") if made.cls is not None else None
        if constructor is not None:
            handed = wiring.handed_to_base(made, "route_handlers")
            inner = wiring.evaluation.constructed(made, constructor)
            if handed is not None and given is None:
                self._hang_all(node, wiring.evaluation.evaluate(inner, handed), (made.scope, call.line))

    def _loose(self, module: Module) -> None:
        """Functions that no list names: something may find them by itself."""
        node = Node(framework=_FRAMEWORK, is_application=False, scope=module.top, made=None)
        for scope in module.scopes:
            if scope.kind == "function" and scope.owner is None and scope not in self._served:
                self._function(node, Context(scope.parent or scope), scope)
        if node.items:
            self._wiring.nodes["handlers", module] = node

    # what is served

    def _hang_all(self, node: Node, things: Iterable[Thing], place: tuple[Scope, int]) -> None:
        for thing in things:
            if thing.kind == "list":
                for item in thing.ref:
                    self._hang_all(node, item, place)
            elif thing.kind == "function":
                self._served.add(thing.ref)
                self._function(node, Context(thing.ref.parent or thing.ref), thing.ref)
            elif thing.kind == "class":
                self._class(node, thing.ref, place)
            elif thing.kind == "made":
                self._made(node, thing, place)

    def _made(self, node: Node, thing: Thing, place: tuple[Scope, int]) -> None:
        """A router; one that a library makes is not looked into."""
        child, made = self._wiring.node(thing), thing.ref
        if child is not None:
            if child is not node and child.framework == _FRAMEWORK:
                node.items.append(Link(child=child, scope=place[0], line=place[1]))
            return
        path = made.scope.body.calls[made.call].keyword("path")
        if path is not None:
            run = self._wiring.evaluation.run(made)
            node.items.append(
                Mount(
                    path=_piece(self._wiring.path(run, path)), scope=place[0], line=place[1], what=made.last
                )
            )

    def _class(self, node: Node, cls: Scope, place: tuple[Scope, int]) -> None:
        if self._has_base(cls, "WebsocketListener"):
            handler = self._wiring.inference.classes.member(cls, "on_receive") or cls
            hang(node, handler, place, ("WEBSOCKET",), self._own_path(cls))
        else:
            node.items.append(Link(child=self._controller(cls), scope=place[0], line=place[1]))

    def _has_base(self, cls: Scope, name: str) -> bool:
        return any(
            base.split(".", 1)[0] in _LIBRARIES and base.rsplit(".", 1)[-1] == name
            for base in self._wiring.inference.classes.line(cls)[1]
        )

    def _own_path(self, cls: Scope) -> Text:
        value = self._wiring.class_value(cls, "path")
        return _piece(self._wiring.path(*value)) if value is not None else ("", True)

    def _controller(self, cls: Scope) -> Node:
        """The node of a class; all its handlers hang below its path."""
        known = self._wiring.nodes.get(("controller", cls))
        if known is not None:
            return known
        guards = self._wiring.class_value(cls, "guards")
        node = Node(framework=_FRAMEWORK, is_application=False, scope=cls, made=None, prefix=self._own_path(cls),
                    guards=dependency_names(guards[0].scope, guards[1]) if guards else ())  # fmt: skip
        self._wiring.nodes["controller", cls] = node
        seen: set[str] = set()
        for scope in self._wiring.inference.classes.line(cls)[0]:
            own = {child.name: child for child in scope.children if child.name not in seen}
            seen.update(own)
            for method in own.values():
                self._function(node, Context(scope), method)
        return node

    def _function(self, node: Node, context: Context, function: Scope) -> None:
        """`@get("/mine")`, or several paths for one function."""
        for name, call in self._decorators(context, function):
            for path in self._paths(context, argument(call, 0, "path")):
                hang(
                    node,
                    function,
                    (context.scope, call.line),
                    self._methods(context, name, call),
                    _piece(path),
                )

    def _methods(self, context: Context, name: str, call: Call) -> tuple[str, ...]:
        if name in _SOCKETS:
            return ("WEBSOCKET",)
        if name in HTTP_METHODS:
            return (name.upper(),)
        told = call.keyword("http_method")
        found = [thing for item in self._wiring.evaluation.items(context, told) for thing in item]
        found = found or list(self._wiring.evaluation.evaluate(context, told))
        names = [str(thing.ref) for thing in found if thing.kind in ("text", "library")]
        return tuple(name.rsplit(".", 1)[-1].upper() for name in names) or ("*",)

    def _paths(self, context: Context, given: Expression) -> list[Text]:
        listed = [
            (thing.ref, thing.certain)
            for item in self._wiring.evaluation.items(context, given)
            for thing in item
            if thing.kind == "text"
        ]
        return listed or [self._wiring.path(context, given)]

    def _decorators(self, context: Context, function: Scope) -> Iterator[tuple[str, Call]]:
        """Those of the library, by their own names."""
        for decorator in function.decorators:
            if isinstance(decorator, int):
                call = context.scope.body.calls[decorator]
                for thing in self._wiring.evaluation.evaluate(context._replace(line=call.line), call.callee):
                    if thing.kind == "library" and thing.ref.split(".", 1)[0] in _LIBRARIES:
                        name = thing.ref.rsplit(".", 1)[-1]
                        if name in _DECORATORS:
                            yield name, call


def _uses_library(module: Module) -> bool:
    return any(part.module.split(".", 1)[0] in _LIBRARIES for part in module.imports if not part.level)


def _piece(path: Text) -> Text:
    """A part of a path, as it is put together with others: a slash in front, none at the end."""
    bare = path[0].strip("/")
    return f"/{bare}" if bare else "", path[1]
