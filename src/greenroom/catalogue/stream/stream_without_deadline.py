"""STR001: a loop over a stream or a poll that can run for ever."""

import re
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.construction import Origins
from greenroom.catalogue.dependency.deadline import Deadlines
from greenroom.catalogue.dependency.loop_bounds import is_bounded
from greenroom.catalogue.dependency.named import Named
from greenroom.catalogue.dependency.read_already import has_read_all
from greenroom.catalogue.dependency.stream_loops import StreamLoop, last_name, streams_by_function
from greenroom.catalogue.dependency.tamed_session import TamedSessions
from greenroom.catalogue.event_loop.circumstances import is_called_by_nobody
from greenroom.catalogue.stream.asking import decides
from greenroom.catalogue.stream.silence import LIMIT, NONE, Silence
from greenroom.catalogue.stream.spinning_poll import spinning_polls
from greenroom.catalogue.stream.waiting import waiting_request
from greenroom.detect.search import mentioning, whole, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

# A loop that runs until somebody stops it is a worker, not a wait.
_SUPERVISES = re.compile(r"stop|running|shutdown|shut_down|shutting|cancel|alive|is_set|exit|closed|active|terminat|disconnect|kill"
                         r"|connected|enabled|quit|_run$", re.IGNORECASE)  # fmt: skip
_PAGES = re.compile(
    r"cursor|(?:^|_)pages?(?:_|$)|next_|_next$|has_more|offset|continuation|(?:page|sync)_?token",
    re.IGNORECASE,
)
# By which one takes the next piece of work.
_FETCHES = re.compile(
    r"^(get|input|next|read|recv|receive|poll|fetch|claim|take|accept|ask|prompt)|pop|dequeue", re.IGNORECASE
)
_TELLS = frozenset({"send_json", "send_text", "send_bytes"})
"""Of a server's WebSocket: they raise when the client has gone."""
_LOOP, _PAUSE = whole("while"), words("sleep")
# Methods by which one asks another side how far it is.
_ASKS = re.compile(r"^(refresh|reload|poll|retrieve|get_state|ready|is_ready)$|status|^describe_|is_(finished|done|complete)"
                   r"|^get_.*(job|task|result|progress|state|operation|build|run)", re.IGNORECASE)  # fmt: skip


def detect_streams_without_deadline(project: Project) -> Iterator[Sighting]:
    """Streams that nobody limits, polls for an end that may never come, and those that never rest."""
    yield from spinning_polls(project)
    deadlines, by_hand = project.once(Deadlines), project.once(ByHand)
    streams = project.once(streams_by_function)
    silence, named = Silence(project), Named(project)
    sessions = TamedSessions(project, Origins(project.inference, project.graph))
    pausing = set(mentioning(project.production(), _PAUSE, _LOOP))
    for module in project.production():
        for scope in module.scopes:
            if scope.kind != "function":
                continue
            for found in streams.get(scope, ()):
                loop = found._replace(
                    opening=tuple(edge for edge in found.opening if not sessions.tames(edge))
                )
                sighting = _judge_stream(project, deadlines, silence, loop)
                if sighting is not None and (
                    by_hand.is_run_by_hand(module)
                    or not named.is_named(scope)
                    or _is_spare(project, scope)
                    or project.entries.reach(scope) is Reach.SCRIPT  # somebody sits before it
                    or deadlines.may_hold(scope)
                ):
                    sighting = replace(sighting, confidence=Confidence.POSSIBLE)
                if sighting is not None:
                    yield sighting
            if scope in pausing:
                yield from _polls(project, deadlines, scope)


def _is_spare(project: Project, scope: Scope) -> bool:
    """A method that nobody calls, as generated clients have many."""
    unreached = project.entries.reach(scope) is Reach.UNREACHED
    return scope.owner is not None and unreached and is_called_by_nobody(project, scope)


def _judge_stream(
    project: Project, deadlines: Deadlines, silence: Silence, loop: StreamLoop
) -> Sighting | None:
    body = loop.scope.body
    source = loop.source
    if source is None or is_bounded(body, loop.number) or _has_socket_timeout(body):
        return None
    if loop.opening and all(map(has_read_all, loop.opening)):
        return None
    if any(deadlines.holds(edge) for edge in (source, *loop.opening)):
        return None
    request = waiting_request(project, loop.scope)
    finite = loop.finite and not _is_opened_again(body, loop.number)
    if not finite and not (request and _is_left(body, loop.number)):
        return None
    limits = {silence.limit(edge) for edge in loop.opening or (source,)}
    if LIMIT in limits:
        return None
    if limits != {NONE}:
        return _stream_sighting(project, loop, request, Confidence.POSSIBLE)
    certain = (
        source.certainty == CERTAIN
        and bool(request)
        and finite
        and not deadlines.may_end_with_request(loop.scope)
    )
    return _stream_sighting(project, loop, request, Confidence.DEFINITE if certain else Confidence.PROBABLE)


def _is_opened_again(body: Body, number: int) -> bool:
    """A subscription: the loop around it opens the same stream again whenever it ends, and nothing ends that."""
    flow = Flow(body)
    for outer, block in flow.loops(body.blocks[number].parent):
        if block.kind != "while" or _is_answered(body, number) or _brings_work(body, outer, number):
            return False
        names = [part for part in _names(body, block.detail) if isinstance(part, str)]
        if facts.constant(block.detail) in (True, 1) or any(
            _SUPERVISES.search(name.rsplit(".", 1)[-1]) for name in names
        ):
            return True
    return False


def _is_answered(body: Body, number: int) -> bool:
    """Whether the right piece ends more than the loop over the pieces."""
    flow = Flow(body)
    return any(part.kind == "return" and flow.inside(part.block, number) for part in body.statements)


def _brings_work(body: Body, outer: int, number: int) -> bool:
    """`job = await queue.get()` in front of the stream: each round asks for something else."""
    flow, line = Flow(body), body.blocks[number].line
    given = {
        part.value[1] if isinstance(part.value, tuple) and part.value[0] == facts.AWAIT else part.value
        for part in body.statements
        if part.kind in ("assign", "annotate") and flow.inside(part.block, outer) and part.line < line
    }
    return any(
        index in given and (call.usage & facts.AWAITED or bool(_FETCHES.search(last_name(body, index))))
        for index, call in enumerate(body.calls)
        if flow.inside(call.block, outer) and call.line < line
    )


def _has_socket_timeout(body: Body) -> bool:
    return any(
        last_name(body, index) in ("settimeout", "setdefaulttimeout") for index in range(len(body.calls))
    )


def _is_left(body: Body, number: int) -> bool:
    """Whether the loop ends when the right thing has come."""
    flow = Flow(body)
    return any(
        part.kind in ("break", "return") and flow.inside(part.block, number) for part in body.statements
    )


def _stream_sighting(project: Project, loop: StreamLoop, request: str, confidence: Confidence) -> Sighting:
    source = loop.source
    name = source.symbol if source is not None else "the stream"
    openers = dict.fromkeys(
        f"`{edge.symbol}`" for edge in loop.opening if edge.symbol and edge.symbol != name
    )
    behind = f", opened by {' or '.join(openers)}," if openers else ""
    who = f"{request} waits" if request else f"`{loop.scope.name}` waits"
    silence = (
        "no limit on silence that could be found"
        if confidence is Confidence.POSSIBLE
        else "no limit on silence"
    )
    return Sighting(
        place=_place(loop.scope, loop.block.line),
        message=f"the loop over `{name}`{behind} has no deadline and {silence}: {who} for as long as it takes",
        severity=_severity(project, loop.scope, request),
        confidence=confidence,
        consequence=""
        if request
        else f"when the other side goes silent, `{loop.scope.name}` never comes back, "
        "and what it holds is never given back",
        remedy=""
        if loop.scope.is_async and loop.block.kind != "for"
        else "give the call that opens it a limit on silence, such as `timeout=(3, 30)`, "
        "or let a clock end the loop",
        subject=name,
    )


def _polls(project: Project, deadlines: Deadlines, scope: Scope) -> Iterator[Sighting]:
    body = scope.body
    by_call = {edge.call: edge for edge in project.graph.edges(scope) if edge.call >= 0}
    for number, block in enumerate(body.blocks):
        if block.kind != "while" or is_bounded(body, number) or _supervises(body, number):
            continue
        if _turns_pages(body, block):
            continue
        if _has_a_reader(body, number):
            continue
        sleep = _sleep(body, number)
        if sleep is None:
            continue
        edge = by_call.get(sleep) or Edge(scope, block.line, 1, "call", CERTAIN, call=sleep)
        if deadlines.holds(edge):
            continue
        asked = _asked(body, number, by_call)
        request = waiting_request(project, scope)
        yield Sighting(
            place=_place(scope, block.line),
            message=f"the loop polls{f' `{asked}`' if asked else ''} with no deadline and no limit on attempts: "
            f"{f'{request} waits' if request else f'`{scope.name}` waits'} for ever if that never comes",
            severity=_severity(project, scope, request),
            confidence=Confidence.PROBABLE
            if asked and request and not _tells(body, number) and not deadlines.may_hold(scope)
            else Confidence.POSSIBLE,
            subject="sleep",
        )


def _supervises(body: Body, number: int) -> bool:
    """`while True` that nothing leaves, or `while self.running`."""
    block = body.blocks[number]
    endless = isinstance(block.detail, tuple) and block.detail[0] == facts.CONSTANT
    if endless:
        return not _is_left(body, number) or _is_retry(body, number)
    names = [part for part in _names(body, block.detail) if isinstance(part, str)]
    return any(_SUPERVISES.search(name.rsplit(".", 1)[-1]) for name in names)


def _turns_pages(body: Body, block: Block) -> bool:
    """`while cursor:` with a pause between the pages: each answer brings the end nearer."""
    return any(isinstance(part, str) and _PAGES.search(part) for part in _names(body, block.detail))


def _has_a_reader(body: Body, number: int) -> bool:
    """A generator that tells a client what is new: it ends when the client goes."""
    flow = Flow(body)
    return any(part.kind == "yield" and flow.inside(part.block, number) for part in body.statements) or any(
        last_name(body, index) == "is_disconnected" and flow.inside(call.block, number)
        for index, call in enumerate(body.calls)
    )


def _tells(body: Body, number: int) -> bool:
    """Whether it sends what it finds down a WebSocket, which ends it once the client has gone and there is something to send."""
    flow = Flow(body)
    return any(
        last_name(body, index) in _TELLS and flow.inside(call.block, number)
        for index, call in enumerate(body.calls)
    )


def _is_retry(body: Body, number: int) -> bool:
    """Left only from within a `try` whose handler goes round again, or a `suppress`: an attempt, not a question."""
    flow = Flow(body)
    exits = [
        part
        for part in body.statements
        if part.kind in ("break", "return") and flow.inside(part.block, number)
    ]
    return all(any(_goes_round(body, block) for block in _tries(body, part.block, number)) for part in exits)


def _tries(body: Body, block: int, outer: int) -> Iterator[int]:
    while block not in (-1, outer):
        if body.blocks[block].kind == "try" or _suppresses(body, block):
            yield block
        block = body.blocks[block].parent


def _suppresses(body: Body, number: int) -> bool:
    """`with suppress(ConnectionError):`."""
    block = body.blocks[number]
    return block.kind == "with" and any(
        type(made) is int and last_name(body, made) == "suppress" for made, _ in block.detail
    )


def _goes_round(body: Body, guard: int) -> bool:
    if _suppresses(body, guard):
        return True
    flow = Flow(body)
    return any(
        not any(
            part.kind in ("raise", "return", "break") and flow.inside(part.block, number)
            for part in body.statements
        )
        for number, _ in flow.handlers(guard)
    )


def _names(body: Body, expression: facts.Expression) -> Iterator[facts.Expression]:
    for part in facts.walk(expression):
        if isinstance(part, int) and not isinstance(part, bool):
            yield facts.spell(body.calls[part].callee, body.calls)
        else:
            yield part


def _sleep(body: Body, number: int) -> int | None:
    """A sleep of this very loop, not of one within it; one in an `except` belongs to a retry."""
    for index, call in enumerate(body.calls):
        if last_name(body, index) != "sleep" or any(
            part.kind == "except" for part in body.enclosing(call.block)
        ):
            continue
        if next((loop for loop, _ in Flow(body).loops(call.block)), None) == number:
            return index
    return None


def _asked(body: Body, number: int, edges: dict[int, Edge]) -> str:
    """What the loop asks, where that is another side; the test of a `while` stands above its block."""
    flow, block = Flow(body), body.blocks[number]
    for index, call in enumerate(body.calls):
        if not (flow.inside(call.block, number) or block.line <= call.line <= block.end_line):
            continue
        edge = edges.get(index)
        name = facts.spell(call.callee, body.calls)
        if not decides(body, number, index):
            continue
        if edge is not None and edge.effect is not None and edge.effect.is_remote:
            if edge.effect.kind == "socket" and call.usage & (facts.ENTERED | facts.ENTERED_ASYNC):
                return ""  # a connection that is opened again whenever it ends
            return edge.symbol
        if "." in name and _ASKS.search(name.rsplit(".", 1)[-1]):
            return name
    return ""


def _severity(project: Project, scope: Scope, request: str) -> Severity:
    if request:
        return Severity.HIGH
    return Severity.LOW if project.entries.reach(scope) is Reach.SCRIPT else Severity.MEDIUM


def _place(scope: Scope, line: int) -> Place:
    return Place(path=scope.path, line=line, symbol=scope.qualname)


MODE = FailureMode(
    code="STR001",
    name="stream-without-deadline",
    family=Family.STREAM,
    summary="a loop over a stream or a poll can run for ever",
    consequence="when the other side goes silent, the request hangs, and what it holds is never given back",
    remedy="put a deadline around the loop: `async with asyncio.timeout(…)`, or a clock or a counter that ends it",
    source="Nygard, Release It!, chapter Stability Patterns: Timeouts",
    detector=detect_streams_without_deadline,
    needs_deployment=True,
)
