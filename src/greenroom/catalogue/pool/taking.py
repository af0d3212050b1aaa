"""Calls that take something which has to be given back: connections, sessions, clients."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from greenroom.catalogue.pool.paths import deep_calls
from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.library import REMOTE_KINDS, Effect
from greenroom.project.project import Project

_WORTH = frozenset({"connection", "session", "transaction", "resource"})
_STREAMS = frozenset({"httpx.Client.send", "httpx.AsyncClient.send"})
_ENTERED = facts.ENTERED | facts.ENTERED_ASYNC
_BY_NAME = frozenset({"close", "aclose", "release", "disconnect", "dispose", "terminate", "quit", "shutdown",
                      "unbind", "detach", "close_all", "wait_closed", "putconn", "remove"})  # fmt: skip
_CONTEXTS = frozenset({"contextmanager", "asynccontextmanager", "fixture"})
# What stands on a connection which somebody else owns: `Session(bind=connection)`.
_BORROWED = ("connection", "conn", "transport", "sock")


class Taken(NamedTuple):
    """A call that takes something."""

    scope: Scope
    call: int
    effect: Effect
    certainty: int
    factory: Scope | None = None
    """The function of the project that took it for its caller."""

    @property
    def written(self) -> Call:
        return self.scope.body.calls[self.call]

    @property
    def is_session(self) -> bool:
        return self.effect.acquires == "session"

    @property
    def is_stream(self) -> bool:
        """A response that closes itself when it was read to its end, and when reading it fails."""
        return self.effect.symbol in _STREAMS

    @property
    def is_pooled(self) -> bool:
        """Whether it comes from a pool: lost ones are missing there."""
        return any(name in ("putconn", "release") for name in self.effect.releases)


def callers_of(project: Project, factories: Iterable[Scope]) -> set[Scope]:
    """Who calls one of them."""
    return {edge.caller for factory in factories for edge in project.graph.callers(factory)}


def taken_in(
    project: Project, scope: Scope, factories: dict[Scope, Effect], callers: set[Scope]
) -> Iterator[Taken]:
    """What the calls of a scope take, `with` blocks left out; `callers` are those of the factories."""
    if scope not in callers and not project.graph.effects(scope):
        return
    found: dict[int, list[Taken]] = defaultdict(list)
    for edge in project.graph.edges(scope):
        if edge.call < 0:
            continue
        effect = edge.effect
        if edge.target in factories and edge.how == "call":
            found[edge.call].append(
                Taken(scope, edge.call, factories[edge.target], min(edge.certainty, CERTAIN), edge.target)
            )
        elif effect is not None:
            taken = _streamed(effect, scope.body.calls[edge.call])
            found[edge.call].append(Taken(scope, edge.call, taken, edge.certainty))
    for call, ways in found.items():
        if all(_is_worth(way.effect) for way in ways) and not _is_entered(scope.body.calls[call]):
            first = ways[0]
            if not (first.factory is None and _is_borrowed(scope.body.calls[call], scope.body)):
                certainty = first.certainty if len(ways) == 1 else min(PROBABLE, first.certainty)
                yield first._replace(certainty=certainty)


def _streamed(effect: Effect, call: Call) -> Effect:
    """`client.send(request, stream=True)`: the response keeps its connection until it is closed."""
    if effect.symbol in _STREAMS and call.keyword("stream") == (facts.CONSTANT, True):
        return replace(effect, acquires="connection", returns="httpx.Response", releases=("aread", "read"))
    return effect


def find_factories(project: Project) -> dict[Scope, Effect]:
    """Functions that return what they took: their callers have to give it back."""
    found: dict[Scope, Effect] = {}
    callers: set[Scope] = set()
    asking = set(project.graph.asking(FileKind.PRODUCTION))
    functions = [
        scope
        for module in project.production()
        for scope in module.scopes
        if scope.kind == "function" and not scope.facts.is_generator
    ]
    for _ in range(3):
        before = len(found)
        for scope in functions:
            if scope not in found and (scope in asking or scope in callers):
                for taken in taken_in(project, scope, found, callers):
                    if taken.certainty >= PROBABLE and _is_returned(taken):
                        found[scope] = taken.effect
                        callers |= callers_of(project, (scope,))
        if len(found) == before:
            break
    # A cached function gives everybody the same one.
    return {scope: effect for scope, effect in found.items() if not _is_shared(scope)}


def releases_of(project: Project, effect: Effect) -> frozenset[str]:
    """Names of the methods that give it back, on the thing itself or on what it was taken from."""
    names = set(_BY_NAME) | set(effect.releases)
    described = project.effects.library_class(effect.returns) if effect.returns else None
    if described is not None:
        names.update(described.constructor.releases)
    return frozenset(names)


def closes_on_exit(project: Project, effect: Effect) -> bool:
    """Whether `with thing:` gives it back; for psycopg2 and sqlite3 it only ends the transaction."""
    described = project.effects.library_class(effect.returns) if effect.returns else None
    releases = described.constructor.releases if described is not None else effect.releases
    if not releases:
        return True
    return bool({"__exit__", "__aexit__"} & set(releases)) or "__exit__" not in _only_ends(effect)


def is_context(scope: Scope) -> bool:
    """Whether what fails in the user's block is thrown into the generator's `yield`."""
    return scope.facts.is_generator and bool(_CONTEXTS & set(decorator_names(scope)))


def bound_name(taken: Taken) -> str:
    """The local name that the thing gets; empty where it gets none, or more than a name."""
    body = taken.scope.body
    for statement in body.statements:
        if statement.kind in ("assign", "annotate") and _value_call(statement.value) == taken.call:
            target = statement.target[0] if statement.kind == "assign" else statement.target
            if isinstance(target, str) and "." not in target and _single(statement.target, statement.kind):
                return target
    return ""


def _single(target: Expression, kind: str) -> bool:
    return kind == "annotate" or len(target) == 1


def _value_call(value: Expression) -> Expression:
    return value[1] if isinstance(value, tuple) and value[0] == facts.AWAIT else value


def _only_ends(effect: Effect) -> tuple[str, ...]:
    return ("__exit__",) if effect.symbol.startswith(("psycopg2", "sqlite3", "MySQLdb")) else ()


def _is_worth(effect: Effect) -> bool:
    return effect.acquires in _WORTH and effect.kind in REMOTE_KINDS


def _is_entered(call: Call) -> bool:
    return bool(call.usage & _ENTERED)


def _is_borrowed(call: Call, body: Body) -> bool:
    """`Session(bind=connection)`: the session borrows what its owner gives back."""
    for key, value in (*((None, part) for part in call.arguments[:1]), *call.keywords):
        if key not in (None, "bind", "connection", "sock"):
            continue
        name = value
        if isinstance(value, int):
            name = body.calls[value].callee
        if isinstance(name, tuple) and name[0] == facts.ATTRIBUTE:
            name = name[2]
        if isinstance(name, str) and name.rsplit(".", 1)[-1].lower().endswith(_BORROWED):
            return True
    return False


def _is_returned(taken: Taken) -> bool:
    """Whether the caller gets it, and nobody else keeps it: `self.connection = connection` shares one among all callers."""
    if taken.written.usage & facts.RETURNED:
        return True
    name, statements = bound_name(taken), taken.scope.body.statements
    kept = any(
        (part.kind == "assign" and part.value == name and any(_is_lasting(target) for target in part.target))
        or (part.kind == "global" and name in part.target)
        for part in statements
    )
    return (
        bool(name) and not kept and any(part.kind == "return" and part.value == name for part in statements)
    )


def _is_lasting(target: Expression) -> bool:
    """An attribute or an entry: what outlives the function."""
    return not isinstance(target, str) or "." in target


def _is_shared(scope: Scope) -> bool:
    return any("cache" in name or name == "property" for name in decorator_names(scope))


def mentions(expression: Expression, name: str, body: Body) -> bool:
    """Whether the name itself, not an attribute of it, stands in an expression or in its calls."""
    if any(part == name for part in facts.walk(expression)):
        return True
    for index in deep_calls(expression, body):
        call = body.calls[index]
        given = (*call.arguments, *(value for _, value in call.keywords))
        if any(part == name for value in given for part in facts.walk(value)):
            return True
    return False
