"""Functions that Flask and Quart run before the requests of an application or of one blueprint."""

from greenroom.project.calls.classes import decorator_name
from greenroom.project.calls.graph import CallGraph
from greenroom.project.code.facts import CONSTANT, last_name
from greenroom.project.code.module import Scope

BEFORE = "before_request"
BEFORE_ALL = "before_app_request"
"""On a blueprint: before the requests of the whole application."""
_DEEPEST = 3


def receivers(scope: Scope, names: tuple[str, ...]) -> list[str]:
    """What it hangs on as such a hook: `bp` of `@bp.before_request`."""
    said = (decorator_name(scope, part).rpartition(".") for part in scope.decorators)
    return [owner for owner, _, name in said if name in names and owner]


def may_refuse(graph: CallGraph, hook: Scope) -> bool:
    """Whether a hook may turn somebody away, itself or by what decorates it; one that only starts a clock does not."""
    return len(hook.decorators) > 1 or _refuses(graph, hook, 0)


def _refuses(graph: CallGraph, scope: Scope, depth: int) -> bool:
    if any(
        part.kind == "raise" or (part.kind == "return" and part.value not in (None, (CONSTANT, None)))
        for part in scope.body.statements
    ):
        return True
    if any(name.rpartition(".")[2] == "abort" for name in scope.facts.called):
        return True
    targets = [edge.target for edge in graph.edges(scope) if edge.target is not None]
    return depth > _DEEPEST or any(_refuses(graph, target, depth + 1) for target in targets)


def hook_names(hook: Scope) -> tuple[str, ...]:
    """What it is called, what decorates it, and what it calls: one of them may say that it asks who is there."""
    around = [decorator_name(hook, part).rpartition(".")[2] for part in hook.decorators]
    called = [last_name(call.callee) for call in hook.body.calls]
    return (BEFORE, *dict.fromkeys(name for name in (hook.name, *around, *called) if name and name != BEFORE))
