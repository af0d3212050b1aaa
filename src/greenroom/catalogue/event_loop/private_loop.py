"""Coroutines on a loop that serves no requests: made for one call, or of a thread beside a server without a loop."""

from greenroom.catalogue.event_loop.behind_wsgi import BehindWsgi
from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SERVED = (Reach.ROUTE, Reach.SOCKET)
_STARTS = frozenset(
    {"create_task", "ensure_future", "gather", "TaskGroup", "create_task_group", "start_server", "start_soon", "serve",
     "serve_forever", "run_forever", "as_completed", "add_reader", "start_unix_server", "create_server"}
)  # fmt: skip
"""With one of these, there is something else on the loop."""


def is_on_private_loop(project: Project, scope: Scope) -> bool:
    """Whether plain code runs a coroutine on a loop of its own: on the way that is named, or on all that are known."""
    if any(not edge.caller.is_async and _is_run_apart(project, edge) for edge in project.entries.path(scope)):
        return True
    front, seen, found = [scope], {scope}, False
    while front:
        current = front.pop()
        entry = project.entries.entry(current)
        if entry is not None and entry.scope is current:
            if not entry.is_apart and not (
                entry.reach is Reach.ROUTE and project.once(BehindWsgi).serves_all
            ):
                return False  # a framework runs it, on the loop where requests are
            found = True
            continue
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


def is_run_by_plain_code(project: Project, scope: Scope) -> bool:
    """Whether every way that is known begins with an `asyncio.run` of plain code, and starts nothing beside it."""
    front, seen, found = [scope], {scope}, False
    while front:
        current = front.pop()
        if any(facts.last_name(call.callee) in _STARTS for call in current.body.calls):
            return False
        for edge in project.graph.callers(current):
            if edge.caller.module.kind is not FileKind.PRODUCTION:
                continue
            if edge.how == "reference":
                return False
            if not edge.caller.is_async:
                if not _is_given_to_a_loop(project, edge):
                    return False
                found = True
            elif edge.caller not in seen:
                seen.add(edge.caller)
                front.append(edge.caller)
    return found


def _is_run_apart(project: Project, edge: Edge) -> bool:
    """`asyncio.run(work())` in a sync handler, or by a function of ours that does so with what it is given."""
    return _is_beside_a_loop(project, edge.caller) and _is_given_to_a_loop(project, edge)


def _is_given_to_a_loop(project: Project, edge: Edge) -> bool:
    if edge.call < 0:
        return False
    body = edge.caller.body
    outer = [number for number, call in enumerate(body.calls) if _is_given(call, edge.call)]
    if any(_runs_apart(project, edge.caller, number) for number in outer):
        return True
    return any(
        found.target is not None
        and not found.target.is_async
        and _runs_what_it_is_given(project, found.target)
        for found in project.graph.edges(edge.caller)
        if found.call in outer
    )


def _is_beside_a_loop(project: Project, function: Scope) -> bool:
    """A start-up or a script that makes a loop makes the one that everything runs on, unless a coroutine led there."""
    if project.entries.reach(function) in (*_SERVED, Reach.TASK):
        return True
    return any(edge.caller.is_async for edge in project.entries.path(function))


def _is_given(call: Call, made: int) -> bool:
    """`run(work())`, `Thread(target=run, args=(work(),))`."""
    given = (*call.arguments, *(value for _, value in call.keywords))
    return any(type(part) is int and part == made for whole in given for part in facts.walk(whole))


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
    if last == "Thread":
        return calls[number].keyword("target") == "asyncio.run"
    if last == "run_until_complete":
        return True  # on a loop that turns already it would fail
    if last == "run_coroutine_threadsafe":
        return _serves_without_loop(project)
    return name == "asyncio.run" or any(
        edge.call == number and edge.symbol == "asyncio.run" for edge in project.graph.edges(function)
    )


def _serves_without_loop(project: Project) -> bool:
    """Whether requests come in by threads: no handler is a coroutine."""
    return not any(part.scope.is_async for part in project.entries.all() if part.reach in _SERVED)
