"""The handlers of the routes, and what the framework calls on their classes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from greenroom.model.finding import Reach
from greenroom.model.route import Route
from greenroom.project.calls.imported import imported_by
from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.web.entry import Entry

PLAIN_BASES = frozenset({"abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple", "enum.Enum", "enum.StrEnum",
                         "object", "Exception", "str", "typing.TypedDict"})  # fmt: skip
"""They call nothing of what is derived from them."""
_FEWEST_SERVED: Final = 8
_FOR_DEVELOPERS: Final = re.compile(
    r"(?:^|/)(?:urls?_|routes?_)?(?:dev|development|local|debug)(?:_urls?|_routes?)?\.py$"
)
_DEVELOPING: Final = frozenset({"dev", "debug"})
"""As a whole segment of a path."""
_ONE_IN: Final = 5
"""From this share on, it is likelier that the way to the application was not read than that there is none."""
_BY_NAME: Final = (b"import_module", b"pkgutil", b"find_modules", b"spec_from_file_location", b"load_module", b"run_path",
                  b"SourceFileLoader", b"import_string", b"run_module")  # fmt: skip
_ASKED_BY_BROWSERS: Final = frozenset({"OPTIONS", "HEAD"})
"""Before they ask for what they want: no name for a handler that answers other methods, too."""
_NAMED: Final = frozenset({"asgi", "django", "flask"})
"""Frameworks whose applications name each file that has routes."""
_ROUTERS: Final = frozenset({"APIRouter", "Blueprint"})
_MOUNTS: Final = (b"include_router", b".mount", b"uvicorn", b"Mangum", b"register_blueprint")


def route_entries(
    modules: Mapping[str, Module], inference: Inference, routes: tuple[Route, ...]
) -> Iterator[Entry]:
    """The entries of all routes, then those around them."""
    around: dict[Scope, Entry] = {}
    unserved = _unserved(modules, routes) | _forgotten(modules, inference, routes) | _of_developers(routes)
    for route in sorted(routes, key=lambda route: route.method in _ASKED_BY_BROWSERS):
        scope = _handler(modules, route)
        if scope is None:
            continue
        is_socket = route.method == "WEBSOCKET"
        label = f"the WebSocket `{route.path}`" if is_socket else label_of(route)
        reach = Reach.SOCKET if is_socket else Reach.ROUTE
        entry = Entry(
            scope=scope, reach=reach, label=label, is_apart=_is_of_flask(route, scope.module),
            is_unserved=route in unserved,
        )  # fmt: skip
        if scope.kind != "class":
            yield entry
        cls = scope if scope.kind == "class" else scope.owner
        if cls is not None:
            around.setdefault(cls, entry)
    for cls, entry in around.items():
        for method in _framework_calls(cls, inference):
            yield replace(entry, scope=method, is_around=cls is not entry.scope, is_apart=False)


def _unserved(modules: Mapping[str, Module], routes: tuple[Route, ...]) -> set[Route]:
    """Those that hang on no application, of frameworks whose other routes do, but for a few."""
    found: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        if route.file in modules and modules[route.file].kind is FileKind.PRODUCTION:
            found[route.framework].append(route)
    served = {name: sum(bool(route.application) for route in each) for name, each in found.items()}
    loose: set[Route] = set()
    for name, each in found.items():
        alone = [route for route in each if not route.application]
        # Where the project makes no application of this framework, that of another serves in its place.
        there = served[name] or sum(served.values())
        if there >= _FEWEST_SERVED and len(alone) * _ONE_IN <= there + len(alone):
            loose.update(alone)
    return loose


def _of_developers(routes: tuple[Route, ...]) -> set[Route]:
    """`/debug/reset`, and what only the URLs of developers include (`config/urls/dev.py`), beside others."""
    found = {route for route in routes if _is_for_developers(route)}
    return found if len(found) < len(routes) else set()


def _is_for_developers(route: Route) -> bool:
    registered = (owner.partition("#")[0] for owner, _, _ in route.order)
    return any(map(_FOR_DEVELOPERS.search, registered)) or not _DEVELOPING.isdisjoint(route.path.split("/"))


def _forgotten(modules: Mapping[str, Module], inference: Inference, routes: tuple[Route, ...]) -> set[Route]:
    """Those that no application can include, where some serve and none goes by names."""
    served = {route.framework for route in routes if route.application}
    alone = [route for route in routes if not route.application and route.framework in served & _NAMED]
    others = [module for module in modules.values() if module.kind is not FileKind.TEST]
    if not alone or any(map(_imports_by_name, others)):
        return set()
    imported = imported_by(others, inference.symbols)
    return {
        route
        for route in alone
        if (module := modules.get(_registered_in(route))) is not None
        and module.kind is FileKind.PRODUCTION
        and module not in imported
        and (_is_told_nowhere(module, others) if route.framework == "django" else _only_makes_routers(module))
    }


def _registered_in(route: Route) -> str:
    """The URL configuration that a route of Django hangs on; of the others the file of the handler."""
    return route.order[0][0].partition("#")[0] if route.framework == "django" and route.order else route.file


def _is_told_nowhere(module: Module, others: list[Module]) -> bool:
    """Whether no text names it, as `include("shop.urls")` and `ROOT_URLCONF` do."""
    name = ".".join(module.name.split(".")[-2:]).encode()
    return not any(name in other.packed_bodies for other in others)


def _imports_by_name(module: Module) -> bool:
    return any(name in module.packed_bodies for name in _BY_NAME) or any(
        call.callee == "__import__" and not isinstance(facts.constant(call.arguments[0]), str)
        for scope in (module.scopes if b"__import__" in module.packed_bodies else ())
        for call in scope.body.calls
        if call.arguments
    )


def _only_makes_routers(module: Module) -> bool:
    """Whether it has routers, and nothing that could include one or start a server."""
    return any(facts.last_name(call.callee) in _ROUTERS for call in module.top.body.calls) and not any(
        name in module.packed_bodies for name in _MOUNTS
    )


def _is_of_flask(route: Route, module: Module) -> bool:
    """Quart, whose routes are read with Flask's, serves all on one loop."""
    return route.framework == "flask" and not any(part.module.startswith("quart") for part in module.imports)


def label_of(route: Route) -> str:
    """What messages call a route."""
    return f"`{route.path}`" if route.method == "*" else f"`{route.method} {route.path}`"


def _handler(modules: Mapping[str, Module], route: Route) -> Scope | None:
    module = modules.get(route.file)
    if module is None or not route.symbol:
        return None
    found = [scope for scope in module.scopes if scope.line == route.line and scope.qualname == route.symbol]
    return found[0] if found else None


def _framework_calls(cls: Scope, inference: Inference) -> Iterator[Scope]:
    """All methods of a class-based view (hooks as `get_queryset` are called by the library's base), and of what its body names.

    A class without a base in a library is only constructed.
    """
    scopes, bases = inference.classes.line(cls)
    libraries = [base for base in bases if base not in PLAIN_BASES]
    for scope in scopes:
        for child in scope.children:
            if child.kind == "function" and (libraries or child.name == "__init__"):
                yield child
    if libraries:
        for scope in scopes:
            for named in _named_in_body(scope, inference):
                if _is_of_library(named, inference):
                    yield from methods_of(named, inference)


def _is_of_library(cls: Scope, inference: Inference) -> bool:
    """Whether a framework knows its base; a service of the project is called where the project calls it."""
    return any(base not in PLAIN_BASES for base in inference.classes.line(cls)[1])


def methods_of(cls: Scope, inference: Inference) -> Iterator[Scope]:
    """The methods of a class and of its bases in the project."""
    for scope in inference.classes.line(cls)[0]:
        yield from (child for child in scope.children if child.kind == "function")


def _named_in_body(cls: Scope, inference: Inference) -> Iterator[Scope]:
    """`permission_classes = [IsOwner]`, `serializer_class = UserSerializer`: classes of the project."""
    for statement in cls.body.statements:
        if statement.kind in ("assign", "annotate") and statement.value is not None:
            for part in facts.walk(statement.value):
                if isinstance(part, str):
                    yield from (value.ref for value in inference.name(cls, part) if value.kind == "class")
