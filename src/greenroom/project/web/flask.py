"""Flask and Quart: blueprints, rules, class-based views, and the APIs that are built on them."""

from greenroom.project.code.facts import STAR, Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.web.hooks import BEFORE, hook_names, may_refuse, receivers
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made
from greenroom.project.web.wiring import Kind, Link, Mount, Node, Text, Wiring, hang, name_all

_FRAMEWORK = "flask"
_LIBRARIES = (
    "flask", "quart", "quart_trio", "flask_restful", "flask_restx", "flask_restplus", "flask_smorest", "apiflask",
    "flask_openapi3", "quart_schema",
)  # fmt: skip
_VERBS = ("get", "post", "put", "patch", "delete")


class Flask:
    """Reads what is hung on applications, blueprints, APIs and namespaces."""

    names = frozenset({
        "route", "websocket", "add_url_rule", "add_websocket", "register_blueprint", "add_resource", "add_namespace",
        "init_app", "register_api",
    })  # fmt: skip
    verbs = frozenset(_VERBS)
    roots = frozenset(_LIBRARIES)

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        application = Kind(framework=_FRAMEWORK, is_application=True)
        blueprint = Kind(framework=_FRAMEWORK, prefix=(-1, "url_prefix"))
        wiring.know(_LIBRARIES, Flask=application, Quart=application, QuartTrio=application, APIFlask=application,
                    OpenAPI=application)  # fmt: skip
        wiring.know(_LIBRARIES, Blueprint=blueprint, APIBlueprint=blueprint)
        wiring.know(_LIBRARIES, Api=Kind(framework=_FRAMEWORK, prefix=(-1, "prefix")))
        wiring.know(_LIBRARIES, Namespace=Kind(framework=_FRAMEWORK, prefix=(2, "path")))

    def read(self, site: Site) -> None:
        """Hang what the call registers on the nodes that it is called on."""
        for node in self._wiring.nodes_of(site.context, receiver(site.call.callee), _FRAMEWORK):
            if site.name in ("register_blueprint", "register_api"):
                self._blueprint(node, site)
            elif site.name == "add_namespace":
                self._namespace(node, site)
            elif site.name == "init_app":
                self._attach(node, site)
            elif site.name == "add_resource":
                self._resource(node, site)
            else:
                start = len(node.items)
                self._rule(node, site)
                name_all(node, start, self._endpoint(site))

    def _endpoint(self, site: Site) -> Text | None:
        """By what `url_for` knows it: as it is told, by `as_view("users")`, or by the function's own name."""
        call, evaluation = site.call, self._wiring.evaluation
        given = argument(call, 1, "endpoint") if site.name == "add_url_rule" else call.keyword("endpoint")
        if given is not None and given != ("const", None):
            return evaluation.text(site.context, given)
        view = argument(call, 2, "view_func")
        made = site.context.scope.body.calls[view] if isinstance(view, int) else None
        if made is not None and last_name(made.callee) == "as_view":
            return evaluation.text(site.context, argument(made, 0, "name"))
        handler = site.decorated or self._wiring.handler(site.context, view)
        return (handler.name, True) if handler is not None else None

    def finish(self) -> None:
        """`Api(app)`: the API's routes are the application's; and what is asked before each request."""
        self._guard()
        for node in list(self._wiring.nodes.values()):
            if node.framework != _FRAMEWORK or node.made is None:
                continue
            call = node.made.scope.body.calls[node.made.call]
            kind = self._wiring.kind(node.made.symbol)
            if kind is None or kind.is_application or "blueprint" in node.made.last.lower():
                _default_namespace(node)
                if not kind or not kind.is_application:
                    node.namespace = self._name(node.made)
                continue
            for part in (argument(call, 0, "app"), call.keyword("blueprint")):
                for parent in self._wiring.nodes_of(self._wiring.evaluation.run(node.made), part, _FRAMEWORK):
                    if parent is not node:
                        parent.items.append(Link(child=node))
            _default_namespace(node)

    def _guard(self) -> None:
        """`@bp.before_request`: what may turn people away stands in front of all that hangs on the blueprint."""
        for hook in (scope for module in self._wiring.modules for scope in module.scopes if scope.decorators):
            for owner in receivers(hook, (BEFORE,)):
                if hook.parent is not None and may_refuse(self._wiring.graph, hook):
                    for node in self._wiring.nodes_of(Context(hook.parent), owner, _FRAMEWORK):
                        node.guards = (*node.guards, *hook_names(hook))

    def _name(self, made: Made) -> str:
        """`auth` of `Blueprint("auth", __name__)`."""
        call = made.scope.body.calls[made.call]
        told = self._wiring.evaluation.text(self._wiring.evaluation.run(made), argument(call, 0, "name"))
        return told[0] if told is not None else ""

    def _blueprint(self, node: Node, site: Site) -> None:
        wiring = self._wiring
        name = wiring.evaluation.text(site.context, site.call.keyword("name"))
        given = site.call.keyword("url_prefix")
        prefix = wiring.path(site.context, given) if given is not None else ("", True)
        children = wiring.nodes_of(site.context, argument(site.call, 0, "blueprint"), _FRAMEWORK)
        for child in children:
            if child is not node:
                replaces = given is not None and given != ("const", None)
                node.items.append(
                    Link(
                        child=child,
                        prefix=prefix,
                        replaces=replaces,
                        scope=site.context.scope,
                        line=site.line,
                        namespace=name[0] if name is not None else "",
                    )
                )
        if not children and site.name == "register_blueprint":
            node.items.append(Mount(path=_slashed(prefix), scope=site.context.scope, line=site.line))

    def _namespace(self, node: Node, site: Site) -> None:
        given = argument(site.call, 1, "path")
        for child in self._wiring.nodes_of(site.context, argument(site.call, 0, "ns"), _FRAMEWORK):
            prefix = self._wiring.path(site.context, given) if given is not None else ("", True)
            node.items.append(
                Link(
                    child=child,
                    prefix=prefix,
                    replaces=given is not None,
                    scope=site.context.scope,
                    line=site.line,
                )
            )

    def _attach(self, node: Node, site: Site) -> None:
        """`api.init_app(app)`."""
        for parent in self._wiring.nodes_of(site.context, argument(site.call, 0, "app"), _FRAMEWORK):
            if parent is not node and not node.is_application:
                parent.items.append(Link(child=node))

    def _resource(self, node: Node, site: Site) -> None:
        """`api.add_resource(Users, "/users", "/people")`."""
        wiring = self._wiring
        handler = wiring.handler(site.context, argument(site.call, 0, "resource"))
        listed = wiring.evaluation.spread(site.context, site.call.arguments)
        if handler is None and listed:  # `api.add_resource(*row)`
            handler = wiring.handler_of(listed[0])
        listed = listed[1:]
        starred = any(isinstance(part, tuple) and part[0] == STAR for part in site.call.arguments)
        for item in listed:
            for thing in item:
                if thing.kind == "text":
                    self._view(node, handler, site, (thing.ref, thing.certain), None)
        if not listed and starred:
            self._view(node, handler, site, ("", False), None)

    def _rule(self, node: Node, site: Site) -> None:
        wiring, call = self._wiring, site.call
        path = _slashed(wiring.path(site.context, argument(call, 0, "rule")))
        handler = site.decorated
        if handler is None:
            handler = wiring.handler(site.context, argument(call, 2, "view_func"))
            if handler is None:
                handler = wiring.handler(site.context, site.applied)
        if "websocket" in site.name:
            hang(node, handler, (site.context.scope, site.line), ("WEBSOCKET",), path)
        elif site.name in _VERBS:
            hang(node, handler, (site.context.scope, site.line), (site.name.upper(),), path)
        elif site.name == "route" and site.decorated is not None and site.decorated.kind == "class":
            for text in self._rules_of_class(site):
                self._view(node, handler, site, text, None)
        else:
            self._view(node, handler, site, path, call.keyword("methods"))

    def _rules_of_class(self, site: Site) -> list[Text]:
        """flask-restx takes several paths for one class."""
        return [_slashed(self._wiring.path(site.context, part)) for part in site.call.arguments]

    def _view(self, node: Node, handler: Scope | None, site: Site, path: Text, methods: Expression) -> None:
        place = (site.context.scope, site.line)
        wiring = self._wiring
        if handler is None or handler.kind != "class":
            hang(node, handler, place, wiring.methods(site.context, methods, ("GET",)), _slashed(path))
            return
        found = list(wiring.class_methods(handler))
        wanted = set(wiring.methods(site.context, methods, ())) or {name for name, _ in found}
        for name, member in found:
            if name in wanted:
                hang(node, member, place, (name,), _slashed(path))
        if not found:
            value = wiring.class_value(handler, "methods")
            told = wiring.methods(*value, ("GET",)) if value is not None else ("GET",)
            member = wiring.inference.classes.member(handler, "dispatch_request") or handler
            hang(node, member, place, tuple(sorted(wanted)) or told, _slashed(path))


def _slashed(path: Text) -> Text:
    """Flask puts the slash between prefix and rule itself."""
    return (path[0] if not path[0] or path[0].startswith("/") else f"/{path[0]}", path[1])


def _default_namespace(node: Node) -> None:
    """flask-restx: a namespace's path is its name where none is given."""
    if node.made is not None and node.made.last == "Namespace" and node.prefix == ("", True):
        call = node.made.scope.body.calls[node.made.call]
        name = call.arguments[0] if call.arguments else call.keyword("name")
        if isinstance(name, tuple) and name[0] == "const":
            node.prefix = (f"/{name[1]}", True)
