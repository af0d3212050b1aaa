"""Does a request wait for this code?"""

from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_RUNS = frozenset({"call", "construct", "property", "enter", "iterate", "decorator", "depends"})
_SPAWNS = frozenset(
    {"create_task", "ensure_future", "add_task", "start_soon", "submit", "run_coroutine_threadsafe", "delay",
     "apply_async", "start_background_task", "create", "Thread", "spawn", "add_done_callback"}
)  # fmt: skip
_OFFERED = frozenset(
    {"StreamingResponse", "EventSourceResponse", "StreamingHttpResponse", "Response", "stream_with_context"}
)
_DEEPEST = 12


def waiting_request(project: Project, scope: Scope) -> str:
    """The label of a route or socket that does not answer before this code has come to its end; empty: none."""
    seen = {scope}
    front = [scope]
    for _ in range(_DEEPEST):
        following = []
        for current in front:
            entry = project.entries.entry(current)
            if entry is not None and entry.scope is current and entry.reach in (Reach.ROUTE, Reach.SOCKET):
                return entry.label
            if entry is not None and entry.scope is current and entry.is_put_off:
                continue
            for edge in project.graph.callers(current):
                if edge.caller not in seen and _waits(edge):
                    seen.add(edge.caller)
                    following.append(edge.caller)
        front = following
    return ""


def _waits(edge: Edge) -> bool:
    if edge.caller.module.kind is not FileKind.PRODUCTION or edge.certainty < PROBABLE:
        return False
    if edge.how not in _RUNS:
        return edge.how == "reference" and _is_offered(edge)
    if edge.call < 0:
        return True
    return not any(
        edge.call in call.arguments and str(call.callee).rsplit(".", 1)[-1] in _SPAWNS
        for call in edge.caller.body.calls
    )


def _is_offered(edge: Edge) -> bool:
    """`StreamingResponse(generate)`: the answer is what it yields."""
    return any(
        call.line <= edge.line <= call.end_line and str(call.callee).rsplit(".", 1)[-1] in _OFFERED
        for call in edge.caller.body.calls
    )
