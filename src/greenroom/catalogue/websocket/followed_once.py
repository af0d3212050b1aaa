"""Background tasks that follow another server's socket, and that are over when it closes."""

from collections.abc import Iterator

from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_OPENS = frozenset({
    "websockets.connect", "websockets.client.connect", "websockets.asyncio.client.connect",
    "websockets.legacy.client.connect", "aiohttp.ClientSession.ws_connect",
})  # fmt: skip
_BEGINS = frozenset({"create_task", "ensure_future"})
_LOOKED_AFTER = frozenset(
    {"add_done_callback", "gather", "wait", "TaskGroup", "as_completed", "done", "exception"}
)
"""Whoever calls one of these may hear of the end of a task."""
_READS = frozenset({"recv", "receive", "receive_json", "receive_str"})
_WORDS = words("connect", "ws_connect")
_DEEPEST = 3


def find_followed_once(project: Project) -> Iterator[Sighting]:
    """Every socket that a task opens once and reads for as long as it lives."""
    for scope in mentioning(project.production(), _WORDS):
        if scope.kind != "function" or not scope.is_async or scope.decorators:
            continue
        for edge in project.graph.edges(scope):
            if (
                edge.symbol in _OPENS
                and edge.call >= 0
                and edge.certainty >= PROBABLE
                and _is_once(project, edge)
            ):
                yield _sighting(scope, edge)
                break


def _is_once(project: Project, edge: Edge) -> bool:
    scope = edge.caller
    call = scope.body.calls[edge.call]
    again = call.usage & facts.ITERATED_ASYNC or any(Flow(scope.body).loops(call.block))
    return not again and _reads_on(scope, call.line) and _is_begun_once(project, scope, frozenset())


def _reads_on(scope: Scope, line: int) -> bool:
    """`async for message in socket:`, `while True: await socket.recv()`."""
    flow = Flow(scope.body)
    if any(part.kind == "async-for" and part.line > line for part in scope.body.blocks):
        return True
    return any(
        facts.last_name(call.callee) in _READS
        and any(loop.kind == "while" and loop.line > line for _, loop in flow.loops(call.block))
        for call in scope.body.calls
    )


def _has_its_end(scope: Scope, line: int) -> bool:
    """`if message.data == "done": break`: the other side says that this was all, and nothing is to be opened again."""
    body, flow = scope.body, Flow(scope.body)
    return any(
        part.kind in ("break", "return")
        and part.line > line
        and any(True for _ in flow.loops(part.block))
        and any(block.kind == "if" and _asks_for_word(block.detail) for block in body.enclosing(part.block))
        for part in body.statements
    )


def _asks_for_word(test: Expression) -> bool:
    """`message == "close"`, `event["type"] == "end"`: not what kind of frame it is."""
    return any(
        isinstance(part, tuple)
        and part[0] == facts.COMPARE
        and part[1] == ("==",)
        and any(isinstance(facts.constant(side), str) for side in part[2])
        for part in facts.walk(test)
    )


def _is_begun_once(project: Project, scope: Scope, seen: frozenset[Scope]) -> bool:
    """Whether all who call it begin a task and forget it: nobody goes round, waits for it or calls it again."""
    callers = [part for part in project.graph.callers(scope) if part.caller.module.kind is not FileKind.TEST]
    if not callers or len(seen) > _DEEPEST or any(part.caller in {scope, *seen} for part in callers):
        return False
    return all(_begins_once(project, part, seen | {scope}) for part in callers)


def _begins_once(project: Project, edge: Edge, seen: frozenset[Scope]) -> bool:
    body = edge.caller.body
    if edge.call < 0 or any(
        loop.kind == "while" for _, loop in Flow(body).loops(body.calls[edge.call].block)
    ):
        return False
    begun = any(
        facts.last_name(call.callee) in _BEGINS and edge.call in call.arguments for call in body.calls
    )
    if begun:
        return _LOOKED_AFTER.isdisjoint(facts.last_name(call.callee) for call in body.calls)
    return edge.awaited and not edge.caller.decorators and _is_begun_once(project, edge.caller, seen)


def _sighting(scope: Scope, edge: Edge) -> Sighting:
    return Sighting(
        place=Place(path=scope.path, line=edge.line, symbol=scope.qualname, column=edge.column),
        message=f"`{scope.name}` is started once, and is over when this connection closes: nothing opens it again",
        severity=Severity.MEDIUM,
        confidence=Confidence.POSSIBLE if _has_its_end(scope, edge.line) else Confidence.PROBABLE,
        consequence="after the first deployment or time limit on the other side nothing comes in any more, and the "
        "application looks alive",
        remedy="open it again in a loop that waits a little longer each time: `async for socket in connect(…)`",
        subject=edge.symbol,
    )
