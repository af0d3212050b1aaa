"""WSK003: a broadcast that ends at the first connection which is gone; those behind it are told nothing."""

import re
from collections.abc import Iterator

from greenroom.detect.search import mentions, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call
from greenroom.project.code.module import Module, Scope
from greenroom.project.front import facts as front
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project

_SENDS = frozenset({"send_text", "send_json", "send_bytes"})
_WORDS = words(*_SENDS)
_HOMES = ("fastapi", "starlette")
_LITERALS = frozenset({facts.SEQUENCE, facts.MAPPING})


def detect_lost_broadcasts(project: Project) -> Iterator[Sighting]:
    """Every loop over connections that sends to each, and is left where one of them fails."""
    for module in project.production():
        if not _knows_sockets(module):
            continue
        for scope in module.scopes:
            if scope.is_async and mentions(scope, _WORDS):
                yield from _of(project, scope)


def _knows_sockets(module: Module) -> bool:
    """Whether it imports what a connection is."""
    return any(
        part.name == "WebSocket" and part.module.partition(".")[0] in _HOMES for part in module.imports
    )


def _of(project: Project, scope: Scope) -> Iterator[Sighting]:
    body = scope.body
    for index, call in enumerate(body.calls):
        if not isinstance(call.callee, str) or not call.usage & facts.AWAITED:
            continue
        connection, _, verb = call.callee.rpartition(".")
        loop = _loop_over(body, call, connection) if verb in _SENDS else None
        if loop is not None and not _is_own(project, scope, index):
            yield _sighting(project, scope, call, facts.spell(loop.detail[1], body.calls))


def _loop_over(body: Body, call: Call, name: str) -> Block | None:
    """The loop whose variable it is, with nothing between them that may take what sending raises."""
    for block in body.enclosing(call.block):
        if block.kind == "for":
            iterated = block.detail[1]
            is_written_out = isinstance(iterated, tuple) and iterated[0] in _LITERALS
            return block if name in facts.walk(block.detail[0]) and not is_written_out else None
        if block.kind in ("try", "except", "with", "async-with"):
            return None
    return None


def _is_own(project: Project, scope: Scope, call: int) -> bool:
    """Whether it leads to a function of the project, which may have thought of it."""
    return any(edge.call == call and edge.target is not None for edge in project.graph.edges(scope))


def _is_asked_by_nobody(project: Project, scope: Scope) -> bool:
    """Whether all sockets that the project's own pages open are written out, and none goes to this route."""
    entry = project.entries.entry(scope)
    route = re.search(r"`(?:\w+ )?(/[^`{]*[^`{/])`", entry.label) if entry is not None else None
    opened = [
        front.constant(call.arguments[0]) if call.arguments else None
        for file in project.front.files.values()
        if file.kind is FrontKind.PRODUCTION and "WebSocket" in file.words
        for call in file.calls
        if call.is_new and call.callee == "WebSocket"
    ]
    return (
        route is not None
        and bool(opened)
        and all(isinstance(address, str) and route[1] not in address.partition("//")[2] for address in opened)
    )


def _sighting(project: Project, scope: Scope, call: Call, iterated: str) -> Sighting:
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"the first connection of `{iterated}` that is gone ends this loop: those behind it lose the message",
        severity=Severity.HIGH,
        confidence=Confidence.POSSIBLE if _is_asked_by_nobody(project, scope) else Confidence.PROBABLE,
        subject=str(call.callee),
    )


MODE = FailureMode(
    code="WSK003",
    name="messages-lost-while-down",
    family=Family.WEBSOCKET,
    summary="a message for many connections is sent in a loop that the first broken one ends",
    consequence="one user who lost the network keeps the message from all who stand behind in the list",
    remedy="catch the failure of each connection inside the loop, go on with the others, and take the broken one out afterwards",
    source="Starlette documentation, WebSockets: send raises WebSocketDisconnect or RuntimeError when the connection is gone",
    detector=detect_lost_broadcasts,
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
