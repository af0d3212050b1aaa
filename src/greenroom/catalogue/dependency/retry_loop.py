"""Loops that ask again whenever something fails: `while True: try: … except: continue`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.catalogue.dependency.next_piece import takes_work
from greenroom.detect.search import mentioning, whole, words
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Call, Expression, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_EXITS = {"return", "raise", "break"}
_WAITING_WORDS = ("sleep", "wait", "backoff", "pause", "delay")
_WAITING_TOUCHES = {"sleep", "lock", "terminal", "process"}
_LEAVES = {"exit", "_exit", "abort", "quit"}
# Not the failure of a dependency, or one that has taken its time already.
_OTHER_ERRORS = {
    "ValueError", "KeyError", "IndexError", "TypeError", "AttributeError", "Empty", "QueueEmpty", "StopIteration",
    "StopAsyncIteration", "JSONDecodeError", "UnicodeDecodeError", "CancelledError", "KeyboardInterrupt",
    "AssertionError", "IntegrityError", "ValidationError", "FileNotFoundError", "FileExistsError", "NotFound",
    "ObjectDoesNotExist", "DoesNotExist",
}  # fmt: skip
_GONE = re.compile(r"Disconnect|Closed|ConnectionReset|IncompleteRead|EOF")
"""In the names of what a library raises when the other side has gone."""
# A client of these waits by itself before it says that there is nothing.
_PATIENT_KINDS = {"queue", "socket", "ssh", "mail"}
_DEEPEST = 3
_ATTEMPTS = whole("try")
_ENDLESS = (*whole("while"), *words("itertools"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLoop:
    """A loop without an end in which a failure leads straight to the next attempt."""

    scope: Scope
    loop: Block
    asked: Edge
    """The call that is repeated."""
    direct: bool
    """Whether it is the library's own call, not one of the project's that leads there."""
    ends: bool
    """Whether success ends it: a retry of a request; else it goes on with the next piece of work."""
    waits: bool
    """Whether anything in it waits before the next attempt."""


class RetryLoops:
    """Finds them in the scopes of one project."""

    def __init__(self, project: Project) -> None:
        self._trying = set(mentioning(project.production(), _ATTEMPTS, _ENDLESS))
        self._graph = project.graph
        self._crosses: dict[Scope, bool] = {}

    def find(self, scope: Scope) -> Iterator[RetryLoop]:
        """Those of a scope of production code."""
        if scope not in self._trying:
            return
        flow = Flow(scope.body)
        for index, block in enumerate(scope.body.blocks):
            if _is_endless(scope, block) and not flow.is_dead(index, block.line):
                for attempt, part in enumerate(scope.body.blocks):
                    inner = next(flow.loops(part.parent), None) if part.kind == "try" else None
                    if inner is not None and inner[0] == index:
                        yield from self._judge(scope, flow, index, attempt)

    def _judge(self, scope: Scope, flow: Flow, loop: int, attempt: int) -> Iterator[RetryLoop]:
        asked = self._asked(scope, flow, attempt)
        handlers = [number for number, block in flow.handlers(attempt) if not _is_about_something_else(block)]
        swallowing = [number for number in handlers if not self._leaves(scope, flow, number)]
        if asked is None or not swallowing or self._is_counted(scope, flow, loop):
            return
        if self._begins_with_work(scope, flow, attempt, asked):
            return
        if any(_is_of_the_end(scope.body.blocks[part]) for part in handlers if part not in swallowing):
            return  # the other side is gone, and so is the loop: the rest is about one piece
        if any(_asks_for_another(scope, flow, attempt, number) for number in swallowing):
            return
        exits = _exits(scope, flow, loop)
        inside = [part for part in exits if _is_success(scope, flow, part, attempt)]
        outside = [part for part in exits if part not in inside and not _in_any(flow, part, handlers)]
        goes_on = all(_ends_with_continue(scope, flow, number) for number in swallowing)
        line = scope.body.blocks[attempt].end_line
        if any(not goes_on or part.line < line for part in outside):
            return  # something else than success ends it
        yield RetryLoop(
            scope=scope, loop=scope.body.blocks[loop], asked=asked, direct=asked.target is None,
            ends=bool(inside or outside), waits=self._waits(scope, flow, loop, attempt),
        )  # fmt: skip

    def _asked(self, scope: Scope, flow: Flow, attempt: int) -> Edge | None:
        """The first call in the try that talks to something else, or leads there."""
        found = None
        for edge in self._graph.edges(scope):
            if (
                edge.call < 0
                or edge.certainty < PROBABLE
                or not flow.inside(scope.body.calls[edge.call].block, attempt)
                or _is_piecework(flow, scope.body.calls[edge.call], attempt)
            ):
                continue
            if edge.effect is not None and edge.effect.is_remote and edge.effect.kind not in _PATIENT_KINDS:
                return edge
            if found is None and edge.target is not None and self._leads_out(edge.target, frozenset()):
                found = edge
        return found or self._asked_of_decorated(scope, flow, attempt)

    def _asked_of_decorated(self, scope: Scope, flow: Flow, attempt: int) -> Edge | None:
        """In a decorator of the project the function that it is put on: `return await function(*args)`."""
        around = scope.parent
        given = {part.name for part in around.parameters} if around is not None and around.is_function else ()
        for index, call in enumerate(scope.body.calls):
            if call.callee in given and flow.inside(call.block, attempt):
                for edge in self._graph.callers(scope):
                    if edge.how == "decorator" and self._leads_out(edge.caller, frozenset()):
                        return Edge(
                            scope,
                            call.line,
                            call.column,
                            "call",
                            edge.certainty,
                            target=edge.caller,
                            call=index,
                        )
        return None

    def _begins_with_work(self, scope: Scope, flow: Flow, attempt: int, asked: Edge) -> bool:
        """`item = await queue.get()`, `await websocket.receive()`: after a failure it waits for the next piece, another one."""
        remote = {
            edge.call
            for edge in self._graph.edges(scope)
            if edge.effect is not None and edge.effect.is_remote and edge.effect.kind not in _PATIENT_KINDS
        }
        return any(
            takes_work(scope.body, call)
            and (index not in remote or _last(scope, call) == "receive")  # it gives the end as a message
            for index, call in enumerate(scope.body.calls)
            if call.line <= asked.line and flow.inside(call.block, attempt)
        )

    def _leads_out(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        if scope in self._crosses:
            return self._crosses[scope]
        if scope in seen or len(seen) >= _DEEPEST:
            return False
        found = any(
            (edge.effect is not None and edge.effect.is_remote and edge.effect.kind not in _PATIENT_KINDS)
            or (edge.target is not None and self._leads_out(edge.target, seen | {scope}))
            for edge in self._graph.edges(scope)
            if edge.certainty >= PROBABLE and edge.how in ("call", "construct")
        )
        if not seen:
            self._crosses[scope] = found
        return found

    def _leaves(self, scope: Scope, flow: Flow, handler: int) -> bool:
        """Whether the handler may end the loop, or does something of the project's about the failure."""
        if any(part.kind in _EXITS and flow.inside(part.block, handler) for part in scope.body.statements):
            return True
        calls = [call for call in scope.body.calls if flow.inside(call.block, handler)]
        if any(_last(scope, call) in _LEAVES for call in calls):
            return True
        return any(
            edge.target is not None
            and edge.call >= 0
            and flow.inside(scope.body.calls[edge.call].block, handler)
            for edge in self._graph.edges(scope)
        )

    def _is_counted(self, scope: Scope, flow: Flow, loop: int) -> bool:
        """Whether a number that grows, or the time, is compared with anything in the loop."""
        body = scope.body
        for index, block in enumerate(body.blocks):
            if block.kind in ("if", "while") and flow.inside(index, loop):
                for part in facts.walk(block.detail):
                    if (
                        isinstance(part, tuple)
                        and part[0] == facts.COMPARE
                        and set(part[1]) & {"<", ">", "<=", ">="}
                    ):
                        return True
        counted = {
            part.target
            for part in body.statements
            if part.kind == "augment" and flow.inside(part.block, loop)
        }
        return any(
            isinstance(name, str) and name in counted
            for index, block in enumerate(body.blocks)
            if block.kind == "if" and flow.inside(index, loop)
            for name in facts.walk(block.detail)
        )

    def _waits(self, scope: Scope, flow: Flow, loop: int, attempt: int) -> bool:
        calls = [call for call in scope.body.calls if flow.inside(call.block, loop)]
        if any(word in _last(scope, call).casefold() for call in calls for word in _WAITING_WORDS):
            return True
        for edge in self._graph.edges(scope):
            if edge.call < 0 or not flow.inside(scope.body.calls[edge.call].block, loop):
                continue
            if edge.effect is not None and edge.effect.touches in _WAITING_TOUCHES:
                return True
            if edge.target is not None and self._sleeps(edge.target):
                return True
        # What is fetched or awaited outside the try comes in its own time.
        return any(
            call.usage & facts.AWAITED
            or _last(scope, call) in ("get", "recv", "accept", "poll", "readline", "next")
            for call in calls
            if not flow.inside(call.block, attempt)
        )

    @staticmethod
    def _sleeps(target: Scope) -> bool:
        return any(
            word in _last(target, call).casefold() for call in target.body.calls for word in _WAITING_WORDS
        )


def _is_piecework(flow: Flow, call: Call, attempt: int) -> bool:
    """Whether it stands in a loop inside the try, which has to come by its next piece before the call fails again."""
    inner = next(flow.loops(call.block), None)
    return inner is not None and flow.inside(inner[0], attempt)


def _is_endless(scope: Scope, block: Block) -> bool:
    if block.kind == "while":
        return block.detail in ((facts.CONSTANT, True), (facts.CONSTANT, 1))
    if block.kind == "for":
        source = block.detail[1]
        return type(source) is int and _last(scope, scope.body.calls[source]) == "count" and "itertools" in (
            facts.spell(scope.body.calls[source].callee, scope.body.calls)
        )  # fmt: skip
    return False


def _is_about_something_else(handler: Block) -> bool:
    """`except (ValueError, asyncio.TimeoutError):`."""
    types: Expression = handler.detail[0]
    if types is None:
        return False
    names = (
        [types] if isinstance(types, str) else [part for part in facts.walk(types) if isinstance(part, str)]
    )
    last = [name.rsplit(".", 1)[-1] for name in names]
    return bool(last) and all(name in _OTHER_ERRORS or "Timeout" in name for name in last)


def _is_of_the_end(handler: Block) -> bool:
    """`except WebSocketDisconnect:`."""
    types = handler.detail[0]
    return any(isinstance(part, str) and _GONE.search(part) for part in facts.walk(types))


def _exits(scope: Scope, flow: Flow, loop: int) -> list[Statement]:
    """What ends the loop; a `break` of a loop inside it does not."""
    found = []
    for part in scope.body.statements:
        if part.kind in _EXITS and flow.inside(part.block, loop):
            inner = next(flow.loops(part.block), None)
            if part.kind != "break" or (inner is not None and inner[0] == loop):
                found.append(part)
    return found


def _is_success(scope: Scope, flow: Flow, part: Statement, attempt: int) -> bool:
    """In the try itself or in its `else`."""
    if part.kind == "raise":
        return False
    if flow.inside(part.block, attempt):
        return True
    return any(
        block.kind == "try-else" and block.owner == attempt and flow.inside(part.block, index)
        for index, block in enumerate(scope.body.blocks)
    )


def _in_any(flow: Flow, part: Statement, blocks: list[int]) -> bool:
    return any(flow.inside(part.block, block) for block in blocks)


def _asks_for_another(scope: Scope, flow: Flow, attempt: int, handler: int) -> bool:
    """Whether the handler changes what the attempt hands over: `index += 1`. The next one is another request."""
    changed: set[Expression] = set()
    for part in scope.body.statements:
        if part.kind in ("assign", "augment") and flow.inside(part.block, handler):
            changed.update(part.target if part.kind == "assign" else (part.target,))
    given = [
        argument
        for call in scope.body.calls
        if flow.inside(call.block, attempt)
        for argument in (*call.arguments, *(value for _, value in call.keywords))
    ]
    return any(part in changed for argument in given for part in facts.walk(argument))


def _ends_with_continue(scope: Scope, flow: Flow, handler: int) -> bool:
    return any(part.kind == "continue" and part.block == handler for part in scope.body.statements) or (
        flow.is_dead(handler, scope.body.blocks[handler].end_line)
    )


def _last(scope: Scope, call: Call) -> str:
    return facts.spell(call.callee, scope.body.calls).rsplit(".", 1)[-1]
