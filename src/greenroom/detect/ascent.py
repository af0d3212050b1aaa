"""From a place in the code up to those who lead there."""

from collections import deque
from collections.abc import Callable

from greenroom.model.place import Place
from greenroom.project.calls.graph import CallGraph, Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.facts import spell
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind

_RUNS = frozenset({"call", "construct", "property", "enter", "iterate", "decorator"})
"""Edges on which the caller waits for the target in its own thread."""


def ascend(graph: CallGraph, start: Scope, stop: Callable[[Scope], bool]) -> list[tuple[Edge, ...]]:
    """The shortest ways down to `start` from every call in a scope at which the ascent stops.

    Only edges on which the caller runs the target itself are followed, upwards, never through a scope
    at which it stops, and never into tests. Edges of certainty `possible` are tried where nothing else leads anywhere.

    Returns:
        Paths from the boundary edge to the last edge before `start`, shortest first.
    """
    return _search(graph, start, stop, PROBABLE) or _search(graph, start, stop, 0)


def _search(
    graph: CallGraph, start: Scope, stop: Callable[[Scope], bool], at_least: int
) -> list[tuple[Edge, ...]]:
    below: dict[Scope, Edge | None] = {start: None}
    queue = deque([start])
    found: list[tuple[Edge, ...]] = []
    while queue:
        scope = queue.popleft()
        for edge in graph.callers(scope):
            if edge.how not in _RUNS or edge.certainty < at_least or _is_test(edge.caller):
                continue
            if edge.awaited and not scope.is_async and scope.decorators:
                continue  # `@sync_to_async def load()` is awaited: the decorator has it run elsewhere
            if stop(edge.caller):
                found.append((edge, *_descent(scope, below)))
            elif edge.caller not in below and edge.caller.is_function:
                below[edge.caller] = edge
                queue.append(edge.caller)
    return found


def _is_test(scope: Scope) -> bool:
    return scope.module.kind is FileKind.TEST


def _descent(scope: Scope, below: dict[Scope, Edge | None]) -> tuple[Edge, ...]:
    path = []
    edge = below[scope]
    while edge is not None and edge.target is not None:
        path.append(edge)
        edge = below[edge.target]
    return tuple(path)


def weakest(path: tuple[Edge, ...]) -> int:
    """The certainty of a chain is that of its weakest hop."""
    return min((edge.certainty for edge in path), default=2)


def hop(edge: Edge) -> Place:
    """An edge as a hop of a chain."""
    return Place(
        path=edge.caller.path,
        line=edge.line,
        symbol=edge.caller.qualname,
        column=edge.column,
        note=_note(edge),
    )


def _note(edge: Edge) -> str:
    if edge.target is None:
        return f"calls {edge.symbol}"
    name = edge.target.qualname
    match edge.how:
        case "property":
            return f"reads the property {name}"
        case "enter":
            return f"enters {name}"
        case "iterate":
            return f"iterates through {name}"
        case "decorator":
            return f"is wrapped by {name}"
        case "depends":
            return f"depends on {name}"
        case "reference":
            return f"hands over {name}"
        case _ if edge.call >= 0:
            return f"calls {spell(edge.caller.body.calls[edge.call].callee, edge.caller.body.calls)}"
        case _:
            return f"calls {name}"
