"""What is taken once by a process or by a task that it begins: it lasts as long as they do, and nothing piles up."""

from greenroom.model.finding import Reach
from greenroom.project.calls.edge import Edge
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_ONCE = frozenset({Reach.TASK, Reach.LIFESPAN, Reach.PROJECT})
_COMES_AGAIN = frozenset({Reach.ROUTE, Reach.SOCKET, Reach.WORKER})


def is_taken_once(project: Project, scope: Scope, call: int) -> bool:
    """Whether what leads to the call begins once, as far as can be seen, and no loop goes round there or on the way."""
    entry = project.entries.entry(scope)
    if entry is None or entry.reach not in _ONCE or _is_in_loop(scope, call):
        return False
    if any(edge.call >= 0 and _is_in_loop(edge.caller, edge.call) for edge in project.entries.path(scope)):
        return False
    return not any(_begins_again(project, edge) for edge in project.graph.callers(entry.scope))


def _begins_again(project: Project, edge: Edge) -> bool:
    """A task that a request begins, or a loop."""
    again = project.entries.reach(edge.caller) in _COMES_AGAIN
    return again or (edge.call >= 0 and _is_in_loop(edge.caller, edge.call))


def _is_in_loop(scope: Scope, call: int) -> bool:
    return any(True for _ in Flow(scope.body).loops(scope.body.calls[call].block))
