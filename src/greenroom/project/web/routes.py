"""The routes of all applications, with their full paths."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from greenroom.model.route import Route
from greenroom.project.calls.graph import CallGraph
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.web.aiohttp import Aiohttp
from greenroom.project.web.asgi import Asgi
from greenroom.project.web.django import Django
from greenroom.project.web.flask import Flask
from greenroom.project.web.litestar import Litestar
from greenroom.project.web.ninja import Ninja
from greenroom.project.web.sanic import Sanic
from greenroom.project.web.sites import Site, find_sites
from greenroom.project.web.wiring import Link, Mount, Node, Registered, Text, Wiring

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


_READERS = (Asgi, Litestar, Flask, Sanic, Aiohttp, Ninja, Django)


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
    applications = [node for node in nodes if node.is_application and id(node) not in children]
    homes = defaultdict(set)
    for node in applications:
        homes[node.symbol].add(node.scope.path)
    for node in applications:
        file = node.scope.path
        name = node.symbol if len(homes[node.symbol]) == 1 else f"{node.symbol} in {file}"
        yield from walk.routes(node, ("", True), _Above(name, file=file))
    for node in nodes:
        # What nobody includes as far as the code shows; on a class: what no object of it was found for.
        if id(node) not in walk.seen and id(node) not in children:
            yield from walk.routes(node, ("", False), _Above(""))
    for node in nodes:
        if id(node) not in walk.seen:
            yield from walk.routes(node, ("", False), _Above(""))


def _adopt(nodes: list[Node]) -> None:
    """Routes that hang on something less than the object itself."""
    plain = {
        (node.made.scope, node.made.call): node for node in nodes if node.made and not node.made.arguments
    }
    for node in nodes:
        applications = [part for part in nodes if part.is_application and part.framework == node.framework]
        if node.is_guess and len(applications) == 1:
            applications[0].items.append(Link(child=node))
        elif node.is_guess and not applications:  # a container of dependencies or another framework makes it
            node.is_application, node.symbol = True, f"{node.scope.module.name}.{node.scope.qualname}"
        elif node.made is not None and not node.items:  # of this object, whatever its factory was given
            same = plain.get((node.made.scope, node.made.call))
            if same is not None and same is not node:
                node.items.extend(same.items)


class _Above(NamedTuple):
    """What is known on the way down."""

    application: str
    nodes: tuple[Node, ...] = ()
    guards: tuple[str, ...] = ()
    order: tuple[tuple[str, int, int], ...] = ()
    file: str = ""
    version: tuple[str, str] = ("", "/v")
    """And what comes before it."""
    namespaces: tuple[str, ...] = ()

    @property
    def front(self) -> Text:
        """What comes before all prefixes."""
        return "".join(reversed(self.version)) if self.version[0] else "", True

    def under(self, node: Node) -> "_Above":
        """The same with the version that the node says."""
        version, before = self.version
        return self._replace(version=(node.version or version, node.version_prefix or before))

    def below(self, node: Node, link: Link, number: int) -> "_Above":
        """One link further down."""
        return _Above(
            self.application, (*self.nodes, node), (*self.guards, *node.guards, *link.guards),
            (*self.order, _step(link.scope, link.line, number)), self.file, self.version,
            (*self.namespaces, *filter(None, [link.namespace or link.child.namespace])),
        )  # fmt: skip


class _Walk:
    """Down from an application to the routes."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    def routes(self, node: Node, base: Text, above: _Above, *, bare: bool = False) -> Iterator[Route]:
        """The routes of a node and of all nodes under it; bare: without the prefix of its own."""
        if node in above.nodes or len(above.nodes) > _DEEPEST_NESTING:
            return
        self.seen.add(id(node))
        above = above.under(node)
        prefix = join(base, ("", True) if bare else node.prefix)
        for number, item in enumerate(list(node.items)):
            if isinstance(item, Link):
                inner = join(prefix, item.prefix)
                yield from self.routes(item.child, inner, above.below(node, item, number), bare=item.replaces)
                continue
            yield from _routes(node, number, prefix, above)


def _routes(node: Node, number: int, prefix: Text, above: _Above) -> Iterator[Route]:
    """Of one item that is no link."""
    item = node.items[number]
    if isinstance(item, Link):
        return
    path, certain = join(join(above.front, prefix), item.path)
    handler = item.handler if isinstance(item, Registered) else None
    place: Scope = handler or item.scope
    for method in item.methods if isinstance(item, Registered) else ("*",):
        yield Route(
            method=method, path=f"/{path.lstrip('/')}", application=above.application, application_file=above.file,
            file=place.path, line=place.line if handler is not None else item.line,
            symbol=handler.qualname if handler is not None else item.what, certain=certain, framework=node.framework,
            is_mount=isinstance(item, Mount), guards=tuple(dict.fromkeys((*above.guards, *node.guards))),
            order=(*above.order, _step(item.scope, item.line, number)),
            name=":".join((*above.namespaces, item.name)) if isinstance(item, Registered) and item.name else "",
        )  # fmt: skip


def _step(scope: Scope | None, line: int, number: int) -> tuple[str, int, int]:
    return (f"{scope.path}#{scope.index}" if scope is not None else "", line, number)


def join(prefix: Text, path: Text) -> Text:
    """Two parts of a path; one slash where both have one."""
    before, after = prefix[0], path[0]
    if before.endswith("/") and after.startswith("/"):
        before = before[:-1]
    return before + after, prefix[1] and path[1]
