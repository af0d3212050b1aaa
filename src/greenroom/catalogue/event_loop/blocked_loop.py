"""Operators: work comes back onto the event loop, or stands still there."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate import blocks
from greenroom.mutate.endpoints import is_handler
from greenroom.mutate.expressions import argument, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.startups import is_before_service
from greenroom.mutate.tree import Function

_OFFLOADS = {
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
    "trio.to_thread.run_sync": 0,
}
"""Where the function stands among the arguments."""
_OWN_OPTIONS = ("limiter", "cancellable", "abandon_on_cancel", "thread_name")
"""Of anyio and trio; the function is not given them."""
_STALL = 0.4
"""Seconds: a user feels it, a limit in a test hardly ever does."""
_FELT = 0.05


def un_offload(source: Source) -> Iterator[Rewrite]:
    """`await asyncio.to_thread(f, x)` becomes `f(x)`."""
    for wait in source.nodes(ast.Await):
        if not isinstance(wait.value, ast.Call):
            continue
        call = wait.value
        offloaded = _offloaded(source, call)
        if offloaded is None or _is_instant(source, offloaded[0]) or is_before_service(source, wait):
            continue
        function, text = offloaded
        yield Rewrite(
            node=wait,
            edits=(source.replaced(wait, text),),
            note=f"`{last_name(function) or 'lambda'}` runs on the event loop",
        )


def block_loop(source: Source) -> Iterator[Rewrite]:
    """A handler that waits on the loop: at its start, or where it slept without stopping the others."""
    for function in source.functions():
        if isinstance(function, ast.AsyncFunctionDef):
            yield from _sleeping(source, function)
    for statement in source.nodes(ast.Expr):
        seconds = _sleep(source, statement.value.value) if isinstance(statement.value, ast.Await) else None
        if seconds is not None and not is_before_service(source, statement):
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement, f'__import__("time").sleep({source.code(seconds)})'),),
                note="`asyncio.sleep` becomes `time.sleep`",
            )


def _sleeping(source: Source, function: ast.AsyncFunctionDef) -> Iterator[Rewrite]:
    first = _first(function)
    if first is None or not (is_handler(source, function) or _is_middleware(function)):
        return
    yield Rewrite(
        node=first,
        edits=(source.inserted(first, f'__import__("time").sleep({_STALL})'),),
        note=f"`{function.name}` stops the event loop for {_STALL} seconds",
        lines=blocks.lines([first]),
    )


def _first(function: Function) -> ast.stmt | None:
    """The first statement of a body that does something; None for one on the line of its `def`."""
    for statement in function.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        return None if statement.lineno == function.lineno or isinstance(statement, ast.Pass) else statement
    return None


def _is_middleware(function: Function) -> bool:
    return any(each.arg in ("call_next", "next_handler") for each in function.args.args)


def _sleep(source: Source, call: ast.expr) -> ast.expr | None:
    """For how long a call sleeps; None for what is no sleep, for ever, or too short for anybody to feel it."""
    if not isinstance(call, ast.Call) or source.names.of(call.func) not in ("asyncio.sleep", "anyio.sleep"):
        return None
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        return None
    match call.args[0]:
        case ast.Constant(value=int() | float() as seconds) if seconds < _FELT:
            return None
        case ast.Attribute(attr="inf"):
            return None
    return call.args[0]


def _offloaded(source: Source, call: ast.Call) -> tuple[ast.expr, str] | None:
    """The function that a thread was to run, and its call in the loop's own."""
    if any(isinstance(each, ast.Starred) for each in call.args[:2]):
        return None
    if isinstance(call.func, ast.Call) and last_name(call.func) == "sync_to_async" and call.func.args:
        function = call.func.args[0]
        return function, _called(source, function, call.args, call.keywords)
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run_in_executor" and len(call.args) > 1:
        return call.args[1], _called(source, call.args[1], call.args[2:], [])
    if source.names.of(call.func) not in _OFFLOADS and last_name(call.func) != "run_in_threadpool":
        return None
    function_given = argument(call, 0, "func", "sync_fn")
    if function_given is None:
        return None
    own = _OWN_OPTIONS if "to_thread.run_sync" in source.names.of(call.func) else ()
    kept = [each for each in call.keywords if each.arg not in (*own, "func", "sync_fn")]
    return function_given, _called(source, function_given, call.args[1:], kept)


def _called(source: Source, function: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]) -> str:
    given: tuple[ast.expr | ast.keyword, ...] = (*args, *keywords)
    name = source.code(function)
    if not isinstance(function, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        name = f"({name})"
    return f"{name}({', '.join(source.code(each) for each in given)})"


def _is_instant(source: Source, function: ast.expr) -> bool:
    """A function of this file that calls nothing: who waits for it waits for no time."""
    if isinstance(function, ast.Lambda):
        return not _calls(function.body)
    known = [each for each in source.functions() if each.name == last_name(function)]
    if not isinstance(function, ast.Name) or not known:
        return False
    return not any(_calls(statement) or _loops(statement) for each in known for statement in each.body)


def _calls(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Call | ast.With) for each in ast.walk(node))


def _loops(node: ast.AST) -> bool:
    return any(isinstance(each, ast.For | ast.While) for each in ast.walk(node))


UN_OFFLOAD = Operator(
    key="A2",
    name="un-offload",
    summary="work that a thread did is done on the event loop",
    consequence="while one request does this work, every other request, socket and health check of the process stands still",
    noticed_by="a sensor on the event loop during the test, or a second request that must be answered meanwhile",
    weight=4,
    seed=un_offload,
    first_rank=True,
    symptom=Symptom.LATENCY,
)
BLOCK_LOOP = Operator(
    key="A3",
    name="block-loop",
    summary="an async handler waits in a blocking way",
    consequence="each request to this handler stops all others of the process, and health checks fail under load",
    noticed_by="a sensor on the event loop during the test, or a limit on how long the answer may take",
    weight=4,
    seed=block_loop,
    first_rank=True,
    symptom=Symptom.LATENCY,
)
