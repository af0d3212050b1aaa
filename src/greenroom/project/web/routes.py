"""The routes of all applications, with their full paths."""

from collections.abc import Iterator
from typing import Protocol

from greenroom.model.route import Route
from greenroom.project.calls.graph import CallGraph
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.web.aiohttp import Aiohttp
from greenroom.project.web.asgi import Asgi
from greenroom.project.web.django import Django
from greenroom.project.web.flask import Flask
from greenroom.project.web.sanic import Sanic
from greenroom.project.web.sites import Site, find_sites
from greenroom.project.web.wiring import Link, Node, Registered, Text, Wiring

_DEEPEST_NESTING = 12


class Reader(Protocol):
    """One framework's way of hanging routes on applications."""

    names: frozenset[str]
    """Of the calls that it wants to see."""
    verbs: frozenset[str]
    """Of those that it wants to see as decorators only."""
    roots: frozenset[str]
    """Import roots of the libraries; where none is imported, the reader is not asked."""

    def read(self, site: Site) -> None:
        """Take over what a call registers."""

    def finish(self) -> None:
        """Called once after the last call."""


_READERS = (Asgi, Flask, Sanic, Aiohttp, Django)


def find_routes(modules: dict[str, Module], graph: CallGraph) -> tuple[Route, ...]:
    """Every route that the code hangs on an application, in the order of the applications' registration."""
    production = [module for module in modules.values() if module.kind is FileKind.PRODUCTION]
    imported = {
        part.module.split(".", 1)[0] for module in production for part in module.imports if not part.level
    }
    wiring = Wiring(production, graph)
    readers: list[Reader] = [reader(wiring) for reader in _READERS if _is_used(reader.roots, imported)]
    _read(readers, wiring, production)
    return tuple(dict.fromkeys(_assemble(wiring)))


def _is_used(roots: frozenset[str], imported: set[str]) -> bool:
    return not roots.isdisjoint(imported)


def _read(readers: list[Reader], wiring: Wiring, modules: list[Module]) -> None:
    names = frozenset().union(*(reader.names for reader in readers))
    verbs = frozenset().union(*(reader.verbs for reader in readers)) - names
    if names or verbs:
        for site in find_sites(modules, wiring.evaluation, names, verbs):
            for reader in readers:
                if (
                    site.name in reader.names
                    or site.name in reader.verbs
                    or site.on_attribute in reader.names
                ):
                    reader.read(site)
    for reader in readers:
        reader.finish()


def _assemble(wiring: Wiring) -> Iterator[Route]:
    nodes = list(wiring.nodes.values())
    children = {
        id(item.child) for node in nodes if not node.is_guess for item in node.items if isinstance(item, Link)
    }
    _adopt(nodes)
    walk = _Walk()
    for node in nodes:
        if node.is_application and id(node) not in children:
            yield from walk.routes(node, ("", True), node.symbol, ())
    for node in nodes:
        # What nobody includes as far as the code shows; on a class: what no object of it was found for.
        if id(node) not in walk.seen and id(node) not in children:
            yield from walk.routes(node, ("", False), "", ())
    for node in nodes:
        if id(node) not in walk.seen:
            yield from walk.routes(node, ("", False), "", ())


def _adopt(nodes: list[Node]) -> None:
    """Routes that hang on something less than the object itself."""
    plain = {
        (node.made.scope, node.made.call): node for node in nodes if node.made and not node.made.arguments
    }
    for node in nodes:
        applications = [part for part in nodes if part.is_application and part.framework == node.framework]
        if node.is_guess and len(applications) == 1:
            applications[0].items.append(Link(child=node))
        elif node.made is not None and not node.items:  # of this object, whatever its factory was given
            same = plain.get((node.made.scope, node.made.call))
            if same is not None and same is not node:
                node.items.extend(same.items)


class _Walk:
    """Down from an application to the routes."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def routes(
        self, node: Node, base: Text, application: str, above: tuple[Node, ...], *, bare: bool = False
    ) -> Iterator[Route]:
        """The routes of a node and of all nodes under it; bare: without the prefix of its own."""
        if node in above or len(above) > _DEEPEST_NESTING:
            return
        self.seen.add(id(node))
        prefix = join((node.front + base[0], base[1]), ("", True) if bare else node.prefix)
        for item in list(node.items):
            if isinstance(item, Registered):
                path = join(prefix, item.path)
                for method in item.methods:
                    yield _route(item, method, path, application)
            else:
                inner = join(prefix, item.prefix)
                yield from self.routes(item.child, inner, application, (*above, node), bare=item.replaces)


def _route(item: Registered, method: str, path: Text, application: str) -> Route:
    place: Scope = item.handler or item.scope
    line = place.line if item.handler is not None else item.line
    return Route(
        method=method, path=path[0] if path[0].startswith("/") else f"/{path[0]}", application=application,
        file=place.path, line=line, symbol=item.handler.qualname if item.handler is not None else "",
        certain=path[1],
    )  # fmt: skip


def join(prefix: Text, path: Text) -> Text:
    """Two parts of a path; one slash where both have one."""
    before, after = prefix[0], path[0]
    if before.endswith("/") and after.startswith("/"):
        before = before[:-1]
    return before + after, prefix[1] and path[1]
