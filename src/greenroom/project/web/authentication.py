"""Which routes ask who is there: dependencies, decorators, permission classes, checks in the handler itself."""

import re
from collections.abc import Iterator
from functools import cached_property

from greenroom.model.route import Route
from greenroom.project.calls.graph import CallGraph
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, Statement, last_name
from greenroom.project.code.module import Module, Scope

_WORDS = re.compile(
    r"auth(?!ors?(?:_|\b))|login|logged|signed_?in|permission|current_?(?:\w+_)?user|get_user|user_?info|token|jwt|credential|api_?key|secret|session_?user|"
    r"verif|signature|hmac|compare_digest|acl\b|role|scope|principal|identity|require|protect|guard|polic|allow|access|"
    r"admin|member|owner|(?<!f)actor|agent_?dep|tenant|csrf|check_key|superuser|staff|subject|bearer|basic|oauth|sso|saml|wallet",
    re.IGNORECASE,
)
"""What such things are called; rather too many than too few."""
_ASKED = re.compile(r"(?:^|\.)(?:user|current_user|session|cookies|auth|headers|authorization)(?:\.|$)")
_OPEN = re.compile(r"^(?:AllowAny|allow_any|permit_all|public|anonymous|login_exempt|csrf_exempt)$")
_DEPENDS = frozenset({"Depends", "Security"})
_FORMS = frozenset({"OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
"""Of FastAPI: what a login is sent."""
_ON_DATABASES = frozenset(
    f"session.{name}"
    for name in ("add", "add_all", "begin", "commit", "exec", "execute", "flush", "merge", "query", "refresh", "rollback",
                 "scalar", "scalars")
)  # fmt: skip
_SESSIONS = frozenset(
    {"Session", "AsyncSession", "SessionDep", "AsyncSessionDep", "DBSession", "scoped_session"}
)
"""Of SQLAlchemy and SQLModel, and what projects call the dependency that gives one."""
_DEEPEST = 3
_LONGEST_KEY = 40
_CONDITIONS = frozenset({"if", "while"})
_HOOKS = frozenset(
    {
        "get_permissions",
        "get_authenticators",
        "check_permissions",
        "initial",
        "dispatch",
        "prepare",
        "test_func",
    }
)
_CONNECTION = "scope"
_BROUGHT = frozenset(
    {"user", "session", "cookies", "headers", "query_string", "subprotocols", "client", None}
)
"""Keys of ASGI's `scope` that may tell who is there; one that is not written may be any."""
_TELLS = re.compile(
    r"^(?:response\w*|request\w*|query_serializer|callbacks|openapi_extra|summary|description|tags|operation_id|name|methods|status_code)$"
)
"""What the decorator of a route says for whoever reads its description: `response_model=TokenResponse` asks nobody."""
_WRITES = frozenset({"assign", "augment", "delete"})


def handler_of(modules: dict[str, Module], route: Route) -> Scope | None:
    """The function or class behind a route."""
    module = modules.get(route.file)
    if module is None or not route.symbol:
        return None
    return next(
        (scope for scope in module.scopes if scope.line == route.line and scope.qualname == route.symbol),
        None,
    )


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
        return tuple(name for name in route.guards if _WORDS.search(name))

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
                name for name in _names_around(handler, sent) if _WORDS.search(name) and not _OPEN.match(name)
            ]
            found += [name for name in self._dependencies(handler, 0) if _WORDS.search(name)]
        return tuple(dict.fromkeys(found))

    def any_sign(self, route: Route) -> bool:
        """Whether anything in the handler, or in what it calls, may ask who is there."""
        handler = self.handler(route)
        if handler is None or self.explicit(route) or _asks_in_a_hook(handler):
            return True
        return any(self._asks(scope) for scope in self._below(handler))

    def is_said_open(self, route: Route) -> bool:
        """Whether the code says in so many words that all may come: `permission_classes = [AllowAny]`."""
        handler = self.handler(route)
        return handler is not None and any(map(_OPEN.match, _names_around(handler)))

    def reaches(self, route: Route, names: re.Pattern[str]) -> bool:
        """Whether the handler, or what it calls, calls something of such a name, or writes into something."""
        handler = self.handler(route)
        return handler is None or any(
            any(names.search(last_name(call.callee)) for call in scope.body.calls)
            or any(map(is_written, scope.body.statements))
            for scope in self._below(handler)
        )

    def _dependencies(self, handler: Scope, depth: int) -> Iterator[str]:
        for edge in self._graph.edges(handler):
            if edge.how in ("depends", "decorator") and edge.target is not None:
                yield edge.target.name
                if edge.target.owner is not None:
                    yield edge.target.owner.name
                if depth < _DEEPEST and edge.how == "depends":
                    yield from self._dependencies(edge.target, depth + 1)

    def _below(self, handler: Scope) -> Iterator[Scope]:
        """The handler and what it calls, a few calls deep."""
        methods = handler.children if handler.kind == "class" else []
        level = [handler, *(part for part in methods if part.kind == "function")]
        seen: dict[Scope, None] = dict.fromkeys(level)
        for _ in range(_DEEPEST):
            reached = [
                edge.target for scope in level for edge in self._graph.edges(scope) if edge.target is not None
            ]
            level = [scope for scope in dict.fromkeys(reached) if scope not in seen]
            seen.update(dict.fromkeys(level))
        yield from seen

    def _asks(self, scope: Scope) -> bool:
        body = scope.body
        if any(_WORDS.search(last_name(call.callee)) for call in body.calls):
            return True
        read: list[Expression] = [part.value for part in body.statements]
        read += [block.detail for block in body.blocks if block.kind in _CONDITIONS]
        read += [part for call in body.calls for part in (*call.arguments, call.callee)]
        parts = [part for expression in read for part in facts.walk(expression)]
        if _talks_to_database(scope):
            parts = [part for part in parts if not _is_of_session(part)]
        return any(_WORDS.search(parameter.name) for parameter in scope.parameters) or any(
            map(_is_sign, parts)
        )


def _talks_to_database(scope: Scope) -> bool:
    """Whether `session` is a name of the function's own by which it talks to others: nothing that tells who asks."""
    opened = {
        target
        for block in scope.body.blocks
        if block.kind in ("with", "async-with")
        for _, target in block.detail
    }
    if "session" in opened:
        return True
    given = [part for part in scope.parameters if part.name == "session"]
    declared = [part for parameter in given for part in facts.walk(parameter.annotation)]
    if any(isinstance(part, str) and last_name(part) in _SESSIONS for part in declared):
        return True
    made = any(part.kind == "assign" and "session" in part.target for part in scope.body.statements)
    return bool(given or made) and any(call.callee in _ON_DATABASES for call in scope.body.calls)


def _is_of_session(part: Expression) -> bool:
    return isinstance(part, str) and part.partition(".")[0] == "session"


def is_written(statement: Statement) -> bool:
    """Whether it sets an item or an attribute: more than a name of the function's own."""
    if statement.kind not in _WRITES:
        return False
    targets = (statement.target,) if statement.kind == "augment" else statement.target
    return any(
        "." in part if isinstance(part, str) else part[0] in (facts.ITEM, facts.ATTRIBUTE) for part in targets
    )


def _asks_in_a_hook(handler: Scope) -> bool:
    """Whether its class has a method of those that a framework calls before the handler."""
    home = handler if handler.kind == "class" else handler.owner
    return home is not None and any(child.name in _HOOKS for child in home.children)


def _is_sign(part: Expression) -> bool:
    """A name or a key such as `request.user`, `query_params.get("token")`."""
    text = facts.constant(part)
    if isinstance(text, str):
        return len(text) <= _LONGEST_KEY and _WORDS.search(text) is not None
    if isinstance(part, tuple) and part[0] == facts.ITEM and last_name(part[1]) == _CONNECTION:
        return facts.constant(part[2]) in _BROUGHT
    if isinstance(part, str) and last_name(part) == _CONNECTION:
        return False
    return isinstance(part, str) and bool(_ASKED.search(part) or _WORDS.search(part.rpartition(".")[2]))


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
                if isinstance(target, str) and _WORDS.search(target):
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
