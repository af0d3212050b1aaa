"""Django Ninja: APIs, routers below routers, and the controllers of Ninja Extra."""

from collections.abc import Iterable, Iterator

from greenroom.project.code.facts import Call, Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.web.dependencies import dependency_names
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made, Thing
from greenroom.project.web.wiring import (
    HTTP_METHODS,
    Kind,
    Link,
    Mount,
    Node,
    Registered,
    Text,
    Wiring,
    hang,
    name_all,
)

_FRAMEWORK = "django"
"""Its paths are patterns of Django, and Django serves them."""
_LIBRARIES = ("ninja", "ninja_extra")
_VERBS = ("get", "post", "put", "patch", "delete")
_OF_CONTROLLERS = {**{f"http_{verb}": verb for verb in _VERBS}, **{f"route.{verb}": verb for verb in _VERBS}}
_SEVERAL = ("http_generic", "route.generic")
_VERSION = "1.0.0"
"""Of an API that does not say its own."""


class Ninja:
    """Reads what is hung on APIs and routers; where an API hangs itself, Django's configurations say."""

    names = frozenset({"add_router", "api_operation", "add_api_operation", "register_controllers",
                       "auto_discover_controllers", "NinjaAPI", "NinjaExtraAPI"})  # fmt: skip
    verbs = frozenset(HTTP_METHODS)
    roots = frozenset(_LIBRARIES)

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        node = Kind(framework=_FRAMEWORK)
        wiring.know(_LIBRARIES, NinjaAPI=node, NinjaExtraAPI=node, Router=node, RouterPaginated=node)

    def read(self, site: Site) -> None:
        """Hang what the call registers on the nodes that it is called on."""
        if site.name.endswith("API"):
            self._wiring.nodes_of(site.context, site.number, _FRAMEWORK)
            return
        for node in self._wiring.nodes_of(site.context, receiver(site.call.callee), _FRAMEWORK):
            if not self._is_ninja(node):
                continue
            if site.name == "add_router":
                self._router(node, site)
            elif site.name == "register_controllers":
                self._register(node, site)
            elif site.name == "auto_discover_controllers":
                node.items.extend(Link(child=self._controller(cls)) for cls in self._controllers())
            else:
                self._operation(node, site)

    def finish(self) -> None:
        """Names, guards and order of all that was hung; controllers that nothing registers as far as the code shows."""
        for cls in self._controllers():
            self._controller(cls)
        for node in self._wiring.nodes.values():
            if node.made is not None and self._is_ninja(node):
                call = node.made.scope.body.calls[node.made.call]
                node.guards = _guards(node.made.scope, call)
                if _is_api(node):
                    node.namespace = self._namespace(node.made, call)
                node.items[:] = _in_order(node.items)

    def _is_ninja(self, node: Node) -> bool:
        """Django's own routers are nodes of the same framework."""
        if node.made is None:
            return node.scope.kind == "class" and self._is_of_library(node.scope)
        return node.made.root in _LIBRARIES or (
            node.made.cls is not None and self._is_of_library(node.made.cls)
        )

    def _is_of_library(self, cls: Scope) -> bool:
        return any(
            base.split(".", 1)[0] in _LIBRARIES for base in self._wiring.inference.classes.line(cls)[1]
        )

    def _namespace(self, made: Made, call: Call) -> str:
        """`api-1.0.0` of an API that is told nothing."""
        run, evaluation = self._wiring.evaluation.run(made), self._wiring.evaluation
        told = evaluation.text(run, call.keyword("urls_namespace"))
        version = evaluation.text(run, argument(call, 1, "version"))
        return told[0] if told else f"api-{version[0] if version else _VERSION}"

    # routers

    def _router(self, node: Node, site: Site) -> None:
        """`api.add_router("/items", router)`, or by the dotted name of the router."""
        wiring, call = self._wiring, site.call
        prefix = wiring.path(site.context, argument(call, 0, "prefix"))
        # A router puts a slash between its own prefix and that of a router below it, even where that is empty.
        prefix = _slashed(prefix) if _is_api(node) or prefix[0] else ("/", prefix[1])
        given = argument(call, 1, "router")
        children = wiring.nodes_of(site.context, given, _FRAMEWORK) or list(self._named(site.context, given))
        for child in children:
            if child is not node:
                link = Link(child=child, prefix=prefix, scope=site.context.scope, line=site.line,
                            guards=_guards(site.context.scope, call))  # fmt: skip
                node.items.append(link)
        if not children:  # a router that a library makes
            node.items.append(Mount(path=prefix, scope=site.context.scope, line=site.line))

    def _named(self, context: Context, given: Expression) -> Iterator[Node]:
        """The node behind `"shop.api.router"`."""
        for thing in self._wiring.evaluation.evaluate(context, given):
            if thing.kind == "text":
                for found in self._dotted(context, thing.ref):
                    node = self._wiring.node(found)
                    if node is not None:
                        yield node

    def _dotted(self, context: Context, name: str) -> Iterable[Thing]:
        home, _, last = name.rpartition(".")
        module = self._wiring.inference.symbols.module(home, context.scope.module)
        return self._wiring.evaluation.lookup.module_name(module, last) if module is not None else ()

    def _operation(self, node: Node, site: Site) -> None:
        wiring, call = self._wiring, site.call
        adds = site.name == "add_api_operation"
        if adds:
            path, methods = argument(call, 0, "path"), argument(call, 1, "methods")
        elif site.name == "api_operation":
            path, methods = argument(call, 1, "path"), argument(call, 0, "methods")
        else:
            path, methods = argument(call, 0, "path"), None
        handler = site.decorated or wiring.handler(
            site.context, argument(call, 2, "view_func") if adds else site.applied
        )
        told = (site.name.upper(),) if site.name in HTTP_METHODS else ("*",)
        self._hang(node, handler, site.context, call, (path, wiring.methods(site.context, methods, told)))

    def _hang(
        self,
        node: Node,
        handler: Scope | None,
        context: Context,
        call: Call,
        what: tuple[Expression, tuple[str, ...]],
    ) -> None:
        """One operation: a path, and methods."""
        path, methods = what
        start = len(node.items)
        hang(node, handler, (context.scope, call.line), methods, _slashed(self._wiring.path(context, path)))
        named = self._wiring.evaluation.text(context, call.keyword("url_name"))
        name_all(node, start, named or ((handler.name, True) if handler is not None else None))

    # controllers

    def _register(self, node: Node, site: Site) -> None:
        """`api.register_controllers(Users, "shop.api.Orders")`."""
        for item in self._wiring.evaluation.spread(site.context, site.call.arguments):
            things = [
                part
                for thing in item
                for part in (self._dotted(site.context, thing.ref) if thing.kind == "text" else (thing,))
            ]
            for thing in things:
                if thing.kind == "class":
                    node.items.append(Link(child=self._controller(thing.ref)))
                elif thing.kind == "library":
                    what = thing.ref.rsplit(".", 1)[-1]
                    node.items.append(
                        Mount(path=("", False), scope=site.context.scope, line=site.line, what=what)
                    )

    def _controllers(self) -> Iterator[Scope]:
        """The classes under `@api_controller`."""
        for module in self._wiring.modules:
            if module.places((b"api_controller",)):
                yield from (
                    scope for scope in module.scopes if scope.kind == "class" and _is_controller(scope)
                )

    def _controller(self, cls: Scope) -> Node:
        known = self._wiring.nodes.get(("controller", cls))
        if known is not None:
            return known
        node = Node(framework=_FRAMEWORK, is_application=False, scope=cls, made=None)
        self._wiring.nodes["controller", cls] = node
        for call in _calls(cls, ("api_controller",)).values():
            place = Context(cls.parent or cls)
            node.prefix = _slashed(self._wiring.path(place, argument(call, 0, "prefix_or_class")))
            node.guards = (*_guards(place.scope, call),
                           *dependency_names(place.scope, call.keyword("permissions")))  # fmt: skip
        seen: set[str] = set()
        for scope in self._wiring.inference.classes.line(cls)[0]:
            own = {child.name: child for child in scope.children if child.name not in seen}
            seen.update(own)
            for method in own.values():
                self._method(node, scope, method)
        node.items[:] = _in_order(node.items)
        return node

    def _method(self, node: Node, cls: Scope, method: Scope) -> None:
        """`@http_get("/mine")` or `@route.get("/mine")`."""
        for name, call in _calls(method, (*_OF_CONTROLLERS, *_SEVERAL)).items():
            methods: tuple[str, ...] = (_OF_CONTROLLERS.get(name, "*").upper(),)
            if name in _SEVERAL:
                methods = self._wiring.methods(Context(cls), call.keyword("methods"), methods)
            self._hang(node, method, Context(cls), call, (argument(call, 0, "path"), methods))


def _slashed(path: Text) -> Text:
    """With the slash that is put between two parts, and with parameters as Django spells them."""
    text = path[0].replace("{", "<").replace("}", ">")
    return (text if not text or text.startswith("/") else f"/{text}", path[1])


def _is_api(node: Node) -> bool:
    return node.made is not None and node.made.last.endswith("API")


def _guards(scope: Scope, call: Call) -> tuple[str, ...]:
    """Who asks who is there: `auth=JWTAuth()`."""
    given = call.keyword("auth")
    return () if given in (None, ("const", None)) else ("auth", *dependency_names(scope, given))


def _in_order(items: Iterable[Registered | Link | Mount]) -> list[Registered | Link | Mount]:
    """A router's own operations come before those of the routers below it, and all of one path where its first one stands."""
    given = list(items)
    own = [item for item in given if isinstance(item, Registered)]
    paths = list(dict.fromkeys(item.path for item in own))
    return [
        *(item for path in paths for item in own if item.path == path),
        *(item for item in given if not isinstance(item, Registered)),
    ]


def _is_controller(cls: Scope) -> bool:
    return "api_controller" in cls.decorators or bool(_calls(cls, ("api_controller",)))


def _calls(scope: Scope, names: Iterable[str]) -> dict[str, Call]:
    """The decorators of these names that are calls; a name with a dot stands for the end of a dotted one."""
    found = {}
    for decorator in scope.decorators:
        if isinstance(decorator, int) and scope.parent is not None:
            call = scope.parent.body.calls[decorator]
            spelled = call.callee if isinstance(call.callee, str) else ""
            for name in names:
                if last_name(call.callee) == name or f".{spelled}".endswith(f".{name}"):
                    found[name] = call
    return found
