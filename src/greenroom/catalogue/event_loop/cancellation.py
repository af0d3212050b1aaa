"""Handlers in asynchronous code that swallow a cancellation."""

from collections.abc import Iterator

from greenroom.catalogue.dependency.deadline import Deadlines
from greenroom.catalogue.event_loop.developer import is_demonstration
from greenroom.detect.search import mentions, whole, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_WAITS = facts.AWAITED | facts.ENTERED_ASYNC | facts.ITERATED_ASYNC
_CATCHERS = {"CancelledError", "BaseException"}
_OF_THREADS = "concurrent.futures."
# `await gather(*tasks)` after their cancellation: the error is theirs.
_GATHERERS = {"gather", "wait", "wait_for", "shield", "wait_closed"}
_CLEANING = {
    "close", "aclose", "disconnect", "stop", "shutdown", "cleanup", "terminate", "kill", "rollback", "release",
    "wait_closed", "__aexit__", "unsubscribe", "cancel", "join", "aexit",
}  # fmt: skip
_TELLS = {
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "str", "repr", "type",
    "format", "isinstance", "capture_exception", "print_exception", "print_exc", "format_exception",
}  # fmt: skip
_DEEPEST = 2
_LEAVES = {"exit", "_exit", "abort"}
_GUARDS = whole("try") + words("suppress")
_ASKS = {"uncancel", "cancelling"}
_REMEDY = (
    "let `asyncio.CancelledError` through: clean up, then `raise`; catch `Exception` for everything else"
)


def detect_swallowed_cancellations(project: Project, scope: Scope) -> Iterator[Sighting]:
    """`except BaseException`, `except:` and `except CancelledError` around an await, without a raise."""
    if not scope.is_async or not mentions(scope, _GUARDS):
        return
    flow = Flow(scope.body)
    for index, block in enumerate(scope.body.blocks):
        if flow.is_dead(index, block.line):
            continue
        if block.kind == "try":
            handler = _catching(project, scope, flow, index)
            if handler is not None:
                yield from _judge(project, scope, flow, index, handler)
        elif block.kind == "with" and _suppresses(project, scope, block):
            yield from _judge(project, scope, flow, index, None)


def _is_raised_behind(flow: Flow, try_block: int) -> bool:
    """Whether it cleans up in a handler that raises what it caught: nobody takes the work for done."""
    body = flow.body
    return any(
        block.kind == "except"
        and any(part.kind == "raise" and body.blocks[part.block] is block for part in body.statements)
        for block in body.enclosing(try_block)
    )


def _catching(project: Project, scope: Scope, flow: Flow, try_block: int) -> int | None:
    """The handler that a cancellation reaches."""
    for index, block in flow.handlers(try_block):
        if _catches(project, scope, block.detail[0]):
            return index
    return None


def _catches(project: Project, scope: Scope, types: Expression) -> bool:
    """Not the error of `concurrent.futures`, which only its name has in common with that of asyncio."""
    if types is None:
        return True
    names = types[2] if isinstance(types, tuple) and types[0] == facts.SEQUENCE else (types,)
    return any(
        isinstance(name, str)
        and name.rpartition(".")[2] in _CATCHERS
        and not project.symbols.dotted(scope.module, name).startswith(_OF_THREADS)
        for name in names
    )


def _suppresses(project: Project, scope: Scope, block: Block) -> bool:
    body = scope.body
    for expression, _ in block.detail:
        if type(expression) is int and facts.last_name(body.calls[expression].callee) == "suppress":
            return any(_catches(project, scope, argument) for argument in body.calls[expression].arguments)
    return False


def _judge(project: Project, scope: Scope, flow: Flow, index: int, handler: int | None) -> Iterator[Sighting]:
    waits = list(_awaited(project, scope, flow, index))
    if not waits or _is_of_others(flow, waits):
        return
    if handler is not None and _deals_with_it(flow, handler):
        return
    place = flow.body.blocks[index if handler is None else handler]
    loop = _loop_that_goes_on(flow, index, handler)
    doubtful = (
        is_demonstration(scope)
        or _is_goodbye(waits)
        or (loop is None and _only_after_failures(project, scope, 0))
        or (loop is None and _is_meant(flow, handler))
        or (handler is not None and _hands_on(flow, handler))
        or _is_raised_behind(flow, index)
    )
    yield Sighting(
        place=Place(path=scope.path, line=place.line, symbol=scope.qualname),
        message=_message(scope, place, loop),
        severity=Severity.MEDIUM if loop is not None else Severity.LOW,
        confidence=Confidence.POSSIBLE
        if doubtful
        else _confidence(project, scope, goes_on=loop is not None and _has_no_end(flow, index)),
        consequence=(
            "a shutdown or a time limit that cancels this work is ignored: the process hangs until it is killed"
            if loop is not None
            else "whoever cancelled this work, such as a time limit, goes on as if it had been done"
        ),
        remedy=_REMEDY,
        subject=f"{scope.qualname}:CancelledError",
        cause="" if loop is not None else f"{scope.path}:{scope.index}:CancelledError",
    )


def _only_after_failures(project: Project, scope: Scope, depth: int) -> bool:
    """Whether all who await it do so in a handler that raises: an error goes on, and nobody takes the work for done."""
    edges = [edge for edge in project.graph.callers(scope) if edge.caller.module.kind is FileKind.PRODUCTION]
    return bool(edges) and all(
        _stands_before_raise(edge)
        or (depth < _DEEPEST and _only_after_failures(project, edge.caller, depth + 1))
        for edge in edges
    )


def _stands_before_raise(edge: Edge) -> bool:
    if edge.call < 0:
        return False
    flow = Flow(edge.caller.body)
    call = flow.body.calls[edge.call]
    return any(
        block.kind == "except"
        and any(
            part.kind == "raise" and part.block == number and part.line > call.line
            for part in flow.body.statements
        )
        for number, block in enumerate(flow.body.blocks)
        if flow.inside(call.block, number)
    )


def _has_no_end(flow: Flow, block: int) -> bool:
    """Whether a loop around goes on for as long as something comes, and not through a list."""
    return any(loop.kind != "for" for _, loop in flow.loops(flow.body.blocks[block].parent))


def _confidence(project: Project, scope: Scope, *, goes_on: bool) -> Confidence:
    """A loop goes on for ever; elsewhere, who awaits it must be seen to set a limit.

    That somebody further above starts or cancels something was a reason to act in none of nine at first sight.
    """
    deadlines = project.once(Deadlines)
    limited = any(map(deadlines.holds, project.graph.callers(scope)))
    return Confidence.PROBABLE if goes_on or limited else Confidence.POSSIBLE


def _message(scope: Scope, place: Block, loop: Block | None) -> str:
    how = "`suppress`" if place.kind == "with" else f"`{_spelled(place.detail[0])}`"
    then = f"the loop at line {loop.line} goes on" if loop is not None else "its caller takes it for done"
    return f"{how} in `async def {scope.name}` swallows a cancellation: {then}"


def _spelled(types: Expression) -> str:
    if types is None:
        return "except:"
    names = types[2] if isinstance(types, tuple) and types[0] == facts.SEQUENCE else (types,)
    return f"except {', '.join(name for name in names if isinstance(name, str))}"


# what is awaited


def _awaited(project: Project, scope: Scope, flow: Flow, try_block: int) -> Iterator[Call | None]:
    """The awaited calls inside; None for an asynchronous loop or context."""
    for call in flow.calls_in(try_block):
        if call.usage & _WAITS and not _is_shielded(project, scope, flow, call.block, try_block):
            yield call
    for number, block in enumerate(flow.body.blocks):
        if block.kind in ("async-for", "async-with") and flow.inside(number, try_block):
            yield None


def _is_shielded(project: Project, scope: Scope, flow: Flow, block: int, try_block: int) -> bool:
    """Whether another handler, further inside, catches the cancellation first."""
    while block not in (-1, try_block):
        found = flow.body.blocks[block]
        if found.kind == "try" and _catching(project, scope, flow, block) is not None:
            return True
        block = found.parent
    return False


def _is_of_others(flow: Flow, waits: list[Call | None]) -> bool:
    """Only tasks made elsewhere are awaited: the error may be theirs, after somebody cancelled them."""
    cancels = any(facts.last_name(call.callee) == "cancel" for call in flow.body.calls)
    return all(
        call is not None
        and facts.last_name(call.callee) in _GATHERERS
        and (cancels or not any(_is_made_here(flow.body, part) for part in call.arguments))
        for call in waits
    )


def _is_made_here(body: Body, argument: Expression) -> bool:
    """Whether what is awaited is called on the spot: `wait_for(work(), 1)`, not `wait_for(shield(task), 1)`."""
    if type(argument) is not int:
        return False
    call = body.calls[argument]
    if facts.last_name(call.callee) not in _GATHERERS:
        return True
    return any(_is_made_here(body, part) for part in call.arguments)


def _is_goodbye(waits: list[Call | None]) -> bool:
    """Only what is being closed is awaited."""
    return all(call is not None and facts.last_name(call.callee) in _CLEANING for call in waits)


# what the handler does


def _deals_with_it(flow: Flow, handler: int) -> bool:
    """Raises, asks whether it was cancelled, leaves the process, or keeps the error for later."""
    body = flow.body
    if any(part.kind == "raise" and flow.inside(part.block, handler) for part in body.statements):
        return True
    calls = flow.calls_in(handler)
    names = {facts.last_name(call.callee) for call in calls}
    if (
        names & (_LEAVES | _ASKS) or {"current_task", "cancel"} <= names
    ):  # cancelled again, for who comes later
        return True
    name = body.blocks[handler].detail[1]
    return bool(name) and any(
        part.kind in ("assign", "annotate", "return") and flow.inside(part.block, handler)
        and any(found == name for found in facts.walk(part.value))
        for part in body.statements
    )  # fmt: skip


def _hands_on(flow: Flow, handler: int) -> bool:
    """Whether somebody else gets the error, and may raise it: `self._convert(error)`."""
    name = flow.body.blocks[handler].detail[1]
    return bool(name) and any(
        name in (*call.arguments, *(value for _, value in call.keywords))
        and facts.last_name(call.callee) not in _TELLS
        for call in flow.calls_in(handler)
    )


def _is_meant(flow: Flow, handler: int | None) -> bool:
    """Whether it is written for this very error, as `suppress` always is: then the end is the one that was asked for."""
    if handler is None:
        return True
    types = flow.body.blocks[handler].detail[0]
    names = types[2] if isinstance(types, tuple) and types[0] == facts.SEQUENCE else (types,)
    return any(isinstance(name, str) and facts.last_name(name) == "CancelledError" for name in names)


def _loop_that_goes_on(flow: Flow, block: int, handler: int | None) -> Block | None:
    """The innermost loop around, where the handler lets it turn again."""
    found = next(flow.loops(flow.body.blocks[block].parent), None)
    if found is None:
        return None
    index, loop = found
    inside = block if handler is None else handler
    if (handler is not None and _ends(flow, handler)) or _ends_later(flow, index, block):
        return None
    return None if _clears_condition(flow, loop, inside) else loop


def _ends(flow: Flow, handler: int) -> bool:
    """Whether the handler leaves the loop, under a condition at least."""
    return any(
        part.kind in ("return", "break") and flow.inside(part.block, handler) for part in flow.body.statements
    )


def _ends_later(flow: Flow, loop: int, block: int) -> bool:
    """Whether the loop's own statements behind the try leave it: `try: … except: … ; break`."""
    end = max(
        [found.end_line for found in flow.body.blocks if found.owner == block]
        + [flow.body.blocks[block].end_line]
    )
    around = set()
    parent = flow.body.blocks[block].parent
    while parent != flow.body.blocks[loop].parent:
        around.add(parent)
        parent = flow.body.blocks[parent].parent
    return any(
        part.kind in ("return", "break", "raise") and part.line > end and part.block in around
        for part in flow.body.statements
    )


def _clears_condition(flow: Flow, loop: Block, handler: int) -> bool:
    """`self.running = False` in the handler of `while self.running:`."""
    if loop.kind != "while":
        return False
    tested = {part for part in facts.walk(loop.detail) if isinstance(part, str)}
    return any(
        target in tested
        for part in flow.body.statements
        if part.kind == "assign" and flow.inside(part.block, handler)
        for target in part.target
    )
