"""What only the end of a program runs: after the loop, or as the shutdown that the loop runs on for."""

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_REGISTERS = frozenset({"atexit.register", "register"})
_INTERRUPTED = "KeyboardInterrupt"
_RUNS_ON = frozenset({"run_forever", "run_until_complete"})


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


def is_after_interrupt(body: Body, call: Call) -> bool:
    """`except KeyboardInterrupt:` starts the shutdown, and the loop runs on there until that has ended it."""
    flow = Flow(body)
    return any(
        block.kind == "except"
        and _INTERRUPTED in facts.walk(block.detail[0])
        and any(
            facts.last_name(other.callee) in _RUNS_ON
            and other.line > call.line
            and flow.inside(other.block, number)
            for other in body.calls
        )
        for number, block in enumerate(body.blocks)
        if flow.inside(call.block, number)
    )
