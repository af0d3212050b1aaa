"""Ways to a blocking call that the product does not take as it is configured, or of which nobody knows that it does."""

from greenroom.detect.left_off import is_left_off
from greenroom.detect.never_chosen import is_never_chosen
from greenroom.detect.set_up import depends_on_set_up
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.flow import Flow
from greenroom.project.project import Project

_SUBMITS = frozenset({"submit", "apply_async", "run_in_executor", "enqueue", "map"})
_ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"
_GUESSES = 2
"""Hops that name what runs in the place of another method: with two of them the objects of one are mostly others."""
_MANY = 3
"""So many that may run in its place: which of them, the way to it does not tell."""


def is_seldom_taken(project: Project, hops: tuple[Edge, ...]) -> bool:
    """Whether a hop stands on a branch that no call chooses, or does here what a pool would do, or two are guessed, or one among many."""
    guesses = sum(edge.how == "override" for edge in hops)
    if guesses >= _GUESSES or any(_alternatives(project, edge) >= _MANY for edge in hops):
        return True
    written = [edge for edge in hops if edge.call >= 0]
    return any(
        _is_without_pool(edge)
        or is_left_off(project, edge.caller, edge.caller.body.calls[edge.call].block)
        or is_never_chosen(project, edge.caller, edge.caller.body.calls[edge.call].block)
        for edge in written
    )


def _alternatives(project: Project, edge: Edge) -> int:
    """How many methods may run where this hop goes on: those that stand in for one, or implement what the call asks for."""
    if edge.how == "override":
        return len(project.inference.classes.overriding(edge.caller))
    return len({other.target for other in project.graph.edges(edge.caller) if edge.call == other.call >= 0})


def depends_on_settings(hops: tuple[Edge, ...]) -> bool:
    """Whether a hop stands under `if settings.hook:`, behind `if not settings.hook: return`, or a name that is given such a value."""
    return any(
        depends_on_set_up(edge.caller, edge.caller.body.calls[edge.call]) for edge in hops if edge.call >= 0
    )


def is_given_another_session(project: Project, path: tuple[Edge, ...]) -> bool:
    """Whether a handler is given an asynchronous session, and what it calls only says that its own is a plain one."""
    scope, leaf = path[0].caller, path[-1]
    if len(path) < 2 or not leaf.symbol.startswith("sqlalchemy.orm."):
        return False
    values = (value for part in scope.parameters for value in project.inference.name(scope, part.name))
    return any(value.kind == "object" and value.ref == _ASYNC_SESSION for value in values)


def _is_without_pool(edge: Edge) -> bool:
    """`if pool: pool.submit(work) else: await work()`: whether there is one, its configuration says."""
    body = edge.caller.body
    flow, block = Flow(body), body.calls[edge.call].block
    does = facts.last_name(body.calls[edge.call].callee)
    for number, part in enumerate(body.blocks):
        if part.kind != "else" or not flow.inside(block, number):
            continue
        asked = {name for name in facts.walk(body.blocks[part.owner].detail) if isinstance(name, str)}
        for call in flow.calls_in(part.owner):
            given = [facts.last_name(name) for name in call.arguments if isinstance(name, str)]
            pool = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
            if (
                facts.last_name(call.callee) in _SUBMITS
                and does in given
                and asked & {pool, *call.arguments[:1]}
            ):
                return True
    return False
