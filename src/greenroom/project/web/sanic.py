"""Sanic: blueprints, groups of blueprints, versions, class-based views."""

from greenroom.project.code.facts import constant
from greenroom.project.code.module import Scope
from greenroom.project.web.sites import Site, argument, receiver
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
        for node in list(self._wiring.nodes.values()):
            if node.framework != _FRAMEWORK or node.made is None:
                continue
            call = node.made.scope.body.calls[node.made.call]
            run = self._wiring.evaluation.run(node.made)
            if node.made.last == "group":
                for part in call.arguments:
                    for child in self._wiring.nodes_of(run, part, _FRAMEWORK):
                        node.items.append(Link(child=child))
            version = constant(call.keyword("version"))
            if version is not None:
                node.front = f"/v{str(version).removeprefix('v')}"

    def _blueprint(self, node: Node, site: Site) -> None:
        wiring = self._wiring
        given = site.call.keyword("url_prefix")
        blueprints = argument(site.call, 0, "blueprint")
        children = wiring.nodes_of(site.context, blueprints, _FRAMEWORK)
        for item in wiring.evaluation.items(site.context, blueprints):
            children.extend(part for thing in item if (part := wiring.node(thing)) is not None)
        for child in children:
            prefix = wiring.path(site.context, given) if given is not None else ("", True)
            node.items.append(Link(child=child, prefix=prefix, replaces=given is not None))

    def _route(self, node: Node, site: Site) -> None:
        wiring, call = self._wiring, site.call
        adds = site.name.startswith("add_")
        path = wiring.path(site.context, argument(call, 1 if adds else 0, "uri"))
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
