"""Where the failure of a dependency comes up: at the call itself, or through project calls that let it pass."""

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.errors.silent_mail import fails_silently
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call, Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_RUNS = frozenset({"call", "construct", "property", "enter", "iterate", "decorator"})
_LEAVES = frozenset(
    {"create_task", "ensure_future", "add_task", "start_soon", "submit", "run_coroutine_threadsafe"}
)
_OUR_SIDE = frozenset(
    {"starlette", "fastapi", "flask", "django", "asyncio", "quart", "sanic", "litestar", "channels"}
)
_SERVERS = ("aiohttp.web.", "tornado.web.", "tornado.websocket.")
_DEEPEST = 6
_BROAD = frozenset({"Exception", "BaseException"})
# Last words of the names by which libraries report that the other side did not do it.
_FAILURES = frozenset(
    {
        "ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "BrokenPipeError", "OSError", "IOError",
        "TimeoutError", "Timeout", "ConnectTimeout", "ReadTimeout", "TimeoutException", "RequestException",
        "RequestError", "HTTPError", "HTTPStatusError", "TransportError", "NetworkError", "ConnectError",
        "ClientError", "ClientConnectionError", "ClientConnectorError", "ClientResponseError", "BotoCoreError",
        "EndpointConnectionError", "RedisError", "OperationalError", "DatabaseError", "SQLAlchemyError",
        "DBAPIError", "InterfaceError", "PyMongoError", "ServerSelectionTimeoutError", "KafkaError", "AMQPError",
        "APIError", "APIConnectionError", "APIStatusError", "APITimeoutError", "OpenAIError", "RateLimitError",
        "ServiceUnavailable", "ServiceUnavailableError", "URLError", "SMTPException", "gaierror", "RpcError",
        "GoogleAPIError", "GoogleAPICallError", "HttpError", "SlackClientError",
        "ElasticsearchException", "error", "PostgresError", "MySQLError", "JIRAError", "WebSocketException",
    }
)  # fmt: skip
_WRITES = re.compile(
    r"(^|_)(save|store|write|insert|update|create|add|set|hset|setex|put|post|patch|publish|send|sendmail|upload|commit"
    r"|submit|sync|persist|record|upsert|index|push|lpush|rpush|xadd|zadd|sadd|spublish|enqueue|execute_?many|bulk|copy|apply_async|delay"
    r"|produce|register|postMessage|merge|replace)(_|$)",
    re.IGNORECASE,
)  # fmt: skip
_CLEANS = frozenset(
    {"close", "aclose", "rollback", "__exit__", "__aexit__", "expunge", "release", "disconnect"}
)
_OPENS = re.compile(r"pool|engine|client|connection|connect|session|channel|stub|subscri", re.IGNORECASE)
_STATEMENTS = frozenset(
    {"execute", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "run", "query"}
)
_CHANGING_SQL = ("insert", "update", "delete", "replace", "merge", "create", "alter", "drop", "truncate")


_OTHERS = {
    "http": "another server", "llm": "a model", "database": "the database", "cache": "the cache", "queue": "the queue",
    "object-store": "the object store", "search": "the search server", "vector-store": "the vector store",
    "mail": "the mail server", "rpc": "another server", "socket": "another server", "process": "another process",
}  # fmt: skip


class Crossing(NamedTuple):
    """One call under a `try` whose failure is a dependency's."""

    edge: Edge
    """The call that stands there."""
    leaf: Edge
    """The library's call at the end; the same as `edge` where it is called directly."""
    kinds: frozenset[str]
    """What it talks to on the way: `http`, `cache` …"""
    changes: Edge | None
    """The call on the way that is to change something there."""


class Crossings:
    """For every function, whether a dependency's failure leaves it."""

    def __init__(self, project: Project) -> None:
        self._graph = project.graph
        self._leaf: dict[Scope, tuple[Edge, int]] = {}
        self._kinds: dict[Scope, set[str]] = {}
        self._changes: dict[Scope, Edge] = {}
        self._statements: dict[Scope, Edge] = {}
        queue: deque[Scope] = deque()
        for edge in project.graph.all_effects():
            if _is_remote(edge) and not self._held_back(edge):
                changed = self._changed(edge.caller, edge if _changes(edge) else None)
                changed |= self._stated(edge.caller, edge if _is_statement(edge) else None)
                kinds = {edge.effect.kind if edge.effect else ""}
                if self._note(edge.caller, (edge, 0), kinds) or changed:
                    queue.append(edge.caller)
        while queue:
            self._spread(queue.popleft(), queue)

    def _spread(self, scope: Scope, queue: deque[Scope]) -> None:
        leaf, depth = self._leaf[scope]
        if depth >= _DEEPEST:
            return
        for edge in self._graph.callers(scope):
            if _passes_up(edge) and not self._held_back(edge):
                changed = self._changed(edge.caller, self._change_in(scope))
                changed |= self._stated(edge.caller, self._statements.get(scope))
                if self._note(edge.caller, (leaf, depth + 1), self._kinds[scope]) or changed:
                    queue.append(edge.caller)

    def _changed(self, scope: Scope, change: Edge | None) -> bool:
        """Notes a change; whether it is the first of this scope."""
        if change is None or scope in self._changes:
            return False
        self._changes[scope] = change
        return True

    def _stated(self, scope: Scope, statement: Edge | None) -> bool:
        """Notes a statement that may read or change."""
        if statement is None or scope in self._statements:
            return False
        self._statements[scope] = statement
        return True

    def _change_in(self, scope: Scope) -> Edge | None:
        """The change that a function makes; a statement in SQL is one where the function's name says so."""
        found = self._changes.get(scope)
        if found is None and _WRITES.search(scope.name):
            found = self._statements.get(scope)
        return found

    def _note(self, scope: Scope, leaf: tuple[Edge, int], kinds: set[str]) -> bool:
        """Notes what fails in a scope; whether that is news."""
        known = self._kinds.setdefault(scope, set())
        news = scope not in self._leaf or not kinds <= known
        known |= kinds
        self._leaf.setdefault(scope, leaf)
        return news

    @staticmethod
    def _held_back(edge: Edge) -> bool:
        body = edge.caller.body
        return any(hides(body, guard) for guard in guards_around(body, edge))

    def of(self, edge: Edge) -> Crossing | None:
        """What fails where this call fails; None where that is nothing of another's."""
        if _is_remote(edge):
            kinds = frozenset({edge.effect.kind if edge.effect else ""})
            return Crossing(edge, edge, kinds, edge if _changes(edge) else None)
        target = edge.target
        if target is not None and target in self._leaf and _passes_up(edge):
            change = self._change_in(target)
            return Crossing(edge, change or self._leaf[target][0], frozenset(self._kinds[target]), change)
        return None

    def under(self, scope: Scope, guard: int) -> list[Crossing]:
        """The crossings that stand in a `try` (or a `with suppress(…)`), not in a `try` within it that hides them."""
        body = scope.body
        found = []
        for edge in self._graph.edges(scope):
            around = list(guards_around(body, edge))
            if guard not in around or any(hides(body, inner) for inner in around[: around.index(guard)]):
                continue
            crossing = self.of(edge)
            if crossing is not None:
                found.append(crossing)
        return found

    def before(self, scope: Scope, line: int) -> Iterator[Crossing]:
        """The crossings above a line."""
        for edge in self._graph.edges(scope):
            crossing = self.of(edge) if edge.line < line else None
            if crossing is not None:
                yield crossing

    def after(self, scope: Scope, line: int) -> Iterator[Crossing]:
        """The crossings below a line."""
        for edge in self._graph.edges(scope):
            crossing = self.of(edge) if edge.line > line else None
            if crossing is not None:
                yield crossing


def needs(crossing: Crossing) -> str:
    """What stands behind the call, in words."""
    return " and ".join(dict.fromkeys(_OTHERS.get(kind, "another system") for kind in sorted(crossing.kinds)))


def guards_around(body: Body, edge: Edge) -> Iterator[int]:
    """The `try` and `with suppress(…)` blocks around a call, innermost first."""
    if edge.call >= 0:
        block = body.calls[edge.call].block
    else:
        fitting = [
            number for number, part in enumerate(body.blocks)
            if part.line <= edge.line <= part.end_line and not (part.line == edge.line and part.kind != "try")
        ]  # fmt: skip
        block = fitting[-1] if fitting else 0
    while block >= 0:
        if body.blocks[block].kind == "try" or suppressed(body, body.blocks[block]) is not None:
            yield block
        block = body.blocks[block].parent


def hides(body: Body, guard: int) -> bool:
    """Whether a dependency's failure does not leave this block: caught, and not raised again."""
    types = suppressed(body, body.blocks[guard])
    if types is not None:
        return any(catches_failures(kind) for kind in types)
    for number, block in enumerate(body.blocks):
        if block.kind == "except" and block.owner == guard and catches_failures(block.detail[0]):
            return not any(
                part.kind == "raise" and _inside(body, part.block, number) for part in body.statements
            )
    return False


def suppressed(body: Body, block: Block) -> tuple[Expression, ...] | None:
    """What `with suppress(…)` catches; None for any other block."""
    if block.kind not in ("with", "async-with"):
        return None
    for expression, _ in block.detail:
        if isinstance(expression, int):
            call = body.calls[expression]
            if isinstance(call.callee, str) and call.callee.rsplit(".", 1)[-1] == "suppress":
                return call.arguments
    return None


def catches_failures(types: Expression) -> bool:
    """Whether an `except` takes in what a dependency raises when it is down, beside what is expected."""
    if types is None:
        return True
    if isinstance(types, tuple) and types[0] == "seq":
        return any(catches_failures(part) for part in types[2])
    last = types.rsplit(".", 1)[-1] if isinstance(types, str) else ""
    return last in _BROAD or last in _FAILURES


def catches_only_timeouts(types: Expression) -> bool:
    """`except TimeoutError`: what a poll waits for."""
    if isinstance(types, tuple) and types[0] == "seq":
        return all(catches_only_timeouts(part) for part in types[2])
    return isinstance(types, str) and "Timeout" in types.rsplit(".", 1)[-1]


def _inside(body: Body, block: int, outer: int) -> bool:
    while block >= 0:
        if block == outer:
            return True
        block = body.blocks[block].parent
    return False


def _changes(edge: Edge) -> bool:
    """Whether a library's call is to change something on the other side, by its name or its description."""
    effect = edge.effect
    last = edge.symbol.rsplit(".", 1)[-1]
    if effect is None or effect.constructs or _OPENS.search(last):
        return False
    if _is_statement(edge):
        return edge.call >= 0 and has_words(stated_by(edge), _CHANGING_SQL)
    return bool(_WRITES.search(last)) or not effect.idempotent


def _is_statement(edge: Edge) -> bool:
    """A call that is given SQL, which may read or change."""
    effect = edge.effect
    return effect is not None and effect.kind == "database" and edge.symbol.rsplit(".", 1)[-1] in _STATEMENTS


def stated_by(edge: Edge) -> Call:
    """The call that is given the SQL: `execute("insert …")`, or `text("insert …")` within it."""
    body = edge.caller.body
    call = body.calls[edge.call]
    first = call.arguments[0] if call.arguments else None
    return body.calls[first] if type(first) is int and last_name(body.calls[first].callee) == "text" else call


def has_words(call: Call, words: tuple[str, ...]) -> bool:
    """Whether the statement that a call is given is a literal that begins so."""
    text = next((facts.constant(part) for part in facts.walk(next(iter(call.arguments), None))), None)
    return isinstance(text, str) and text.lstrip().casefold().startswith(words)


def _is_remote(edge: Edge) -> bool:
    """A call to something else; a framework's own request and socket are the user, not a dependency."""
    effect = edge.effect
    if effect is None or not effect.is_remote or edge.certainty < PROBABLE or edge.how not in _RUNS:
        return False
    if edge.caller.module.kind is not FileKind.PRODUCTION or edge.symbol.rsplit(".", 1)[-1] in _CLEANS:
        return False
    if effect.kind == "mail" and fails_silently(edge):
        return False
    ours = edge.symbol.startswith(_SERVERS) or edge.symbol.split(".", 1)[0] in _OUR_SIDE
    return not (ours and effect.kind in ("http", "socket", "none"))


def _passes_up(edge: Edge) -> bool:
    """Whether the caller meets the exception of what it calls."""
    target = edge.target
    if target is None or edge.how not in _RUNS or edge.certainty < PROBABLE:
        return False
    if edge.caller.module.kind is not FileKind.PRODUCTION:
        return False
    if not target.is_async or target.facts.is_generator or edge.awaited or edge.call < 0:
        return True
    return not any(
        edge.call in call.arguments and str(call.callee).rsplit(".", 1)[-1] in _LEAVES
        for call in edge.caller.body.calls
    )
