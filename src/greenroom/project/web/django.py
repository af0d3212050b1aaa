"""Django: URL configurations, includes, class-based views; channels' routers of sockets."""

from dataclasses import replace

from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.loops import additions, rounds
from greenroom.project.web.regex_paths import simplified
from greenroom.project.web.rest_framework import ViewSets
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made, Thing, Things
from greenroom.project.web.wiring import Kind, Link, Mount, Node, Text, Wiring, hang, name_all

_FRAMEWORK = "django"
_PATTERNS = ("path", "re_path", "url")
_GENERIC = {
    "TemplateView": ("GET",), "ListView": ("GET",), "DetailView": ("GET",), "FormView": ("GET", "POST"),
    "CreateView": ("GET", "POST"), "UpdateView": ("GET", "POST"), "DeleteView": ("GET", "POST"),
    "ListAPIView": ("GET",), "CreateAPIView": ("POST",), "RetrieveAPIView": ("GET",), "DestroyAPIView": ("DELETE",),
    "UpdateAPIView": ("PUT", "PATCH"), "ListCreateAPIView": ("GET", "POST"),
    "RetrieveUpdateAPIView": ("GET", "PUT", "PATCH"), "RetrieveDestroyAPIView": ("GET", "DELETE"),
    "RetrieveUpdateDestroyAPIView": ("GET", "PUT", "PATCH", "DELETE"),
}  # fmt: skip
_PAIR = 2
_SERVED_FROM = ("/wsgi.py", "/asgi.py")
_ALLOWING = {"require_GET": ("GET",), "require_POST": ("POST",), "require_safe": ("GET", "HEAD")}


class Django:
    """Reads URL configurations, starting from the settings."""

    names = frozenset({"register", "URLRouter", "registry.extend"})
    verbs: frozenset[str] = frozenset()
    roots = frozenset({"django", "rest_framework", "rest_framework_nested", "channels"})

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._view_sets = ViewSets(wiring)
        self._sockets: list[Site] = []
        self._open: set[Made] = set()
        """Patterns that are being read: one that includes itself is read once."""
        router = Kind(framework=_FRAMEWORK)
        wiring.know((), DefaultRouter=router, SimpleRouter=router)
        wiring.know((), NestedSimpleRouter=router, NestedDefaultRouter=router)

    def read(self, site: Site) -> None:
        """`router.register("users", UserViewSet)`; the rest is read from the settings downwards."""
        if site.name == "URLRouter":
            self._sockets.append(site)
            return
        if site.on_attribute == "registry.extend":
            self._take_over(site)
            return
        for node in self._wiring.nodes_of(site.context, receiver(site.call.callee), _FRAMEWORK):
            self._view_sets.register(node, site)

    def _take_over(self, site: Site) -> None:
        """`router.registry.extend(other.registry)`."""
        evaluation = self._wiring.evaluation
        for node in self._wiring.nodes_of(site.context, receiver(receiver(site.call.callee)), _FRAMEWORK):
            for thing in evaluation.evaluate(site.context, argument(site.call, 0)):
                other = self._wiring.node(thing.ref[0]) if thing.kind == "member" else None
                if other is not None and other is not node:
                    node.items.append(Link(child=other, scope=site.context.scope, line=site.line))

    def finish(self) -> None:
        """All URL configurations; the one that the settings name is the application's."""
        for module in self._wiring.modules:
            application = self._setting(module, "ASGI_APPLICATION") or self._setting(
                module, "WSGI_APPLICATION"
            )
            root = self._module(self._setting(module, "ROOT_URLCONF"), module)
            if root is not None:
                node = self._configuration(root)
                node.is_application = True
                node.symbol = node.symbol or application or f"{root.name}.urlpatterns"
        for module in self._wiring.modules:
            if module.places((b"urlpatterns",)) and _assigned(module, "urlpatterns"):
                self._configuration(module)
        self._stand_in()
        for site in self._sockets:
            self._socket_router(site.context.scope, site.number, site.context)
        for node in [part for part in self._wiring.nodes.values() if part.framework == _FRAMEWORK]:
            self._view_sets.finish(node)

    def _setting(self, module: Module, name: str) -> str | None:
        if name.encode() not in module.packed_bodies:
            return None
        for _, value in _assigned(module, name):
            found = self._wiring.evaluation.text(Context(module.top), value)
            if found is not None:
                return found[0]
        return None

    def _module(self, name: str | None, importer: Module) -> Module | None:
        return self._wiring.inference.symbols.module(name, importer) if name else None

    def _stand_in(self) -> None:
        """Where no settings name one: the configuration beside `wsgi.py` that no other includes."""
        nodes = {
            key[1]: node
            for key, node in self._wiring.nodes.items()
            if isinstance(key, tuple) and key[0] == "urlconf"
        }
        if any(node.is_application for node in nodes.values()):
            return
        included = {
            id(item.child) for node in nodes.values() for item in node.items if isinstance(item, Link)
        }
        folders = {module.folder for module in self._wiring.modules if module.path.endswith(_SERVED_FROM)}
        roots = [
            module for module, node in nodes.items() if module.folder in folders and id(node) not in included
        ]
        if len(roots) == 1:
            nodes[roots[0]].is_application = True
            nodes[roots[0]].symbol = f"{roots[0].name}.urlpatterns"

    def _socket_router(self, scope: Scope, call: int, run: Context) -> Node:
        key = ("channels", scope, call)
        if key not in self._wiring.nodes:
            node = Node(framework="channels", is_application=True, scope=scope, made=None,
                        symbol=f"{scope.module.name}.application")  # fmt: skip
            self._wiring.nodes[key] = node
            routes = argument(scope.body.calls[call], 0, "routes")
            self._hang_all(node, self._wiring.evaluation.evaluate(run, routes))
        return self._wiring.nodes[key]

    # configurations

    def _configuration(self, module: Module) -> Node:
        key = ("urlconf", module)
        known = self._wiring.nodes.get(key)
        if known is not None:
            return known
        node = Node(framework=_FRAMEWORK, is_application=False, scope=module.top, made=None,
                    namespace=self._setting(module, "app_name") or "")  # fmt: skip
        self._wiring.nodes[key] = node
        evaluation = self._wiring.evaluation
        for block, value in _assigned(module, "urlpatterns"):
            for run in rounds(Context(module.top), block, evaluation):
                self._hang_all(node, evaluation.evaluate(run, value))
        return node

    def _hang_all(self, node: Node, things: Things) -> None:
        for thing in things:
            if thing.kind == "list":
                for item in thing.ref:
                    self._hang_all(node, item)
            elif thing.kind == "made" and thing.ref.last in _PATTERNS and thing.ref not in self._open:
                self._open.add(thing.ref)
                self._pattern(node, thing.ref)
                self._open.discard(thing.ref)
            elif thing.kind == "made" and thing.ref.last == "i18n_patterns":
                inner = Node(framework=_FRAMEWORK, is_application=False, scope=node.scope, made=None)
                run = self._wiring.evaluation.run(thing.ref)
                for part in thing.ref.scope.body.calls[thing.ref.call].arguments:
                    self._hang_all(inner, self._wiring.evaluation.evaluate(run, part))
                node.items.append(Link(child=inner, prefix=("", False)))
            elif thing.kind == "member":
                self._link_router(node, thing, ("", True))

    def _link_router(
        self, node: Node, thing: Thing, prefix: Text, place: tuple[Scope | None, int] = (None, 0)
    ) -> None:
        """`router.urls`, and where it is included."""
        owner, name = thing.ref
        router = self._wiring.node(owner) if name == "urls" else None
        if router is not None:
            node.items.append(Link(child=router, prefix=prefix, scope=place[0], line=place[1]))

    def _pattern(self, node: Node, made: Made) -> None:
        wiring = self._wiring
        run, call = wiring.evaluation.run(made), made.scope.body.calls[made.call]
        text, certain = wiring.path(run, argument(call, 0, "route", "regex"))
        path = (text if made.last == "path" else simplified(text), certain)
        view = argument(call, 1, "view")
        things = wiring.evaluation.evaluate(run, view)
        place = (made.scope, call.line)
        if node.framework == _FRAMEWORK and self._is_socket(run, view, things):
            return  # of a router of sockets, which reads it by itself
        if self._included(node, things, path, place):
            return
        before = len(node.items)
        handler = wiring.handler(run, view)
        if made.last != "path" and text in ("", "^"):  # matches the beginning of whatever comes
            node.items.append(Mount(path=path, scope=place[0], line=place[1], what=made.last))
        if node.framework == "channels":
            hang(node, handler, place, ("WEBSOCKET",), path)
        elif handler is None or handler.kind != "class":
            hang(node, handler, place, _of_library(things) or self._allowed(handler), path)
        else:
            self._class_view(node, handler, place, path, self._mapping(run, view))
        name_all(node, before, wiring.evaluation.text(run, argument(call, 3, "name")))

    def _is_socket(self, run: Context, view: Expression, things: Things) -> bool:
        made = run.scope.body.calls[view] if isinstance(view, int) else None
        return (made is not None and last_name(made.callee) == "as_asgi") or any(
            thing.kind == "made" and thing.ref.last == "URLRouter" for thing in things
        )

    def _included(self, node: Node, things: Things, prefix: Text, place: tuple[Scope, int]) -> bool:
        for thing in things:
            if thing.kind == "made" and thing.ref.last == "include":
                call = thing.ref.scope.body.calls[thing.ref.call]
                run = self._wiring.evaluation.run(thing.ref)
                given = self._wiring.evaluation.evaluate(run, argument(call, 0, "arg"))
                before = len(node.items)
                given, name = _apart(given)
                self._include(node, given, prefix, place)
                told = self._wiring.evaluation.text(run, argument(call, 1, "namespace"))
                name = told[0] if told else name
                node.items[before:] = [
                    replace(item, namespace=name) if name and isinstance(item, Link) else item
                    for item in node.items[before:]
                ]
                return True
            if thing.kind == "made" and thing.ref.last == "URLRouter":
                child = self._socket_router(
                    thing.ref.scope, thing.ref.call, self._wiring.evaluation.run(thing.ref)
                )
                node.items.append(Link(child=child, prefix=prefix, scope=place[0], line=place[1]))
                return True
            if thing.kind in ("list", "module") or (thing.kind == "member" and thing.ref[1] == "urls"):
                self._include(node, (thing,), prefix, place)
                return True
            if thing.kind == "library" and thing.ref.endswith(".urls"):  # admin.site.urls
                node.items.append(Mount(path=prefix, scope=place[0], line=place[1]))
                return True
        return False

    def _include(self, node: Node, things: Things, prefix: Text, place: tuple[Scope, int]) -> None:
        scope, line = place
        for thing in things:
            module = thing.ref if thing.kind == "module" else None
            if thing.kind == "text":
                module = self._module(thing.ref, scope.module)
            if module is not None:
                child = self._configuration(module)
                node.items.append(Link(child=child, prefix=prefix, scope=scope, line=line))
            elif thing.kind == "member":
                self._link_router(node, thing, prefix, place)
            elif thing.kind == "list":
                inner = Node(framework=node.framework, is_application=False, scope=node.scope, made=None)
                self._hang_all(inner, (thing,))
                node.items.append(Link(child=inner, prefix=prefix, scope=scope, line=line))
            elif thing.kind == "text":  # of a library
                node.items.append(Mount(path=prefix, scope=scope, line=line))

    # views

    def _mapping(self, context: Context, view: Expression) -> dict[str, str]:
        """`as_view({"get": "list"})`."""
        if not isinstance(view, int):
            return {}
        call = context.scope.body.calls[view]
        if last_name(call.callee) != "as_view":
            return self._mapping(context, call.arguments[0]) if call.arguments else {}
        for thing in self._wiring.evaluation.evaluate(context, argument(call, 0, "actions")):
            if thing.kind == "map":
                return {
                    str(key).upper(): part.ref
                    for key, value in thing.ref
                    for part in value
                    if part.kind == "text"
                }
        return {}

    def _class_view(
        self, node: Node, cls: Scope, place: tuple[Scope, int], path: Text, mapping: dict[str, str]
    ) -> None:
        wiring = self._wiring
        for method, action in mapping.items():
            hang(node, wiring.inference.classes.member(cls, action) or cls, place, (method,), path)
        if mapping:
            return
        own = dict(wiring.class_methods(cls))
        inherited = {name for base in wiring.inference.classes.line(cls)[1]
                     for name in _GENERIC.get(base.rsplit(".", 1)[-1], ())}  # fmt: skip
        names = list(dict.fromkeys((*own, *sorted(inherited))))
        value = wiring.class_value(cls, "http_method_names")
        allowed = wiring.methods(*value, ()) if value is not None else ()
        for name in names:
            if not allowed or name in allowed:
                hang(node, own.get(name, cls), place, (name,), path)
        if not names:
            hang(node, cls, place, allowed or ("*",), path)

    def _allowed(self, handler: Scope | None) -> tuple[str, ...]:
        """What `@api_view([...])` or `@require_POST` say; a plain view takes every method."""
        if handler is None or handler.parent is None:
            return ("*",)
        for decorator in handler.decorators:
            if isinstance(decorator, str) and decorator.rsplit(".", 1)[-1] in _ALLOWING:
                return _ALLOWING[decorator.rsplit(".", 1)[-1]]
            if isinstance(decorator, int):
                call = handler.parent.body.calls[decorator]
                if last_name(call.callee) in ("api_view", "require_http_methods"):
                    given = argument(call, 0, "http_method_names", "request_method_list")
                    return self._wiring.methods(Context(handler.parent), given, ("GET",))
        return ("*",)


def _apart(things: Things) -> tuple[Things, str]:
    """`("shop.urls", "shop")`: what is included, and the name of the application."""
    for thing in things:
        if thing.kind == "list" and len(thing.ref) == _PAIR:
            name = next((part.ref for part in thing.ref[1] if part.kind == "text"), "")
            if name:
                return thing.ref[0], name
    return things, ""


def _of_library(things: Things) -> tuple[str, ...]:
    """The methods of `TemplateView.as_view()`."""
    for thing in things:
        if thing.kind == "made" and thing.ref.last == "as_view":
            return _GENERIC.get(thing.ref.symbol.split(".")[-2], ())
    return ()


def _assigned(module: Module, name: str) -> list[tuple[int, Expression]]:
    """What a module assigns or adds to a name at its top, and in which block.

    A further assignment puts an end to what was before.
    """
    body = module.top.body
    found = [(line, block, value) for line, block, value, _ in additions(body, name)]
    for statement in body.statements:
        if statement.kind in ("assign", "annotate") and statement.value is not None:
            targets = statement.target if statement.kind == "assign" else (statement.target,)
            if name in targets:
                if statement.kind == "assign" and statement.block == 0:
                    found = [part for part in found if part[0] > statement.line]
                found.append((statement.line, statement.block, statement.value))
    return [(block, value) for _, block, value in sorted(found, key=lambda part: part[0])]
