"""The loops of a function that wait for somebody else, again and again."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

# Methods that no one but a response of an HTTP or model client has.
_STREAMING = frozenset(
    {
        "aiter_lines", "aiter_bytes", "aiter_text", "aiter_raw", "iter_lines", "iter_content", "iter_text", "iter_raw",
        "aiter_sse", "iter_sse", "iter_any", "iter_chunked", "iter_chunks", "iter_events", "aiter_events",
    }
)  # fmt: skip
_RECEIVES = frozenset(
    {
        "read", "readline", "readuntil", "readexactly", "readany", "readchunk", "recv", "receive", "recvfrom",
        "receive_json", "receive_text", "receive_bytes", "receive_str", "recv_into", "get_message", "recv_json",
        "recv_string", "recv_multipart", "read_until",
    }
)  # fmt: skip
_WRAPPERS = frozenset(
    {"enumerate", "iter", "aiter", "aclosing", "closing", "wrap_stream", "list", "filter", "map"}
)
_OUR_SIDE = frozenset({"starlette", "fastapi", "flask", "django", "channels", "asgiref"})
# How long a query may take is the question of the database client's own limit, DEP001.
_FINITE = frozenset({"http", "llm", "object-store"})
_ENDLESS = re.compile(r"subscri|listen|watch|events|notif|consume|feed|tail|follow", re.IGNORECASE)
_DEEPEST = 4


class StreamLoop(NamedTuple):
    """A loop over what another side sends."""

    scope: Scope
    number: int
    """Index of the loop's block."""
    opening: tuple[Edge, ...]
    """The calls that may have opened the stream; empty where that is not known."""
    source: Edge | None
    """The call (or the iteration) that waits; None where only its name tells."""
    finite: bool
    """An answer that comes to an end when all is well, not a subscription."""

    @property
    def block(self) -> Block:
        return self.scope.body.blocks[self.number]


def streams_by_function(project: Project) -> dict[Scope, tuple[StreamLoop, ...]]:
    """Those of all functions of production code that have any."""
    found = {
        scope: tuple(stream_loops(project, scope))
        for module in project.production()
        for scope in module.scopes
        if scope.kind == "function"
    }
    return {scope: loops for scope, loops in found.items() if loops}


def stream_loops(project: Project, scope: Scope) -> Iterator[StreamLoop]:
    """Loops over a stream, and `while` loops that read the next piece themselves."""
    if _STREAMING.isdisjoint(scope.facts.called) and not any(map(_waits, project.graph.effects(scope))):
        return
    body, every = scope.body, project.graph.edges(scope)
    edges = {edge.call: edge for edge in every if edge.call >= 0 and edge.how == "call"}
    for number, block in enumerate(body.blocks):
        if block.kind in ("for", "async-for"):
            found = _iterated(project, scope, number, edges)
        elif block.kind == "while":
            found = _reading(scope, number, edges)
        else:
            continue
        if found is not None:
            yield found


def _iterated(project: Project, scope: Scope, number: int, edges: dict[int, Edge]) -> StreamLoop | None:
    body, block = scope.body, scope.body.blocks[number]
    calls = list(origins(body, block.detail[1], block.line))
    streaming = [edges[call] for call in calls if call in edges and _streams(edges[call])]
    if not streaming:
        streaming = [
            edge for edge in project.graph.edges(scope)
            if edge.how == "iterate" and edge.line == block.line and edge.call < 0 and _streams(edge)
            and (not _is_name(block.detail[1]) or _may_be_made(edge, [edges.get(call) for call in calls]))
        ]  # fmt: skip
    named = [call for call in calls if last_name(body, call) in _STREAMING]
    if not streaming and not named:
        return None
    source = streaming[0] if streaming else None
    opening = _opening_edges(body, block, calls, edges)
    return StreamLoop(scope, number, opening, source, _is_finite(source))


def _is_name(expression: Expression) -> bool:
    return isinstance(expression, str) and "." not in expression


def _may_be_made(iteration: Edge, made: list[Edge | None]) -> bool:
    """Whether one of the calls behind the name gives what is gone through; `response = response.json()` does not."""
    thing = iteration.symbol.rpartition(".")[0]
    return not made or any(
        edge is not None
        and (edge.target is not None or (edge.effect is not None and edge.effect.returns == thing))
        for edge in made
    )


def _reading(scope: Scope, number: int, edges: dict[int, Edge]) -> StreamLoop | None:
    """`while True: chunk = await reader.read()`."""
    body, flow = scope.body, Flow(scope.body)
    for index, call in enumerate(body.calls):
        edge = edges.get(index)
        if edge is None or edge.effect is None or not flow.inside(call.block, number):
            continue
        if edge.effect.touches != "network" or last_name(body, index) not in _RECEIVES or _is_ours(edge):
            continue
        if next(flow.loops(call.block))[0] == number:
            opening = _opening_edges(body, body.blocks[number], [index], edges)
            return StreamLoop(scope, number, opening, edge, finite=edge.effect.kind in _FINITE)
    return None


def _waits(edge: Edge) -> bool:
    """Whether it gives a stream, or a piece of one."""
    return edge.effect is not None and (edge.effect.stream or edge.effect.touches == "network")


def _streams(edge: Edge) -> bool:
    return edge.effect is not None and edge.effect.stream and not _is_ours(edge)


def _is_ours(edge: Edge) -> bool:
    """A framework's own request and socket: the other side is the user."""
    return edge.symbol.split(".", 1)[0] in _OUR_SIDE


def _is_finite(source: Edge | None) -> bool:
    if source is None or source.effect is None:
        return True
    return source.effect.kind in _FINITE and not _ENDLESS.search(source.symbol.rsplit(".", 1)[-1])


def origins(body: Body, expression: Expression, line: int, depth: int = 0) -> Iterator[int]:
    """The calls of this body whose result an expression may be: through await, names and wrappers."""
    if isinstance(expression, int):
        yield expression
    if depth <= _DEEPEST:
        for part in _nearer(body, expression, line):
            yield from origins(body, part, line, depth + 1)


def _nearer(body: Body, expression: Expression, line: int) -> Iterator[Expression]:
    """One step back: the value of a name, the argument of a wrapper, what is awaited."""
    if isinstance(expression, int):
        if last_name(body, expression) in _WRAPPERS:
            arguments = body.calls[expression].arguments
            yield from (*arguments[-1:], *arguments[:1])
    elif isinstance(expression, str):
        for name in dict.fromkeys((expression, expression.split(".", 1)[0])):
            yield from _bound(body, name, line)
    elif expression is not None and expression[0] in (facts.AWAIT, facts.STAR, facts.ATTRIBUTE):
        yield expression[1]
    elif expression is not None and expression[0] == facts.EITHER:
        yield from expression[2]


def _bound(body: Body, name: str, line: int) -> Iterator[Expression]:
    """What a name is bound to above a line, by assignment or `with`; the last one that surely runs hides the earlier."""
    around = {id(block) for block in body.blocks if block.line <= line <= block.end_line}
    found: list[Expression] = []
    for part in body.statements:
        if part.line <= line and (
            (part.kind == "assign" and name in part.target)
            or (part.kind == "annotate" and part.target == name)
        ):
            if part.line < line and all(id(block) in around for block in body.enclosing(part.block)):
                found.clear()
            found.append(part.value)
    yield from found
    for block in body.blocks:
        if block.kind in ("with", "async-with") and block.line <= line <= block.end_line:
            yield from (expression for expression, target in block.detail if target == name)


def _opening_edges(body: Body, block: Block, calls: list[int], edges: dict[int, Edge]) -> tuple[Edge, ...]:
    """From `response.iter_lines()` to the `requests.get(…)` behind `response`."""
    found: list[Edge] = []
    for call in calls:
        behind = [edges[part] for part in _behind(body, call, block.line) if part in edges]
        asked = [edge for edge in behind if _is_asked(edge)]
        found.extend(asked or [edges[call]] if call in edges else asked)
    return tuple(dict.fromkeys(found))


def _behind(body: Body, call: int, line: int) -> Iterator[int]:
    """The calls that made the object whose method is called."""
    callee = body.calls[call].callee
    head = (
        callee.rpartition(".")[0]
        if isinstance(callee, str)
        else callee[1]
        if isinstance(callee, tuple)
        else ""
    )
    if head:
        yield from (part for part in origins(body, head, line) if part != call)


def _is_asked(edge: Edge) -> bool:
    """A call that waits for the other side, not the making of a client."""
    return edge.effect is None or (edge.effect.touches == "network" and not edge.effect.constructs)


def last_name(body: Body, call: int) -> str:
    """The last part of what a call calls."""
    return facts.spell(body.calls[call].callee, body.calls).rsplit(".", 1)[-1]
