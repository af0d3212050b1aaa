"""Sanic: blueprints, groups of blueprints, versions, class-based views."""

from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.web.sites import Site, argument, receiver
from greenroom.project.web.thing import Context, Made
from greenroom.project.web.wiring import HTTP_METHODS, Kind, Link, Node, Text, Wiring, hang

_FRAMEWORK = "sanic"


class Sanic:
    """Reads what is hung on applications and blueprints of Sanic."""

    names = frozenset({"route", "add_route", "websocket", "add_websocket_route", "blueprint", "group"})
    verbs = frozenset(HTTP_METHODS)
    roots = frozenset({"sanic"})

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        wiring.know(("sanic",), Sanic=Kind(framework=_FRAMEWORK, is_application=True))
        wiring.know(("sanic",), Blueprint=Kind(framework=_FRAMEWORK, prefix=(-1, "url_prefix")))
        # Blueprint.group(a, b, url_prefix="/v1") gives an object like a blueprint.
        wiring.know(("sanic",), group=Kind(framework=_FRAMEWORK, prefix=(-1, "url_prefix")))

    def read(self, site: Site) -> None:
        """Hang what the call registers on the nodes that it is called on."""
        wiring = self._wiring
        for node in wiring.nodes_of(site.context, receiver(site.call.callee), _FRAMEWORK):
            if site.name == "blueprint":
                self._blueprint(node, site)
            elif site.name != "group":
                self._route(node, site)

    def finish(self) -> None:
        """The blueprints of groups, and versions."""
        seen: set[int] = set()
        while fresh := [node for node in self._wiring.nodes.values() if id(node) not in seen]:
            seen.update(id(node) for node in fresh)
            for node in fresh:
                if node.framework == _FRAMEWORK and node.made is not None:
                    self._complete(node, node.made)

    def _complete(self, node: Node, made: Made) -> None:
        call = made.scope.body.calls[made.call]
        run = self._wiring.evaluation.run(made)
        if made.last == "group":
            for part in call.arguments:
                node.items.extend(Link(child=child) for child in self._blueprints(run, part))
        node.prefix = _in_slashes(node.prefix)
        self._tell_version(node, run, call)

    def _blueprint(self, node: Node, site: Site) -> None:
        wiring = self._wiring
        given = site.call.keyword("url_prefix")
        for child in self._blueprints(site.context, argument(site.call, 0, "blueprint")):
            prefix = _in_slashes(wiring.path(site.context, given)) if given is not None else ("", True)
            above = self._versioned(node, site)
            is_group = (
                child.made is not None and child.made.last == "group"
            )  # it keeps its own below what is given
            above.items.append(Link(child=child, prefix=prefix, replaces=given is not None and not is_group))

    def _blueprints(self, context: Context, expression: Expression) -> list[Node]:
        """One blueprint or group, or a list of them."""
        found = self._wiring.nodes_of(context, expression, _FRAMEWORK)
        for item in self._wiring.evaluation.items(context, expression):
            found.extend(part for thing in item if (part := self._wiring.node(thing)) is not None)
        return found

    def _versioned(self, node: Node, site: Site) -> Node:
        """The node, or one below it for what the call alone gives a version."""
        if site.call.keyword("version") is None and site.call.keyword("version_prefix") is None:
            return node
        inner = Node(framework=_FRAMEWORK, is_application=False, scope=site.context.scope, made=None)
        self._tell_version(inner, site.context, site.call)
        node.items.append(Link(child=inner))
        return inner

    def _tell_version(self, node: Node, context: Context, call: Call) -> None:
        for thing in self._wiring.evaluation.evaluate(context, call.keyword("version")):
            if thing.kind in ("text", "number"):
                node.version = str(thing.ref).strip("/").removeprefix("v")
        before = self._wiring.path(context, call.keyword("version_prefix"))[0]
        node.version_prefix = "" if before == "/v" else before

    def _route(self, node: Node, site: Site) -> None:
        wiring, call = self._wiring, site.call
        node = self._versioned(node, site)
        adds = site.name.startswith("add_")
        text, certain = wiring.path(site.context, argument(call, 1 if adds else 0, "uri"))
        path = (f"/{text.lstrip('/')}" if text else "", certain)
        handler = site.decorated
        if handler is None:
            handler = wiring.handler(site.context, argument(call, 0, "handler") if adds else site.applied)
        place = (site.context.scope, site.line)
        if "websocket" in site.name:
            hang(node, handler, place, ("WEBSOCKET",), path)
        elif site.name in HTTP_METHODS:
            hang(node, handler, place, (site.name.upper(),), path)
        elif handler is not None and handler.kind == "class":
            self._view(node, handler, place, path)
        else:
            hang(
                node,
                handler,
                place,
                wiring.methods(site.context, argument(call, 2 if adds else 1, "methods"), ("GET",)),
                path,
            )

    def _view(self, node: Node, cls: Scope, place: tuple[Scope, int], path: Text) -> None:
        for name, member in self._wiring.class_methods(cls):
            hang(node, member, place, (name,), path)


def _in_slashes(prefix: Text) -> Text:
    """Sanic joins prefixes by a slash, whether they have one or not: `items` below `/api/` is `/api/items`."""
    text, certain = prefix
    return f"/{text.strip('/')}" if text.strip("/") else "", certain
