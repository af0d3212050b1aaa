"""Sessions that FastAPI opens for a socket: it closes them when the socket ends, and until then they may hold a connection.

A session has a connection from its first statement to its next `commit`, `rollback` or `close`.
"""

import re
from collections.abc import Iterator
from math import inf
from typing import NamedTuple

from greenroom.catalogue.pool.pools import Pools, Take
from greenroom.detect.ascent import hop
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.facts import Call
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_WAITS = ("receive", "receive_text", "receive_bytes", "receive_json", "iter_text", "iter_bytes", "iter_json")
_ENDS = frozenset({"commit", "rollback", "close", "begin", "invalidate"})
"""`begin` opens a block that commits at its end."""
_SESSION = re.compile(r"(?:sqlalchemy|sqlmodel)\..*Session$")
_DEEPEST = 4


class _Use(NamedTuple):
    """What becomes of a session that a function is given."""

    asking: Edge | None
    """The first call that makes a statement of it."""
    ends: bool
    """Whether anybody may give its connection back, or nobody can tell."""


def held_by_sockets(project: Project, pools: Pools) -> Iterator[Sighting]:
    """Every socket that waits for its client while a session of its dependencies holds a connection."""
    for module in project.production():
        for scope in module.scopes:
            entry = project.entries.entry(scope) if scope.is_function and scope.is_async else None
            if entry is not None and entry.scope is scope and entry.reach is Reach.SOCKET:
                wait = _wait(scope)
                if wait is not None:
                    yield from _held(project, pools, scope, wait)


def _wait(handler: Scope) -> Call | None:
    """Where the handler waits again and again for what the client sends."""
    flow = Flow(handler.body)
    sockets = {
        part.name
        for part in handler.parameters
        if isinstance(part.annotation, str) and part.annotation.rpartition(".")[2] == "WebSocket"
    }
    waits = {f"{socket}.{method}" for socket in sockets for method in _WAITS}
    for call in handler.body.calls:
        if call.callee in waits:
            repeated = any(True for _ in flow.loops(call.block))
            if repeated or str(call.callee).rpartition(".")[2].startswith("iter_"):
                return call
    return None


def _held(project: Project, pools: Pools, handler: Scope, wait: Call) -> Iterator[Sighting]:
    injected = _injected(project, handler)
    takes = [
        take
        for scope in injected
        if scope.facts.is_generator
        for take in pools.takes(scope)
        if take.edge.effect is not None and take.edge.effect.acquires == "session"
    ]
    for until in (wait.line, inf):  # before the first message; and before the next ones
        uses = [
            _use(project, scope, part.name, {scope}, until if scope is handler else inf)
            for scope in (*injected, handler)
            for part in scope.parameters
            if _is_session(project, scope, part.name)
        ]  # fmt: skip
        asking = next((use.asking for use in uses if use.asking is not None), None)
        if len(takes) == 1 and asking is not None and not any(use.ends for use in uses):
            yield _sighting(handler, wait, takes[0], asking)
            return


def _injected(project: Project, handler: Scope) -> list[Scope]:
    """What FastAPI runs before the handler, and keeps for it: dependencies, and theirs."""
    found: list[Scope] = []
    waiting = [handler]
    while waiting:
        for edge in project.graph.edges(waiting.pop(0)):
            target = edge.target if edge.how == "depends" and edge.certainty >= PROBABLE else None
            if target is not None and target not in found:
                found.append(target)
                waiting.append(target)
    return found


def _is_session(project: Project, scope: Scope, name: str) -> bool:
    return any(
        value.kind == "object" and _SESSION.match(value.ref) for value in project.inference.name(scope, name)
    )


def _use(project: Project, scope: Scope, name: str, seen: set[Scope], until: float = inf) -> _Use:
    """What a function does with a session that it knows by a name above a line, and those to whom it hands it on."""
    asking: Edge | None = None
    ends = False
    edges = {edge.call: edge for edge in project.graph.edges(scope) if edge.call >= 0 and edge.how == "call"}
    for number, call in enumerate(scope.body.calls):
        if call.line >= until:
            break
        edge = edges.get(number)
        base, _, method = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
        if base == name:
            ends = ends or method in _ENDS
            if edge is not None and edge.effect is not None and edge.effect.kind == "database":
                asking = asking or edge
        elif name in (*call.arguments, *(value for _, value in call.keywords)):
            if edge is None or edge.target is None or len(seen) > _DEEPEST:
                ends = True  # who knows what becomes of it there
            elif edge.target not in seen:
                for given in _names_given(edge.target, call, name):
                    below = _use(project, edge.target, given, seen | {edge.target})
                    asking, ends = asking or below.asking, ends or below.ends
    return _Use(asking, ends)


def _names_given(target: Scope, call: Call, name: str) -> Iterator[str]:
    """The parameters of a called function that receive the value of a name."""
    own = [part.name for part in target.parameters if part.name not in ("self", "cls")]
    yield from (own[index] for index, part in enumerate(call.arguments) if part == name and index < len(own))
    yield from (key for key, part in call.keywords if part == name and key is not None)


def _sighting(handler: Scope, wait: Call, take: Take, asking: Edge) -> Sighting:
    size = f" of {take.size}" if take.size else ""
    return Sighting(
        place=Place(path=handler.path, line=wait.line, symbol=handler.qualname, column=wait.column),
        end_line=wait.end_line,
        message=f"`{handler.name}` waits for its client while the session of `{take.edge.caller.name}` holds a connection of "
        f"the pool{size} since `{asking.symbol}` asked: when as many sockets are open, who needs a connection {take.waits}",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        chain=(hop(asking),),
        sites=(
            Place(
                path=take.edge.caller.path,
                line=take.edge.line,
                symbol=take.edge.caller.qualname,
                note="opens the session",
            ),
        ),
        subject=f"{take.edge.caller.qualname} {handler.qualname}",
        remedy="open a session for each message, inside the loop; a dependency of a socket is closed when the socket is",
    )
