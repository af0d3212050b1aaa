"""The runs of a function: one per way in which the project calls it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from greenroom.project.code.module import Scope
from greenroom.project.web.call_sites import CallSites
from greenroom.project.web.following import Following
from greenroom.project.web.thing import Context, Frame, Thing, Things

_MOST_CONTEXTS = 200


class Runs:
    """Binds the parameters of functions to what their calls hand over."""

    def __init__(self, evaluation: Following, sites: CallSites) -> None:
        self._evaluation = evaluation
        self._sites = sites
        self._contexts: dict[Scope, tuple[Context, ...]] = {}

    def contexts(self, scope: Scope) -> tuple[Context, ...]:
        """The runs of a scope: one per way in which the project calls it."""
        if not scope.is_function or not scope.parameters:
            return (Context(scope),)
        known = self._contexts.get(scope)
        if known is not None:
            return known
        self._contexts[scope] = (Context(scope),)  # for a function that calls itself
        found: dict[tuple[Any, ...], Context] = {}
        for outer, index in islice(self._calls(scope), _MOST_CONTEXTS):
            run = self.enter(scope, outer, index, None)
            found.setdefault((run.key, self._receiver(run)), run)
        self._contexts[scope] = tuple(found.values()) or (Context(scope),)
        return self._contexts[scope]

    def _calls(self, scope: Scope) -> Iterator[tuple[Context, int]]:
        for place, index in self._sites.of(scope):
            line = place.body.calls[index].line
            for outer in self.contexts(place):
                yield outer._replace(line=line), index

    def _receiver(self, run: Context) -> Things:
        if run.scope.owner is None or run.frame is None or not run.scope.parameters:
            return ()
        return run.frame.names.get(run.scope.parameters[0].name, ())

    def enter(self, function: Scope, outer: Context, index: int, owner: Thing | None) -> Context:
        """The run of a function that a call starts."""
        call = outer.scope.body.calls[index]
        parameters = list(function.parameters)
        names: dict[str, Things] = {}
        if function.owner is not None and parameters and not is_static(function):
            receiver = parameters.pop(0).name
            names[receiver] = self._owner(function, outer, index, owner)
            if not names[receiver]:
                del names[receiver]
        positional = self._evaluation.spread(outer, call.arguments)
        key: list[Any] = []
        for parameter in parameters:
            if parameter.kind == "args":
                value: Things = (Thing("list", tuple(positional)),)
                positional = []
            elif parameter.kind == "kwargs":
                continue
            else:
                given = call.keyword(parameter.name)
                if given is not None:
                    value = self._evaluation.evaluate(outer, given)
                elif positional and parameter.kind == "positional":
                    value = positional.pop(0)
                elif parameter.default is not None:
                    value = self._evaluation.evaluate(Context(function.parent or function), parameter.default)
                else:
                    value = ()
            names[parameter.name] = value
            if any(thing.kind in ("text", "made", "list", "function", "class") for thing in value):
                key.append((parameter.name, value))
        return Context(function, Frame(function, names, tuple(key)))

    def _owner(self, function: Scope, outer: Context, index: int, owner: Thing | None) -> Things:
        if owner is not None:
            return (owner,)
        callee = outer.scope.body.calls[index].callee
        if function.name == "__init__" and function.owner is not None:
            made = self._evaluation.evaluate(outer, index)
            return tuple(thing for thing in made if thing.kind == "made")
        if isinstance(callee, str) and "." in callee:
            return self._evaluation.evaluate(outer, callee.rpartition(".")[0])
        return self._evaluation.evaluate(outer, callee[1]) if isinstance(callee, tuple) else ()


def is_static(function: Scope) -> bool:
    """Whether its first parameter is an argument like any other."""
    return "staticmethod" in function.decorators
