"""Which routes ask who is there: dependencies, decorators, permission classes, checks in the handler itself."""

import re
from collections.abc import Iterator
from functools import cached_property

from greenroom.model.route import Route
from greenroom.project.calls.graph import CallGraph
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.changes import changes
from greenroom.project.web.hooks import BEFORE
from greenroom.project.web.signs import WORDS, asks, looks, read_in, turns_away

_OPEN = re.compile(r"^(?:AllowAny|allow_any|permit_all|public|anonymous|login_exempt)$")
_TELLS_NOTHING = re.compile(
    r"^(?:csrf_exempt|csrf_protect|requires_csrf_token|ensure_csrf_cookie|(?:require|allow)(?:d|s|ed)?_(?:http_)?(?:methods?|POST|GET|PUT|DELETE|safe))$"
)
"""Of Django: which methods a view takes, and which page a form stood on."""
_DEPENDS = frozenset({"Depends", "Security"})
_FORMS = frozenset({"OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
"""Of FastAPI: what a login is sent."""
_DEEPEST = 3
_IN_FRONT = ("depends", "decorator")
_HOOKS = frozenset(
    {"get_permissions", "get_authenticators", "check_permissions", "has_permission", "initial", "dispatch",
     "prepare", "test_func"}
)  # fmt: skip
_FRAMEWORKS = frozenset(
    {"django", "rest_framework", "flask", "flask_restful", "flask_restx", "flask_restplus", "flask_smorest", "quart", "starlette", "fastapi",
     "aiohttp", "sanic", "channels", "litestar", "ninja", "tornado", "builtins", "object", "abc", "typing", "enum", "pydantic", "fastapi_utils", "fastapi_restful", "django_filters"}
)  # fmt: skip
"""Classes of others may ask in what they bring."""
_TELLS = re.compile(
    r"^(?:response\w*|request\w*|query_serializer|callbacks|openapi_extra|summary|description|tags|operation_id|name|methods|status_code)$"
)
"""What the decorator of a route says for whoever reads its description: `response_model=TokenResponse` asks nobody."""


def handler_of(modules: dict[str, Module], route: Route) -> Scope | None:
    """The function or class behind a route."""
    module = modules.get(route.file)
    if module is None or not route.symbol:
        return None
    return next(
        (scope for scope in module.scopes if scope.line == route.line and scope.qualname == route.symbol),
        None,
    )


def _says_nothing(name: str) -> bool:
    """Whether it matches, and asks nobody all the same."""
    return _OPEN.match(name) is not None or _TELLS_NOTHING.match(name) is not None


class Authentication:
    """Finds what stands in front of routes."""

    def __init__(self, modules: dict[str, Module], graph: CallGraph) -> None:
        self._modules = modules
        self._graph = graph

    def handler(self, route: Route) -> Scope | None:
        """The function or class behind a route."""
        return handler_of(self._modules, route)

    def explicit(self, route: Route) -> tuple[str, ...]:
        """The names of what is put in front of it: by routers, decorators, dependencies, classes."""
        return self._in_front(route, frozenset())

    def surely(self, route: Route) -> tuple[str, ...]:
        """The same without the classes of what is sent: `login(user: LoginModel)` asks nobody."""
        found = self._in_front(route, self._classes)
        return tuple(name for name in found if name not in _FORMS)

    def of_routers(self, route: Route) -> tuple[str, ...]:
        """The names of what the application and the routers put in front of it."""
        return tuple(name for name in route.guards if WORDS.search(name))

    @cached_property
    def _classes(self) -> frozenset[str]:
        """Names of the project's classes: a parameter of such a type is what a request brings, unless it depends on something."""
        return frozenset(
            scope.name
            for module in self._modules.values()
            for scope in module.scopes
            if scope.kind == "class"
        )

    def _in_front(self, route: Route, sent: frozenset[str]) -> tuple[str, ...]:
        handler = self.handler(route)
        found = list(self.of_routers(route))
        if handler is not None:
            found += [
                name
                for name in _names_around(handler, sent)
                if WORDS.search(name) and not _says_nothing(name)
            ]
            found += [name for part in self._dependencies(handler, 0) for name in _names_of_guard(part)]
        return tuple(dict.fromkeys(found))

    def any_sign(self, route: Route) -> bool:
        """Whether anything in the handler, or in what it calls, may ask who is there."""
        handler = self.handler(route)
        if handler is None or self.explicit(route) or BEFORE in route.guards or self.asks_in_a_hook(handler):
            return True
        return any(asks(scope) for scope in self._below(handler))

    def looks_at_who(self, route: Route) -> bool:
        """Whether the handler, or what it calls, looks at who is there: more than to let them in."""
        handler = self.handler(route)
        if handler is None or self.asks_in_a_hook(handler):
            return True
        told = _told_who(handler)
        own = {part for part in read_in(handler) if isinstance(part, str)}
        if looks(handler) or any(part.partition(".")[0] in told for part in own):
            return True
        return any(asks(scope) for scope in self._below(handler, guards=False) if scope is not handler)

    def asks_in_a_hook(self, handler: Scope) -> bool:
        """Whether its class, or one of the project that it inherits from, has a method that is called before the handler."""
        home = _class_of(handler)
        line = self._graph.inference.classes.line(home)[0] if home is not None else ()
        return any(child.name in _HOOKS for cls in line for child in cls.children)

    def may_ask_in_a_base(self, route: Route) -> bool:
        """Whether its class inherits from a class of others that may ask for what nothing here shows."""
        handler = self.handler(route)
        home = _class_of(handler) if handler is not None else None
        libraries = self._graph.inference.classes.line(home)[1] if home is not None else ()
        return any(name.partition(".")[0] not in _FRAMEWORKS for name in libraries)

    def is_said_open(self, route: Route) -> bool:
        """Whether the code says in so many words that all may come: `permission_classes = [AllowAny]`."""
        handler = self.handler(route)
        return handler is not None and any(map(_OPEN.match, _names_around(handler)))

    def reaches(self, route: Route, names: re.Pattern[str]) -> bool:
        """Whether the handler, or what it calls, calls something of such a name, or writes into something."""
        handler = self.handler(route)
        return handler is None or any(changes(scope, names) for scope in self._below(handler))

    def _dependencies(self, handler: Scope, depth: int) -> Iterator[Scope]:
        for edge in self._graph.edges(handler):
            if edge.how in _IN_FRONT and edge.target is not None:
                yield edge.target
                if depth < _DEEPEST and edge.how == "depends":
                    yield from self._dependencies(edge.target, depth + 1)

    def _below(self, handler: Scope, *, guards: bool = True) -> Iterator[Scope]:
        """The handler and what it calls, a few calls deep; guards: also what stands in front of it."""
        methods = handler.children if handler.kind == "class" else []
        level = [handler, *(part for part in methods if part.kind == "function")]
        seen: dict[Scope, None] = dict.fromkeys(level)
        for _ in range(_DEEPEST):
            reached = [
                edge.target
                for scope in level
                for edge in self._graph.edges(scope)
                if edge.target is not None and (guards or edge.how not in _IN_FRONT)
            ]
            level = [scope for scope in dict.fromkeys(reached) if scope not in seen]
            seen.update(dict.fromkeys(level))
        yield from seen


def _class_of(handler: Scope) -> Scope | None:
    return handler if handler.kind == "class" else handler.owner


def _names_of_guard(part: Scope) -> Iterator[str]:
    """What says that a dependency or a decorator asks who is there: what it is called, or that it turns people away."""
    names = [part.name] if part.owner is None else [part.name, part.owner.name]
    said = [name for name in names if WORDS.search(name)]
    if said:
        yield from said
    elif any(map(turns_away, (part, *part.children))):
        yield part.name


def _told_who(handler: Scope) -> frozenset[str]:
    """The parameters by which it is told who is there: `user: User = Depends(current_user)`."""
    return frozenset(
        parameter.name
        for parameter in handler.parameters
        if WORDS.search(parameter.name)
        or any(WORDS.search(name) for name in _names(handler.parent, parameter.annotation))
        or any(WORDS.search(name) for name in _names(handler.parent, parameter.default))
    )


def _names_around(handler: Scope, sent: frozenset[str] = frozenset()) -> Iterator[str]:
    """Of decorators, of annotations and defaults of parameters, and of the class around."""
    for scope in (handler, handler.owner):
        if scope is not None:
            yield from _names_at(scope, sent)
    for parameter in handler.parameters:
        said = tuple(_names(handler.parent, parameter.annotation))
        is_sent = _DEPENDS.isdisjoint(said)  # `Annotated[Login | Code, Body()]`
        yield from (name for name in said if not (is_sent and name in sent))
        yield from _names(handler.parent, parameter.default)


def _names_at(scope: Scope, sent: frozenset[str]) -> Iterator[str]:
    for part in (*scope.decorators, *scope.facts.bases):
        told = set(_told(scope.parent, part)) if sent else set()
        yield from (name for name in _names(scope.parent, part) if name not in told)
    if scope.kind == "class":
        for statement in scope.body.statements:
            if statement.kind in ("assign", "annotate") and statement.value is not None:
                target = statement.target[0] if statement.kind == "assign" else statement.target
                if isinstance(target, str) and WORDS.search(target):
                    yield from _names(scope, statement.value)


def _told(scope: Scope | None, decorator: Expression) -> Iterator[str]:
    """The names that stand in a decorator only to describe the route."""
    if type(decorator) is int and scope is not None:
        for key, value in scope.body.calls[decorator].keywords:
            if key is not None and _TELLS.match(key):
                yield from _names(scope, value)


def _names(scope: Scope | None, expression: Expression) -> Iterator[str]:
    for part in facts.walk(expression):
        if isinstance(part, str):
            yield part.rpartition(".")[2]
        elif isinstance(part, int) and scope is not None:
            call = scope.body.calls[part]
            yield last_name(call.callee)
            for inner in (*call.arguments, *(value for _, value in call.keywords)):
                yield from _names(scope, inner)
