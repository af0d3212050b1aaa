"""The calls that are written as calls."""

from collections.abc import Iterator
from functools import partial

from greenroom.project.calls.edge import Edge, may_reach
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.narrowing import narrowed
from greenroom.project.calls.noted import NotedNames
from greenroom.project.calls.values import POSSIBLE, Value, Values
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.libraries.library import Effect

_INVISIBLE_BUILTINS = frozenset(
    {
        "len", "str", "int", "isinstance", "print", "list", "dict", "set", "range", "getattr", "super",
        "hasattr", "bool", "float", "tuple", "type", "enumerate", "zip", "sorted", "min", "max", "sum",
        "any", "all", "repr", "setattr", "map", "filter", "iter", "next", "abs", "round", "id", "hash",
    }
)  # fmt: skip
_AWAITING = facts.AWAITED | facts.ENTERED_ASYNC | facts.ITERATED_ASYNC
_AS_EDGE = partial(tuple.__new__, Edge)  # most edges by far; four times as fast with all fields in order
_CONSTRUCTORS = ("__init__", "__post_init__", "__new__")


class WrittenEdges:
    """Of one scope."""

    def __init__(self, scope: Scope, flow: Flow, inference: Inference, names: NotedNames) -> None:
        self.scope = scope
        self.flow = flow
        self.inference = inference
        self.names = names

    def collect(self) -> list[Edge]:
        """The edges of every call that can run, in source order."""
        last_lines = self.flow.last_lines()
        found: list[Edge] = []
        for index, call in enumerate(self.flow.body.calls):
            callee = call.callee
            if type(callee) is str and callee in _INVISIBLE_BUILTINS:
                continue
            if call.line <= last_lines[call.block]:
                self._add(index, call, found)
        return found

    def _add(self, index: int, call: Call, found: list[Edge]) -> None:
        awaited = bool(call.usage & _AWAITING)
        values = self.inference.expression(self.scope, call.callee)
        still = narrowed(self.inference, self.scope, self.flow, call) if values else None
        if still is not None:
            values = still
        elif not values:
            found.extend(self._guess(index, call, awaited=awaited))
        if len(values) > 1:
            values = self._agreeing(values, awaited=awaited)
        for value in values:
            if value.kind in ("library", "member"):
                symbol, effect = self._library(value)
                line, column, certainty = call.line, call.column, value.certainty
                found.append(
                    _AS_EDGE((
                        self.scope, line, column, "call", certainty, None, symbol, effect, index, awaited
                    ))
                )  # fmt: skip
            else:
                found.extend(self._called(value, index, call, awaited=awaited))

    def _agreeing(self, values: Values, *, awaited: bool) -> Values:
        """Of a union such as `Redis | AsyncRedis`: those that fit whether the call is awaited."""
        fitting = []
        for value in values:
            effect = self._library(value)[1] if value.kind in ("library", "member") else None
            if effect is None or effect.touches == "nothing" or effect.is_async == awaited:
                fitting.append(value)
        return tuple(fitting) or values

    def _library(self, value: Value) -> tuple[str, Effect | None]:
        """Canonical name and effect of what a library or an object of it is asked to do."""
        effects = self.inference.effects
        if value.kind == "member":
            return f"{effects.canonical(value.ref[0])}.{value.ref[1]}", effects.method(*value.ref)
        base, _, last = value.ref.rpartition(".")
        effect = effects.function(value.ref) or (
            effects.method(base, last) if effects.library_class(base) else None
        )
        return effects.canonical(value.ref), effect

    def _called(self, value: Value, index: int, call: Call, *, awaited: bool) -> Iterator[Edge]:
        target: Scope | None = value.ref if value.kind in ("function", "class") else None
        effect: Effect | None = None
        if value.kind == "instance":
            target = self.inference.classes.member(value.ref, "__call__")
        elif value.kind == "object":
            effect = self.inference.effects.listed(value.ref, "__call__")
        if effect is None and (target is None or not may_reach(self.scope, target)):
            return
        symbol = effect.symbol if effect else ""
        line, column, certainty = call.line, call.column, value.certainty
        edge: Edge = _AS_EDGE((
            self.scope, line, column, "call", certainty, target, symbol, effect, index, awaited
        ))  # fmt: skip
        if value.kind == "class":
            yield from self._constructed(value.ref, edge._replace(how="construct", target=None))
        else:
            yield edge

    def _constructed(self, cls: Scope, plain: Edge) -> Iterator[Edge]:
        classes = self.inference.classes
        own = [member for name in _CONSTRUCTORS if (member := classes.member(cls, name)) is not None]
        if own:
            yield from (plain._replace(target=member) for member in own)
            return
        for base in classes.line(cls)[1]:
            effect = self.inference.effects.function(base)
            if effect is not None:
                yield plain._replace(symbol=effect.symbol, effect=effect)
        yield plain._replace(target=cls)

    def _guess(self, index: int, call: Call, *, awaited: bool) -> Iterator[Edge]:
        """A method whose name only one class of the project has."""
        callee = call.callee
        if isinstance(callee, str) and "." in callee:
            name = callee.rsplit(".", 1)[-1]
        elif isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
            name = callee[2]
        else:
            return
        target = self.names.unique_method(name)
        if target is None:
            return
        self.inference.trail.seen |= target.module.bit
        if not awaited or target.is_async:
            yield Edge(
                self.scope, call.line, call.column, "call", POSSIBLE,
                target=target, call=index, awaited=awaited,
            )  # fmt: skip
