"""Signs that code may ask who is there: `request.user`, `query_params.get("token")`, `verify(…)`."""

import re
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, last_name
from greenroom.project.code.module import Scope

WORDS = re.compile(
    r"auth(?!ors?(?:_|\b))|login|logged|signed_?in|permission|current_?(?:\w+_)?user|get_user(?!_?(?:service|repo|crud|dao|use_?case|store|list|count))|user_?info|token|jwt|credential|api_?key|secret|session_?user|"
    r"verif|signature|hmac|compare_digest|acl\b|role|scope|principal|identity|require|protect|guard|polic|allow|access|"
    r"admin|member|owner|(?<!f)actor|agent_?dep|tenant|csrf|check_key|superuser|staff|subject|bearer|basic|oauth|sso|saml|wallet",
    re.IGNORECASE,
)
"""What such things are called; rather too many than too few."""
_ASKED = re.compile(r"(?:^|\.)(?:user|current_user|session|cookies|auth|headers|authorization)(?:\.|$)")
_ON_DATABASES = frozenset(
    f"session.{name}"
    for name in ("add", "add_all", "begin", "commit", "exec", "execute", "flush", "merge", "query", "refresh", "rollback",
                 "scalar", "scalars")
)  # fmt: skip
_SESSIONS = frozenset(
    {"Session", "AsyncSession", "SessionDep", "AsyncSessionDep", "DBSession", "scoped_session"}
)
"""Of SQLAlchemy and SQLModel, and what projects call the dependency that gives one."""
_LONGEST_KEY = 40
_CONDITIONS = frozenset({"if", "while"})
_CONNECTION = "scope"
_BROUGHT = frozenset(
    {"user", "session", "cookies", "headers", "query_string", "subprotocols", "client", None}
)
"""Keys of ASGI's `scope` that may tell who is there; one that is not written may be any."""
_REFUSALS = frozenset(
    {401, 403, "401", "403", "HTTP_401_UNAUTHORIZED", "HTTP_403_FORBIDDEN", "UNAUTHORIZED", "FORBIDDEN"}
)
"""As numbers and as names, for whom is not let in."""
_REQUESTS = frozenset({"request", "req", "info", "websocket"})


def asks(scope: Scope) -> bool:
    """Whether anything in a function may ask who is there."""
    return any(WORDS.search(parameter.name) for parameter in scope.parameters) or looks(scope)


def looks(scope: Scope) -> bool:
    """The same by what it does alone, whatever its parameters are called."""
    if any(WORDS.search(last_name(call.callee)) or _asks_connection(call) for call in scope.body.calls):
        return True
    parts = list(read_in(scope))
    if _talks_to_database(scope):
        parts = [part for part in parts if not _is_of_session(part)]
    made = _made_here(scope)
    return any(_is_sign(part, made) for part in parts)


def _asks_connection(call: Call) -> bool:
    """`self.scope.get("user")`."""
    holder, _, last = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
    return (
        last == "get"
        and last_name(holder) == _CONNECTION
        and bool(call.arguments)
        and facts.constant(call.arguments[0]) in _BROUGHT
    )


def read_in(scope: Scope) -> Iterator[Expression]:
    """All parts of what it reads: values, conditions, what calls are given and made on."""
    body = scope.body
    read: list[Expression] = [part.value for part in body.statements]
    read += [block.detail for block in body.blocks if block.kind in _CONDITIONS]
    read += [part for call in body.calls for part in (*call.arguments, call.callee)]
    for expression in read:
        yield from facts.walk(expression)


def turns_away(scope: Scope) -> bool:
    """Whether it raises what tells somebody that they may not come in: `HTTPException(status_code=401)`."""
    raised = [part.value for part in scope.body.statements if part.kind == "raise"]
    calls = [scope.body.calls[value] for value in raised if isinstance(value, int)]
    given = [part for call in calls for part in (*call.arguments, *(value for _, value in call.keywords))]
    return any(map(is_refusal, given))


def is_refusal(part: Expression) -> bool:
    """Whether it is the status of one: `401`, `status.HTTP_403_FORBIDDEN`."""
    return _told_status(part) in _REFUSALS


def _told_status(part: Expression) -> object:
    return last_name(part) if isinstance(part, str) else facts.constant(part)


def _made_here(scope: Scope) -> frozenset[str]:
    """The names to which it gives values of its own: `user = db.users.find_one(…)` is not who asks."""
    made = set()
    for statement in scope.body.statements:
        if statement.kind == "assign" and not _is_given_request(scope, statement.value):
            made |= {target for target in statement.target if isinstance(target, str)}
    return frozenset(made)


def _is_given_request(scope: Scope, value: Expression) -> bool:
    """`user = resolve(request)`: what is made of a request may tell who sent it."""
    calls = [scope.body.calls[part] for part in facts.walk(value) if isinstance(part, int)]
    return any(
        isinstance(part, str) and not _REQUESTS.isdisjoint(part.split("."))
        for call in calls
        for argument in (*call.arguments, *(given for _, given in call.keywords))
        for part in facts.walk(argument)
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


def _is_sign(part: Expression, made: frozenset[str]) -> bool:
    """A name or a key such as `request.user`, `query_params.get("token")`; made: names that are no sign themselves."""
    text = facts.constant(part)
    if isinstance(text, str):
        return len(text) <= _LONGEST_KEY and WORDS.search(text) is not None
    if isinstance(part, tuple) and part[0] == facts.ITEM and last_name(part[1]) == _CONNECTION:
        return facts.constant(part[2]) in _BROUGHT
    if not isinstance(part, str) or last_name(part) == _CONNECTION:
        return False
    root, _, rest = part.partition(".")
    told = rest if root in made else part
    return bool(told) and bool(_ASKED.search(told) or WORDS.search(told.rpartition(".")[2]))
