"""Functions that only the end of the interpreter runs, when no loop does."""

from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_REGISTERS = frozenset({"atexit.register", "register"})


def runs_at_exit_only(project: Project, scope: Scope) -> bool:
    """Whether `atexit` is all that it is handed to: `get_running_loop` raises there, before anything is started."""
    edges = project.graph.callers(scope)
    return (
        not scope.is_async
        and bool(edges)
        and all(edge.how == "reference" and _is_registered(edge.caller, scope.name) for edge in edges)
    )


def _is_registered(caller: Scope, name: str) -> bool:
    takers = [
        call.callee
        for call in caller.body.calls
        if any(
            facts.last_name(given) == name
            for given in (*call.arguments, *(value for _, value in call.keywords))
        )
    ]
    return bool(takers) and _REGISTERS.issuperset(takers)
