"""What runs without being written as a call: properties, entering, iterating, decorators, injection."""

from collections.abc import Iterator

from greenroom.project.calls.edge import Edge, may_reach
from greenroom.project.calls.gone_through import gone_through
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.noted import NotedNames, names_read
from greenroom.project.calls.values import PROBABLE, Value
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope

_DEPENDS = ("Depends", "Security")


class ImpliedEdges:
    """Of one scope."""

    def __init__(self, scope: Scope, flow: Flow, inference: Inference, names: NotedNames) -> None:
        self.scope = scope
        self.flow = flow
        self.body: Body = flow.body
        self.inference = inference
        self.names = names

    def collect(self) -> Iterator[Edge]:
        """Those of its blocks, of what it mentions, and of its own decorators and parameters."""
        yield from self._blocks()
        yield from self._gone_through()
        yield from self._mentions()
        if self.scope.kind == "function":
            yield from self._decorators()
            yield from self._dependencies()

    def _blocks(self) -> Iterator[Edge]:
        flow = self.flow
        for number, block in enumerate(self.body.blocks):
            if block.kind in ("with", "async-with") and not flow.is_dead(number, block.line):
                prefix = "__a" if block.kind == "async-with" else "__"
                for expression, _ in block.detail:
                    for name in (f"{prefix}enter__", f"{prefix}exit__"):
                        yield from self._special(expression, name, "enter", block.line)
            elif block.kind in ("for", "async-for") and not flow.is_dead(number, block.line):
                prefix = "__a" if block.kind == "async-for" else "__"
                for name in (f"{prefix}iter__", f"{prefix}next__"):
                    yield from self._special(block.detail[1], name, "iterate", block.line)

    def _gone_through(self) -> Iterator[Edge]:
        for each in gone_through(self.scope):
            if not self.flow.is_dead(each.block, each.line):
                prefix = "__a" if each.is_async else "__"
                for name in (f"{prefix}iter__", f"{prefix}next__"):
                    yield from self._special(each.expression, name, "iterate", each.line)

    def _special(self, expression: Expression, name: str, how: str, line: int) -> Iterator[Edge]:
        awaited = name.startswith("__a")
        for value in self.inference.expression(self.scope, expression):
            if value.kind == "instance":
                member = self.inference.classes.member(value.ref, name)
                if member is not None and may_reach(self.scope, member):
                    yield Edge(self.scope, line, 1, how, value.certainty, target=member, awaited=awaited)
            elif value.kind == "object":
                effect = self.inference.effects.listed(value.ref, name)
                if effect is not None:
                    yield Edge(
                        self.scope, line, 1, how, value.certainty,
                        symbol=effect.symbol, effect=effect, awaited=awaited,
                    )  # fmt: skip

    def _mentions(self) -> Iterator[Edge]:
        """Properties that are read, functions that are handed over."""
        uses, scope, name = self.names.uses, self.scope, self.inference.name
        for text, line in names_read(self.body):
            use = uses[text]
            if use is not None:
                if use.is_function:
                    for value in name(scope, text):
                        if (
                            value.kind == "function"
                            and value.ref is not scope
                            and may_reach(scope, value.ref)
                        ):
                            yield Edge(scope, line, 1, "reference", value.certainty, target=value.ref)
                for base, last in use.properties:
                    yield from self._property(base, last, line)

    def _property(self, base: str, name: str, line: int) -> Iterator[Edge]:
        for value in self.inference.name(self.scope, base):
            if value.kind == "instance":
                getter = self.inference.classes.getter(value.ref, name)
                if getter is not None and may_reach(self.scope, getter):
                    yield Edge(self.scope, line, 1, "property", value.certainty, target=getter)

    def _decorators(self) -> Iterator[Edge]:
        """Calling a decorated function runs the wrapper that the decorator returned."""
        outer = self.scope.parent
        for decorator in self.scope.decorators:
            callee = decorator
            if isinstance(decorator, int) and outer is not None:
                callee = outer.body.calls[decorator].callee
            if outer is None or not isinstance(callee, str):
                continue
            for value in self.inference.name(outer, callee):
                if value.kind == "function" and may_reach(self.scope, value.ref):
                    for wrapper in _innermost(value.ref):
                        certainty = min(value.certainty, PROBABLE)
                        yield Edge(self.scope, self.scope.line, 1, "decorator", certainty, target=wrapper)

    def _dependencies(self) -> Iterator[Edge]:
        outer = self.scope.parent
        if outer is None:
            return
        for place, number in self._injecting_calls(outer):
            call = place.body.calls[number]
            target = call.arguments[0] if call.arguments else call.keyword("dependency")
            if target is None:
                continue
            for value in self.inference.expression(place, target):
                injected = self._injected(value)
                if injected is not None and may_reach(self.scope, injected):
                    yield Edge(
                        self.scope, call.line, call.column, "depends", value.certainty, target=injected
                    )

    def _injected(self, value: Value) -> Scope | None:
        """The function that runs before the handler: itself, the constructor or `__call__`."""
        if value.kind == "function":
            return value.ref  # type: ignore[no-any-return]
        if value.kind in ("class", "instance"):
            name = "__init__" if value.kind == "class" else "__call__"
            return self.inference.classes.member(value.ref, name)
        return None

    def _injecting_calls(self, outer: Scope) -> Iterator[tuple[Scope, int]]:
        """`Depends(…)` in defaults, in `Annotated`, behind an alias of it, and in the route's decorator."""
        candidates: list[tuple[Scope, Expression]] = []
        for parameter in self.scope.parameters:
            annotation = parameter.annotation
            candidates.append((outer, parameter.default))
            candidates.extend((outer, part) for part in _metadata(annotation))
            if isinstance(annotation, str):
                for place, aliased in self.inference.aliases(outer, annotation):
                    candidates.extend((place, part) for part in _metadata(aliased))
        for decorator in self.scope.decorators:
            if isinstance(decorator, int):
                listed = outer.body.calls[decorator].keyword("dependencies")
                candidates.extend((outer, part) for part in facts.walk(listed))
        for place, part in candidates:
            if isinstance(part, int) and _is_depends(place.body.calls[part]):
                yield place, part


def _metadata(annotation: Expression) -> tuple[Expression, ...]:
    if isinstance(annotation, tuple) and annotation[0] == facts.ITEM:
        key = annotation[2]
        if isinstance(key, tuple) and key[0] == facts.SEQUENCE:
            return tuple(key[2])
    return ()


def _is_depends(call: Call) -> bool:
    return isinstance(call.callee, str) and call.callee.rsplit(".", 1)[-1] in _DEPENDS


def _innermost(decorator: Scope) -> list[Scope]:
    """The functions inside a decorator (or decorator factory) that have no function inside."""
    found = []
    for child in decorator.children:
        if child.kind == "function":
            inner = _innermost(child)
            found.extend(inner or [child])
    return found
