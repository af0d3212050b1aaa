"""What callers hand in for parameters of which nothing is written: `def save(db, user)`, called with a session."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.project.calls.bindings import untold_parameters
from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.edge import Edge
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.implied import ImpliedEdges
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.noted import NotedNames
from greenroom.project.calls.values import PROBABLE, Values, union
from greenroom.project.calls.written import WrittenEdges
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, Parameter
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

_OF_THE_PRODUCT: Final = (FileKind.PRODUCTION, FileKind.SCRIPT)
_CALLS: Final = ("call", "construct")
_OF_ANYTHING: Final = frozenset(
    {name for kind in (str, bytes, dict, list, set) for name in dir(kind)} | {"close", "read", "write", "readline", "flush"}
)  # fmt: skip
"""Methods that tell nothing of what they are asked of, unless its name does."""
_CLIENT: Final = re.compile(
    r"(?:^|_)(?:db|database|session|conn|connection|client|redis|r|cache|cursor|cur|engine|pool|s3|sqs|sns|dynamodb|bucket|queue|http|api|mongo"
    r"|collection|channel|producer|consumer|tx|ws|sock|socket|ssh|sftp|smtp|ftp|es|broker)$"
)
_DEEPEST: Final = 3
_ROUNDS: Final = 2
"""What a function makes of what it is given, it may hand on."""


def understand_what_is_handed_in(
    graph: CallGraph, inference: Inference, names: NotedNames
) -> dict[Scope, tuple[Edge, ...]]:
    """Tell the inference which objects of libraries the project's own calls give to parameters without a type.

    Args:
        graph: the calls as they are understood without that.
        inference: is told.
        names: those of the whole project.

    Returns:
        The edges of all functions that are better understood now, anew and whole.
    """
    found: dict[Scope, None] = {}
    for _ in range(_ROUNDS):
        given = _HandedIn(graph, inference).by_parameter()
        if not inference.hand_in(given):
            break
        found.update(dict.fromkeys(scope for function, _ in given for scope in _better_understood(function)))
    edges = {}
    for scope in found:
        flow = Flow(scope.body)
        written = WrittenEdges(scope, flow, inference, names).collect()
        edges[scope] = (*written, *ImpliedEdges(scope, flow, inference, names).collect())
    return edges


def _better_understood(function: Scope) -> Iterator[Scope]:
    """The function with what stands in it; what a constructor keeps, all methods of its class may use."""
    home = function.owner if function.name == "__init__" and function.owner is not None else function
    for scope in home.module.scopes:
        above: Scope | None = scope
        while above is not None and above is not home:
            above = above.parent
        if above is home and scope.is_function:
            yield scope


class _HandedIn:
    """One round."""

    def __init__(self, graph: CallGraph, inference: Inference) -> None:
        self._graph = graph
        self._inference = inference
        classes = inference.effects.classes.values()
        self._methods = frozenset(name for cls in classes for name in cls.methods) - _OF_ANYTHING
        self._known: dict[tuple[Scope, str], Values] = {}

    def by_parameter(self) -> dict[tuple[Scope, str], Values]:
        """What is handed in, by function and name."""
        for module in self._inference.symbols.modules():
            if module.kind in _OF_THE_PRODUCT:
                for function, parameter in self._asked(module):
                    self._values(function, parameter, 0)
        return {place: values for place, values in self._known.items() if values}

    def _asked(self, module: Module) -> Iterator[tuple[Scope, Parameter]]:
        """Parameters of which something is asked that a library may do."""
        for scope in module.scopes:
            if scope.kind != "function" or not (parameters := untold_parameters(scope)):
                continue
            keeps = scope.name == "__init__"
            speaks = not self._methods.isdisjoint(scope.facts.called)
            for parameter in parameters:
                is_client = speaks or _CLIENT.search(parameter.name) is not None
                if keeps or (is_client and module.mentions(scope.index, f"{parameter.name}.".encode())):
                    yield scope, parameter

    def _values(self, function: Scope, parameter: Parameter, depth: int) -> Values:
        place = (function, parameter.name)
        if place not in self._known:
            self._known[place] = ()  # whoever asks meanwhile goes round in a circle
            self._known[place] = self._handed(function, parameter, depth)
        return self._known[place]

    def _handed(self, function: Scope, parameter: Parameter, depth: int) -> Values:
        edges = [edge for edge in self._graph.callers(function) if edge.caller.module.kind in _OF_THE_PRODUCT]
        calls = [edge for edge in edges if edge.how in _CALLS and edge.call >= 0]
        told = [self._of_call(function, parameter, edge, depth) for edge in calls]
        values = union(*told)
        is_all = len(calls) == len(edges) and all(told) and len(values) == 1
        return values if is_all else tuple(value.weaker(PROBABLE) for value in values)

    def _of_call(self, function: Scope, parameter: Parameter, edge: Edge, depth: int) -> Values:
        given = argument_of(function, parameter, edge)
        if given is None:
            return ()
        own = next((part for part in untold_parameters(edge.caller) if part.name == given), None)
        if own is not None and depth < _DEEPEST:
            return self._values(edge.caller, own, depth + 1)
        effects = self._inference.effects
        return tuple(
            value.weaker(edge.certainty)
            for value in self._inference.expression(edge.caller, given)
            if value.kind == "object" and effects.library_class(value.ref) is not None
        )


def argument_of(function: Scope, parameter: Parameter, edge: Edge) -> Expression | None:
    """What the call gives for the parameter; None where it gives nothing, or nobody can tell."""
    call = edge.caller.body.calls[edge.call]
    named = call.keyword(parameter.name)
    if named is not None or parameter.kind != "positional":
        return named
    positional = [part for part in function.parameters if part.kind == "positional"]
    at = positional.index(parameter)
    if function.owner is not None and "staticmethod" not in decorator_names(function):
        at -= 1  # the receiver is not written
    before = call.arguments[: at + 1]
    if at < 0 or len(before) <= at or any(type(part) is tuple and part[0] == facts.STAR for part in before):
        return None
    return before[at]
