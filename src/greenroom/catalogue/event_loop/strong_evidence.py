"""Whether a task that nobody holds truly waits for something, on a way that a request or the application's life takes."""

import re
from typing import Final

from greenroom.model.finding import Reach
from greenroom.project.calls.edge import Edge
from greenroom.project.calls.values import POSSIBLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_LIVE: Final = {Reach.ROUTE, Reach.SOCKET, Reach.LIFESPAN, Reach.WORKER, Reach.TASK}
_SUSPENDING: Final = re.compile(
    r"^(?:asyncio\.(?:to_thread|wait|wait_for|gather|open_connection|create_subprocess_\w+)$|asyncio\..*Queue\.(?:get|join)$|"
    r"asyncio\..*Event\.wait$|anyio\.to_thread|aiofiles\.|aiohttp\.|httpx\.|websockets\.|"
    r"(?:starlette|fastapi)\.concurrency\.run_in_threadpool|(?:starlette|fastapi)\.websockets?\.)"
)
_OUTSIDE: Final = {"network", "dns", "disk", "file", "filesystem", "process"}
_INJECTED: Final = {"BackgroundTasks", "Request", "Response", "WebSocket"}
_TO_THREAD: Final = {
    "add_task",
    "submit",
    "run_in_executor",
    "to_thread",
    "run_in_threadpool",
    "Thread",
    "run_sync",
}
_DEEPEST: Final = 6


def is_strong(project: Project, scope: Scope, call: Call, runs: list[Scope]) -> bool:
    """Whether the work suspends, and a request, a socket or the application's life makes the task in its event loop."""
    path = project.entries.path(scope)
    return (
        project.entries.reach(scope) in _LIVE
        and all(edge.certainty > POSSIBLE for edge in path)
        and _has_loop(scope, path)
        and suspends(project, scope, call, runs)
    )


def _has_loop(scope: Scope, path: tuple[Edge, ...]) -> bool:
    """Whether an `async def` is around, or calls it: what is handed over may run in a thread."""
    if scope.is_async:
        return True
    for edge in reversed(path):
        if edge.how == "reference":
            return False
        if edge.caller.is_async:
            return True
    return False


def is_not_taken(project: Project, scope: Scope, call: Call) -> bool:
    """Whether it stands where the product never comes: no loop runs there, or the framework's own parameter is false."""
    return _runs_in_thread(project, scope) or _is_without_injected(project, scope, call)


def _runs_in_thread(project: Project, scope: Scope) -> bool:
    """Whether a thread runs the synchronous function that leads to it: `background_tasks.add_task(work)`."""
    if scope.is_async:
        return False
    for edge in reversed(project.entries.path(scope)):
        if edge.how == "reference":
            handed = [call for call in edge.caller.body.calls if call.line <= edge.line <= call.end_line]
            return any(facts.last_name(call.callee) in _TO_THREAD for call in handed)
        if edge.caller.is_async:
            return False
    return False


def _is_without_injected(project: Project, scope: Scope, call: Call) -> bool:
    """`if background_tasks: … else: …` in a handler."""
    blocks = scope.body.blocks
    asked = {
        blocks[block.owner].detail
        for block in scope.body.enclosing(call.block)
        if block.kind == "else"
        and blocks[block.owner].kind == "if"
        and isinstance(blocks[block.owner].detail, str)
    }
    given = {part.name for part in scope.parameters if _named(part.annotation) in _INJECTED}
    is_handler = project.entries.reach(scope) is Reach.ROUTE and not project.entries.path(scope)
    return bool(asked & given) and is_handler


def _named(annotation: Expression | None) -> str:
    return facts.last_name(annotation) if isinstance(annotation, str) else ""


def suspends(project: Project, scope: Scope, call: Call, runs: list[Scope]) -> bool:
    """Whether some function that it awaits, or one of theirs, waits for the outside or a queue; a timer holds what waits for it."""
    work = call.arguments[0] if call.arguments else None
    if type(work) is int and any(_waits(edge) for edge in project.graph.edges(scope) if edge.call == work):
        return True
    seen, level = set(runs), list(runs)
    for _ in range(_DEEPEST):
        edges = [edge for part in level for edge in project.graph.edges(part)]
        if any(_waits(edge) for edge in edges):
            return True
        level = [edge.target for edge in edges if edge.target is not None and edge.target not in seen]
        seen.update(level)
    return False


def _waits(edge: Edge) -> bool:
    effect = edge.effect
    if effect is not None and effect.mode.startswith("async") and effect.touches in _OUTSIDE:
        return True
    return bool(_SUSPENDING.match(edge.symbol))
