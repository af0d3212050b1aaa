"""What a request brings, and the names that it gets on its way down."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from greenroom.model.finding import Reach
from greenroom.model.route import Route
from greenroom.project.calls.handed_in import argument_of
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Parameter
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_HELD: Final = re.compile(
    r"^(?:self\.|flask\.|cls\.)?(?:request|req)\."
    r"(?:GET|POST|args|form|values|query_params|query|rel_url\.query|url\.query|json|data)$"
)
"""Where frameworks put what came: a mapping of names to texts, or what was parsed from the body."""
_PATH_PARTS: Final = re.compile(r"^(?:self\.)?(?:request|req)\.(?:match_info|path_params)$")
_FREE: Final = {
    "flask": ("<{}>", "<string:{}>"), "sanic": ("<{}>", "<{}:str>"), "aiohttp": ("{{{}}}",), "asgi": ("{{{}}}", "{{{}:str}}"),
    "django": ("<str:{}>", "<slug:{}>"),
}  # fmt: skip
"""How a part of a path is written that may be any text; `<pk>` of Django may come of a regular expression."""
_JSON: Final = frozenset({"get_json", "json"})
_BODY: Final = re.compile(r"^(?:self\.)?(?:request|req)\.(?:body|data|raw_post_data)$")
_BODY_CALLS: Final = re.compile(
    r"^(?:self\.)?(?:request|req)\.(?:body|get_data|read|text|get_body_argument)$"
)
_TAKES: Final = frozenset({"get", "getlist", "pop", "getone", "getall"})
_SAME: Final = frozenset({"strip", "lower", "upper", "lstrip", "rstrip", "decode", "replace", "split", "removeprefix", "str"})  # fmt: skip
_FIELDS: Final = frozenset({"Query", "Path", "Form", "Body"})
_LOOKED_AT: Final = frozenset(
    {"pattern", "regex", "ge", "gt", "le", "lt", "min_length", "max_length", "enum", "multiple_of"}
)
_STAND_IN: Final = re.compile(r"Mock|Fake|Stub|Dummy")
"""What stands for a server in tests, wherever it is kept: nobody sends it anything else."""
_DEEPEST: Final = 5


class Incoming(NamedTuple):
    """A value that nobody has looked at."""

    handler: Scope
    spelled: str
    """`request.args["page"]`; of a parameter its name."""
    names: tuple[tuple[Scope, frozenset[str]], ...]
    """By function, the names that it has there."""
    calls: tuple[tuple[Scope, int], ...] = ()
    """From the handler down, the calls that hand it on."""


class Reader:
    """Follows values up to the request that brought them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._handlers: dict[Scope, list[Route]] = {}
        for file, routes in _by_file(project.routes).items():
            module = project.modules.get(file)
            for scope in module.scopes if module is not None else ():
                own = routes.get((scope.line, scope.qualname))
                if own and _STAND_IN.search(scope.qualname) is None:
                    for handler in (scope,) if scope.is_function else self._hooks(scope):
                        self._handlers.setdefault(handler, own)

    def _hooks(self, view: Scope) -> Iterator[Scope]:
        """Methods of a view that inherits its handlers, where these come: `get_queryset`, `get_context_data`."""
        entries = self._project.entries
        for scope in view.children:
            entry = entries.entry(scope) if scope.is_function else None
            if entry is not None and entry.reach is Reach.ROUTE:
                yield scope

    def routes(self, scope: Scope) -> list[Route]:
        """The routes whose handler it is."""
        return self._handlers.get(scope, [])

    def is_in_view(self, scope: Scope) -> bool:
        """Whether it is a handler, or another method of a class that has one."""
        if scope in self._handlers:
            return True
        return scope.owner is not None and any(child in self._handlers for child in scope.owner.children)

    def incoming(self, scope: Scope, expression: Expression, kind: str = "str") -> Iterator[Incoming]:
        """The requests from which an expression comes as it is.

        Args:
            scope: the function in whose body the expression stands.
            expression: what is used there.
            kind: the annotation that a handler's parameter must have to be taken as it comes.
        """
        yield from self._trace(scope, expression, kind, frozenset(), 0)

    def _trace(
        self, scope: Scope, expression: Expression, kind: str, names: frozenset[str], depth: int
    ) -> Iterator[Incoming]:
        if depth > _DEEPEST or expression is None:
            return
        spelled = self.spelled(scope, expression, kind)
        if spelled and self.is_in_view(scope):
            yield Incoming(scope, spelled, ((scope, names),))
        elif type(expression) is int:
            base = _passed_on(scope.body.calls[expression], kind)
            if base is not None:
                yield from self._trace(scope, base, kind, names, depth + 1)
        elif type(expression) is str and "." not in expression:
            yield from self._named(scope, expression, kind, names | {expression}, depth)

    def _named(
        self, scope: Scope, name: str, kind: str, names: frozenset[str], depth: int
    ) -> Iterator[Incoming]:
        bound = self._project.inference.bindings(scope).get(name, ())
        live = [part for part in bound if not (part.how == "value" and _is_fixed(part.source))]
        if len(live) != 1 or scope.module.mentions(scope.index, b"global"):
            return
        if live[0].how in ("value", "element"):
            yield from self._trace(scope, live[0].source, kind, names, depth + 1)
        elif live[0].how == "parameter":
            yield from self._parameter(scope, live[0].source, kind, names, depth)

    def _parameter(
        self, scope: Scope, parameter: Parameter, kind: str, names: frozenset[str], depth: int
    ) -> Iterator[Incoming]:
        routes = self.routes(scope)
        if any(route.framework == "asgi" for route in routes):
            if is_taken_as_it_comes(scope, parameter, kind):
                yield Incoming(scope, parameter.name, ((scope, names),))
            return
        if routes:
            if kind == "str" and _is_free(routes, parameter.name):
                yield Incoming(scope, parameter.name, ((scope, names),))
            return
        for edge in self._project.graph.callers(scope):
            if (
                edge.caller.module.kind is not FileKind.PRODUCTION
                or edge.call < 0
                or edge.certainty < PROBABLE
            ):
                continue
            if edge.how != "call":
                continue
            given = argument_of(scope, parameter, edge)
            for found in self._trace(edge.caller, given, kind, frozenset(), depth + 1):
                yield found._replace(
                    names=(*found.names, (scope, names)), calls=(*found.calls, (edge.caller, edge.call))
                )

    # what frameworks call it

    def spelled(self, scope: Scope, expression: Expression, kind: str = "str") -> str:
        """`request.args["page"]` where that is what it takes out of a request, as a value of this kind, else empty."""
        if type(expression) is tuple and expression[0] == facts.AWAIT:
            return self.spelled(scope, expression[1], kind)
        if type(expression) is tuple and expression[0] == facts.ITEM:
            return self._part(scope, expression[1], expression[2])
        if type(expression) is str:
            return expression if _BODY.match(expression) else ""
        if type(expression) is not int:
            return ""
        call = scope.body.calls[expression]
        if type(call.callee) is str and _BODY_CALLS.match(call.callee):
            return f"{call.callee}()"
        base, last = _parts(call.callee)
        if (
            last not in _TAKES
            or not call.arguments
            or call.keyword("type") not in (None, kind)
            or len(call.arguments) > 2
        ):
            return ""
        return self._part(scope, base, call.arguments[0])

    def _part(self, scope: Scope, mapping: Expression, key: Expression) -> str:
        """`request.args["page"]`, where the mapping is one of a request and the key stands in the code."""
        name = facts.constant(key)
        if not isinstance(name, str):
            return ""
        if type(mapping) is str and _PATH_PARTS.match(mapping):
            return f'{mapping}["{name}"]' if _is_free(self.routes(scope), name) else ""
        held = self._held(scope, mapping)
        return f'{held}["{name}"]' if held else ""

    def _held(self, scope: Scope, expression: Expression, depth: int = 0) -> str:
        """The mapping of a request that this is, else empty."""
        if depth > 2:
            return ""
        if type(expression) is tuple and expression[0] == facts.AWAIT:
            return self._held(scope, expression[1], depth)
        if type(expression) is tuple and expression[0] == facts.EITHER and expression[1] != "and":
            return self._held_by_all(scope, expression[2], depth)
        if type(expression) is int:
            base, last = _parts(scope.body.calls[expression].callee)
            is_json = last in _JSON and type(base) is str and base.rpartition(".")[2] in ("request", "req")
            return f"{base}.{last}()" if is_json else ""
        if type(expression) is not str:
            return ""
        if _HELD.match(expression):
            return expression
        bound = self._project.inference.bindings(scope).get(expression, ()) if "." not in expression else ()
        if bound and all(part.how == "value" for part in bound):
            return self._held_by_all(scope, [part.source for part in bound], depth + 1)
        return ""

    def _held_by_all(self, scope: Scope, sources: Iterable[Expression], depth: int) -> str:
        """What the first of them is, where each is such a mapping or an empty one: `request.get_json() or {}`."""
        held = [self._held(scope, source, depth) for source in sources if not _is_empty(source)]
        return held[0] if held and all(held) else ""


def _by_file(routes: Iterable[Route]) -> dict[str, dict[tuple[int, str], list[Route]]]:
    found: dict[str, dict[tuple[int, str], list[Route]]] = {}
    for route in routes:
        found.setdefault(route.file, {}).setdefault((route.line, route.symbol), []).append(route)
    return found


def _is_free(routes: Iterable[Route], name: str) -> bool:
    """Whether this part of the path of each route may be any text: no converter and no regular expression looks at it."""
    found = list(routes)
    return bool(found) and all(
        any(each.format(name) in route.path for each in _FREE.get(route.framework, ())) for route in found
    )


def is_taken_as_it_comes(scope: Scope, parameter: Parameter, kind: str) -> bool:
    """A handler's parameter of which nothing but its type is said: `str`, `str | None`, `Annotated[str, Query()]`."""
    annotation = parameter.annotation
    if (
        type(annotation) is tuple
        and annotation[0] == facts.ITEM
        and annotation[1] in ("Annotated", "typing.Annotated")
    ):
        inner = annotation[2]
        if type(inner) is not tuple or inner[0] != facts.SEQUENCE or not inner[2]:
            return False
        if any(not _is_plain_field(scope, part) for part in inner[2][1:]):
            return False
        annotation = inner[2][0]
    default = parameter.default
    plain = default is None or facts.constant(default) is not None or facts.is_none(default)
    return _is_of_kind(annotation, kind) and (plain or _is_plain_field(scope, default))


def _is_of_kind(annotation: Expression, kind: str) -> bool:
    if type(annotation) is tuple and annotation[0] == facts.ITEM:
        return annotation[1] in ("Optional", "typing.Optional") and annotation[2] == kind
    if type(annotation) is tuple and annotation[0] == facts.OPERATION and annotation[1] == "|":
        return all(part == kind or facts.is_none(part) for part in annotation[2])
    return bool(annotation in (kind, (facts.CONSTANT, kind)))


def _is_plain_field(scope: Scope, expression: Expression) -> bool:
    """`Query("id", description="…")`: nothing in it limits the value."""
    if type(expression) is not int or scope.parent is None:
        return False
    call = scope.parent.body.calls[expression]
    return facts.last_name(call.callee) in _FIELDS and not any(
        name is None or name in _LOOKED_AT for name, _ in call.keywords
    )


def _passed_on(call: Call, kind: str) -> Expression | None:
    """What a call gives back unchanged, or cut into pieces: `text.strip()`, `str(text)`, as a number `int(text)`."""
    base, last = _parts(call.callee)
    if last in ("str", kind) and base is None:
        return call.arguments[0] if call.arguments else None
    return base if last in _SAME else None


def _parts(callee: Expression) -> tuple[Expression | None, str]:
    """What a method is called on, and its name."""
    if type(callee) is str:
        base, _, last = callee.rpartition(".")
        return base or None, last
    if type(callee) is tuple and callee[0] == facts.ATTRIBUTE:
        return callee[1], str(callee[2])
    return None, ""


def _is_empty(source: Expression) -> bool:
    return type(source) is tuple and source[0] == facts.MAPPING and not source[1]


def _is_fixed(source: Expression) -> bool:
    """A value that stands in the code: the default where nothing came."""
    return type(source) is tuple and source[0] == facts.CONSTANT
