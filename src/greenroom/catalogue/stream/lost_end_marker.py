"""STR002: a stream that ends without its end marker is taken for a whole one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.loop_bounds import reads_clock
from greenroom.catalogue.dependency.named import Named
from greenroom.catalogue.dependency.stream_loops import StreamLoop, last_name, streams_by_function
from greenroom.catalogue.stream.lost_end import DROP_END, SWALLOW_MIDSTREAM
from greenroom.catalogue.stream.markers import is_end_text, marker_branches, marker_of, parts, plain
from greenroom.catalogue.stream.pieces import is_text_of_piece
from greenroom.catalogue.stream.waiting import waiting_request
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.project import Project

# Readers that answer "nothing" for ever once the other side has closed.
_EMPTY_AT_END = frozenset({"read", "readline", "readany", "recv"})
_EMPTY_AT_END_OF = ("asyncio.", "socket.", "http.client.", "aiohttp.StreamReader", "urllib")
_CLOSING = re.compile(r"(^|_)(close|aclose|shutdown|disconnect|stop|drain|teardown|cleanup)(_|$)")
_TELLS = re.compile(
    r"err|fail|incomplete|truncat|abort|partial|unexpected|interrupt|premature|warn|broken", re.IGNORECASE
)

_LOGS = re.compile(r"(?:^|[._])(?:log|logger|logging)\.\w+$")


class _End(NamedTuple):
    loop: StreamLoop
    branch: int
    marker: str


def detect_lost_end_markers(project: Project) -> Iterator[Sighting]:
    """Loops that break at a marker, and go on just the same when it never came."""
    named, by_hand = Named(project), project.once(ByHand)
    for scope, loops in project.once(streams_by_function).items():
        for loop in loops:
            for sighting in _judge(project, loop):
                is_read = by_hand.is_run_by_hand(
                    scope.module
                )  # by somebody who sees where the answer breaks off
                is_sure = named.is_named(scope) and not is_read
                yield sighting if is_sure else replace(sighting, confidence=Confidence.POSSIBLE)


def _judge(project: Project, loop: StreamLoop) -> Iterator[Sighting]:
    body = loop.scope.body
    if loop.block.kind == "while":
        sighting = _spins(project, loop)
        if sighting is not None:
            yield sighting
        return
    for branch, marker in marker_branches(body, loop.number):
        end = _End(loop, branch, marker)
        if not _is_noticed(end) and _goes_on(end) and not _knows_another_end(end):
            yield _sighting(project, end)
            return


def _is_noticed(end: _End) -> bool:
    """Whether the code behind the loop can tell one end from the other."""
    body, number = end.loop.scope.body, end.loop.number
    flow, last = Flow(body), end.loop.block.end_line
    if any(block.kind == "loop-else" and block.owner == number for block in body.blocks):
        return True
    behind = [part for part in body.statements if part.line > last]
    if any(part.kind == "raise" and not _is_under_condition(body, part) for part in behind):
        return True
    if _returns(body, end.branch) and any(_tells(body, part) for part in behind):
        return True
    known = {
        name for part in body.statements
        if part.kind in ("assign", "annotate") and flow.inside(part.block, number)
        for target in (part.target if part.kind == "assign" else (part.target,))
        for name in facts.walk(target) if isinstance(name, str)
        if flow.inside(part.block, end.branch) or _is_marker(body, name, part.value)
    }  # fmt: skip
    return bool(known & set(_asked_behind(body, last)))


def _knows_another_end(end: _End) -> bool:
    """`elif event["type"] == "message_stop": yield …`: the reader is told of that one, if it is what is sent."""
    body, flow = end.loop.scope.body, Flow(end.loop.scope.body)
    return any(
        part.kind == "yield" and flow.inside(part.block, branch)
        for branch in _other_ends(end)
        for part in body.statements
    )


def _tells_of_another_end(end: _End) -> bool:
    """`elif event == "complete": print("completed")`: which of the two the other side sends, is its own."""
    body, flow = end.loop.scope.body, Flow(end.loop.scope.body)
    return any(
        not _LOGS.search(facts.spell(call.callee, body.calls))
        for branch in _other_ends(end)
        for call in flow.calls_in(branch)
        if call.usage & facts.DISCARDED
    )


def _other_ends(end: _End) -> Iterator[int]:
    """The branches of the loop that ask for the text of another end."""
    body, flow = end.loop.scope.body, Flow(end.loop.scope.body)
    for index, block in enumerate(body.blocks):
        if block.kind == "if" and index != end.branch and flow.inside(index, end.loop.number):
            text = marker_of(body, block.detail)
            if is_end_text(text) and plain(text) != plain(end.marker):
                yield index


def _is_marker(body: Body, name: str, value: facts.Expression) -> bool:
    """`finished = …`, `reason = choice["finish_reason"]`."""
    return bool(marker_of(body, (facts.ATTRIBUTE, "", name.rsplit(".", 1)[-1])) or marker_of(body, value))


def _is_under_condition(body: Body, statement: Statement) -> bool:
    return any(block.kind in ("if", "else", "except", "case") for block in body.enclosing(statement.block))


def _returns(body: Body, branch: int) -> bool:
    flow = Flow(body)
    return any(part.kind == "return" and flow.inside(part.block, branch) for part in body.statements)


def _tells(body: Body, statement: Statement) -> bool:
    """`return None`, a log line, an error that is yielded: another end than that of the marker."""
    if statement.kind == "return":
        return statement.value is None or not isinstance(statement.value, str)
    return statement.kind in ("expression", "yield", "raise") and any(
        isinstance(text, str) and bool(_TELLS.search(text))
        for part in parts(body, statement.value)
        for text in (part, facts.constant(part))
    )


def _asked_behind(body: Body, last: int) -> Iterator[str]:
    """The names that are asked for, returned or handed on behind the loop."""
    for block in body.blocks:
        if block.line > last and block.kind in ("if", "while"):
            yield from (part for part in parts(body, block.detail) if isinstance(part, str))
    for statement in body.statements:
        if statement.line > last and statement.value is not None:
            yield from (part for part in parts(body, statement.value) if isinstance(part, str))


def _goes_on(end: _End) -> bool:
    """Whether what came is used as a whole: returned, stored, or announced as finished."""
    scope = end.loop.scope
    body, last = scope.body, end.loop.block.end_line
    if scope.facts.is_generator:
        return not _passes_on_before(end)
    return any(
        part.line > last
        and part.kind in ("return", "expression", "assign", "annotate")
        and not _is_shown_only(body, part)
        for part in body.statements
    )


def _is_shown_only(body: Body, statement: Statement) -> bool:
    """`print()`, a bare `return`: a person sits in front of it, and sees where it stops."""
    if statement.kind == "return":
        return statement.value is None
    if statement.kind != "expression" or type(statement.value) is not int:
        return False
    callee = body.calls[statement.value].callee
    return isinstance(callee, str) and (callee == "print" or callee.startswith(("sys.stdout.", "click.echo")))


def _passes_on_before(end: _End) -> bool:
    """A generator that hands the marker itself on: who reads it can still miss it; a text of the piece tells nothing."""
    body, flow = end.loop.scope.body, Flow(end.loop.scope.body)
    line = body.blocks[end.branch].line
    return any(
        part.kind == "yield" and (flow.inside(part.block, end.branch)
                                  or (flow.inside(part.block, end.loop.number) and part.line < line
                                      and not is_text_of_piece(body, part.value)))
        for part in body.statements
    )  # fmt: skip


def _sighting(project: Project, end: _End) -> Sighting:
    scope = end.loop.scope
    source = end.loop.source
    name = source.symbol if source is not None else facts.spell(end.loop.block.detail[1], scope.body.calls)
    does = "ends as after the last piece" if scope.facts.is_generator else "takes what came for the whole"
    return Sighting(
        place=Place(path=scope.path, line=scope.body.blocks[end.branch].line, symbol=scope.qualname),
        message=f"`{scope.name}` stops at `{end.marker}`, and nothing notices when `{name}` closes without it: "
        f"it {does}",
        severity=Severity.HIGH if waiting_request(project, scope) else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE
        if _CLOSING.search(end.loop.scope.name) or _tells_of_another_end(end)
        else Confidence.PROBABLE,
        subject=name,
    )


def _spins(project: Project, loop: StreamLoop) -> Sighting | None:
    """`while not done: line = await reader.readline()` reads nothing for ever once the peer has closed."""
    body, source = loop.scope.body, loop.source
    if source is None or source.call < 0 or not source.symbol.startswith(_EMPTY_AT_END_OF):
        return None
    if reads_clock(body, loop.number) or any(facts.last_name(call.callee) == "at_eof" for call in body.calls):
        return None
    if last_name(body, source.call) not in _EMPTY_AT_END or not _ends_by_marker(body, loop.number):
        return None
    names = set(_names_of(body, source.call))
    if not names or _asks_for_nothing(body, loop.number, names):
        return None
    request = waiting_request(project, loop.scope)
    return Sighting(
        place=Place(path=loop.scope.path, line=loop.block.line, symbol=loop.scope.qualname),
        message=f"`{loop.scope.name}` reads until its marker comes; once the peer has closed, `{source.symbol}` "
        "returns nothing at once, and the loop spins for ever",
        severity=Severity.HIGH if request else Severity.MEDIUM,
        # A socket is read by hand in tools, and what follows mostly ends it: none of five at first sight was true.
        confidence=Confidence.POSSIBLE if source.symbol.startswith("socket.") else Confidence.PROBABLE,
        consequence="a connection that closes early takes a whole core, and its request never ends",
        remedy="leave the loop, with an error, when the read returns nothing",
        subject=source.symbol,
    )


def _ends_by_marker(body: Body, number: int) -> bool:
    test = body.blocks[number].detail
    flagged = any(isinstance(part, str) for part in parts(body, test))
    return flagged or any(True for _ in marker_branches(body, number))


def _names_of(body: Body, call: int) -> Iterator[str]:
    """The names that take what the call returns."""
    for part in body.statements:
        if part.kind in ("assign", "annotate", "augment") and any(inner == call and type(inner) is int
                                                                  for inner in parts(body, part.value)):  # fmt: skip
            targets = part.target if part.kind == "assign" else (part.target,)
            yield from (name for target in targets for name in facts.walk(target) if isinstance(name, str))


def _asks_for_nothing(body: Body, number: int, names: set[str]) -> bool:
    """`if not line: break`, `if line == b""`, `while chunk:`, `len(chunk)`."""
    flow = Flow(body)
    tests = [body.blocks[number].detail]
    tests += [
        block.detail
        for index, block in enumerate(body.blocks)
        if block.kind == "if" and flow.inside(index, number)
    ]
    return any(_is_about_nothing(body, test, names) for test in tests)


def _is_about_nothing(body: Body, test: facts.Expression, names: set[str]) -> bool:
    if isinstance(test, str):
        return test in names
    if isinstance(test, tuple) and test[0] in (facts.OPERATION, facts.EITHER):
        return any(_is_about_nothing(body, part, names) for part in test[2])
    if isinstance(test, tuple) and test[0] == facts.COMPARE:
        sides = list(parts(body, test))
        return bool(names & {part for part in sides if isinstance(part, str)}) and any(
            facts.constant(part) in ("", b"", 0)
            for part in sides
            if isinstance(part, tuple) and part[0] == facts.CONSTANT
        )
    return isinstance(test, int) and any(part in names for part in parts(body, test) if isinstance(part, str))


MODE = FailureMode(
    code="STR002",
    name="lost-end-marker",
    family=Family.STREAM,
    summary="a stream that closes without its end marker is taken for a whole one",
    consequence="half an answer is shown, stored and billed as a whole one, or the reader spins for ever",
    remedy="remember that the marker came, and raise behind the loop when it did not: `for … else: raise`",
    source="WHATWG HTML, Server-sent events; OpenAI API reference, streaming: the stream ends with `data: [DONE]`",
    detector=detect_lost_end_markers,
    operators=(
        DROP_END,
        SWALLOW_MIDSTREAM,
    ),
)
