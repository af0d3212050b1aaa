"""Coroutines on a loop that serves no requests: made for one call, or of a thread beside a server without a loop."""

from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SERVED = (Reach.ROUTE, Reach.SOCKET)
# A start-up or a script that makes a loop makes the one that everything runs on.
_BESIDE = (*_SERVED, Reach.TASK)


def is_on_private_loop(project: Project, scope: Scope) -> bool:
    """Whether every way to a coroutine that is known comes from plain code that runs it on a loop of its own."""
    front, seen, found = [scope], {scope}, False
    while front:
        current = front.pop()
        entry = project.entries.entry(current)
        if entry is not None and entry.scope is current:
            return False  # a framework runs it, on the loop where requests are
        way = project.entries.path(current)
        # An override runs where the method that it stands in for is called.
        implied = [way[-1]] if way and way[-1].how == "override" else []
        for edge in (*project.graph.callers(current), *implied):
            if edge.caller.module.kind is not FileKind.PRODUCTION:
                continue
            if edge.how == "reference":
                return False
            if not edge.caller.is_async and _is_run_apart(project, edge):
                found = True
            elif edge.caller not in seen:
                seen.add(edge.caller)
                front.append(edge.caller)
    return found


def _is_run_apart(project: Project, edge: Edge) -> bool:
    """`asyncio.run(work())` in a sync handler, or by a function of ours that does so with what it is given."""
    if edge.call < 0 or project.entries.reach(edge.caller) not in _BESIDE:
        return False
    body = edge.caller.body
    outer = [number for number, call in enumerate(body.calls) if edge.call in call.arguments]
    if any(_runs_apart(project, edge.caller, number) for number in outer):
        return True
    return any(
        found.target is not None
        and not found.target.is_async
        and _runs_what_it_is_given(project, found.target)
        for found in project.graph.edges(edge.caller)
        if found.call in outer
    )


def _runs_what_it_is_given(project: Project, function: Scope) -> bool:
    given = {part.name for part in function.parameters}
    return any(
        _runs_apart(project, function, number) and not given.isdisjoint(map(str, call.arguments))
        for number, call in enumerate(function.body.calls)
    )


def _runs_apart(project: Project, function: Scope, number: int) -> bool:
    calls = function.body.calls
    name = facts.spell(calls[number].callee, calls)
    last = name.rpartition(".")[2]
    if last == "run_until_complete":
        return any(facts.last_name(call.callee) == "new_event_loop" for call in calls)
    if last == "run_coroutine_threadsafe":
        return _serves_without_loop(project)
    return name == "asyncio.run"


def _serves_without_loop(project: Project) -> bool:
    """Whether requests come in by threads: no handler is a coroutine."""
    return not any(part.scope.is_async for part in project.entries.all() if part.reach in _SERVED)
