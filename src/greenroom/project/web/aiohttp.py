"""aiohttp: the router's add methods, lists of routes, route tables, sub-applications."""

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made
from greenroom.project.web.wiring import Kind, Link, Node, Text, Wiring, hang

_FRAMEWORK = "aiohttp"
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_ADDS = {f"add_{verb}": verb.upper() for verb in _VERBS}


class Aiohttp:
    """Reads what is hung on applications of aiohttp."""

    names = frozenset({*_ADDS, "add_route", "add_view", "add_routes", "add_subapp", "route", "view"})
    verbs = frozenset(_VERBS)
    roots = frozenset({"aiohttp"})

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        wiring.know(("aiohttp",), Application=Kind(framework=_FRAMEWORK, is_application=True))
        wiring.know(("aiohttp",), RouteTableDef=Kind(framework=_FRAMEWORK))
        # router.add_resource("/x") gives something to add methods to.
        wiring.know(("aiohttp",), add_resource=Kind(framework=_FRAMEWORK, prefix=(0, "path")))

    def read(self, site: Site) -> None:
        """Hang what the call registers on the nodes that it is called on."""
        for node in self._wiring.nodes_of(site.context, receiver(site.call.callee), _FRAMEWORK):
            if site.name == "add_routes":
                self._routes(node, site.context, argument(site.call, 0, "routes"))
            elif site.name == "add_subapp":
                prefix = self._wiring.path(site.context, argument(site.call, 0, "prefix"))
                subapp = _given(site, argument(site.call, 1, "subapp"))
                for child in self._wiring.nodes_of(site.context, subapp, _FRAMEWORK):
                    node.items.append(Link(child=child, prefix=prefix))
            else:
                self._route(node, site.context, site.call, (site.name.removeprefix("add_"), site.decorated))

    def finish(self) -> None:
        """`router.add_resource("/x")` belongs to the application whose router it is."""
        for node in list(self._wiring.nodes.values()):
            if node.framework == _FRAMEWORK and node.made is not None and node.made.last == "add_resource":
                call = node.made.scope.body.calls[node.made.call]
                run = self._wiring.evaluation.run(node.made)
                for parent in self._wiring.nodes_of(run, receiver(call.callee), _FRAMEWORK):
                    parent.items.append(Link(child=node))

    def _routes(self, node: Node, context: Context, expression: Expression) -> None:
        wiring = self._wiring
        for thing in wiring.evaluation.evaluate(context, expression):
            for part in [inner for item in thing.ref for inner in item] if thing.kind == "list" else [thing]:
                if part.kind != "made":
                    continue
                child = wiring.node(part)
                if child is not None and child is not node:
                    node.items.append(Link(child=child))
                elif part.ref.root == "aiohttp":
                    self._listed(node, part.ref)

    def _listed(self, node: Node, made: Made) -> None:
        if made.last in (*_VERBS, "route", "view"):
            call = made.scope.body.calls[made.call]
            self._route(node, self._wiring.evaluation.run(made), call, (made.last, None))

    def _route(self, node: Node, context: Context, call: Call, how: tuple[str, Scope | None]) -> None:
        """`get(path, handler)`, `view(path, handler)`, `route(method, path, handler)`; decorators have no handler."""
        wiring = self._wiring
        name, handler = how
        is_resource = node.made is not None and node.made.last == "add_resource"
        shift = int(name == "route") - int(is_resource)
        path: Text = ("", True) if is_resource else wiring.path(context, argument(call, shift, "path"))
        if handler is None:
            handler = wiring.handler(context, argument(call, shift + 1, "handler"))
        place = (context.scope, call.line)
        if handler is not None and handler.kind == "class":
            for method, member in wiring.class_methods(handler):
                hang(node, member, place, (method,), path)
            return
        if name == "route":
            told = wiring.path(context, argument(call, 0, "method"))[0].upper() or "*"
            hang(node, handler, place, (told,), path)
        else:
            hang(node, handler, place, ("*" if name == "view" else name.upper(),), path)


def _given(site: Site, expression: Expression) -> Expression:
    """What was put under the key just before: `app["parts"]["web"] = await make()`, `app.add_subapp("/web", app["parts"]["web"])`."""
    if not isinstance(expression, tuple) or expression[0] != facts.ITEM:
        return expression
    put = [
        part.value
        for part in site.context.scope.body.statements
        if part.kind == "assign" and expression in part.target and part.line <= site.call.line
    ]
    return put[-1] if put else expression
