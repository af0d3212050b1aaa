"""Where a client was made: from an expression back to the library calls that built its value."""

from collections.abc import Iterator

from greenroom.project.calls.bindings import Binding
from greenroom.project.calls.graph import CallGraph
from greenroom.project.calls.handed_in import argument_of
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.values import PROBABLE, Value
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.limits import GivenLimits, Resolve

Site = tuple[Scope, int]
"""A call: the scope and its index there."""
_Place = tuple[Scope, Expression]
"""An expression, and where it stands."""

_MOST_PLACES = 2_000
"""Beyond that many, nobody could say why a limit is missing."""
_HANDS_THROUGH = {"wait_for", "shield", "enter_context", "enter_async_context", "cast", "closing", "aclosing"}
_CALLS = ("call", "construct")
_OF_THE_PRODUCT = (FileKind.PRODUCTION, FileKind.SCRIPT)
_INJECTS = {"Depends", "Security"}
_CHANGES = {"update", "setdefault", "pop", "clear"}


class Origins:
    """Follows names, attributes, factories, injection and what callers hand in; what it cannot follow has no origin."""

    def __init__(self, inference: Inference, graph: CallGraph) -> None:
        self._inference = inference
        self._graph = graph
        self._known: dict[tuple[Scope, str], frozenset[Site]] = {}
        self._handed: dict[tuple[Scope, str], tuple[_Place, ...]] = {}

    def of(self, scope: Scope, expression: Expression) -> frozenset[Site]:
        """The library calls that made the value."""
        key = (scope, repr(expression))
        if key not in self._known:
            self._known[key] = frozenset()  # while it is asked for: what is carried by itself
            self._known[key] = frozenset(self._walk(scope, expression))
        return self._known[key]

    def _walk(self, scope: Scope, expression: Expression) -> Iterator[Site]:
        """Each place on the way back once: functions that call one another have more ways than can be walked."""
        waiting: list[_Place] = [(scope, expression)]
        seen: set[tuple[Scope, str]] = set()
        while waiting and len(seen) < _MOST_PLACES:
            place, part = waiting.pop()
            key = (place, repr(part))
            if part is None or key in seen:
                continue
            seen.add(key)
            if isinstance(part, int):
                yield from self._made(place, part)
            waiting.extend(self._before(place, part))

    def _before(self, scope: Scope, expression: Expression) -> Iterator[_Place]:
        """Where the value was before it came to be called this."""
        if isinstance(expression, str):
            yield from self._name(scope, expression)
        elif isinstance(expression, int):
            yield from self._call(scope, expression)
        elif expression is None:
            return
        elif expression[0] in (facts.AWAIT, facts.ATTRIBUTE):
            yield scope, expression[1]
        elif expression[0] == facts.EITHER or expression[:2] == (facts.OPERATION, "|"):
            for part in expression[2]:
                yield scope, part
        elif expression[0] == facts.WALRUS:
            yield scope, expression[2]
        elif expression[0] == facts.ITEM and isinstance(expression[1], str):
            yield from self._inference.stores.put(scope, expression[1], expression[2])

    def _name(self, scope: Scope, dotted: str) -> Iterator[_Place]:
        base, _, last = dotted.rpartition(".")
        if not base:
            for place, binding in self._bindings(scope, dotted):
                yield from self._binding(place, binding)
            return
        own = self._inference.bindings(scope).get(dotted, ()) if scope.kind != "class" else ()
        for binding in own:
            yield from self._binding(scope, binding)
        for value in self._inference.name(scope, base):
            if value.kind in ("instance", "class"):
                yield from self._attribute(value.ref, last)
            elif value.kind == "module":
                for place, binding in self._global(value.ref, last):
                    yield from self._binding(place, binding)
            elif value.kind == "object":
                yield scope, base
        yield from self._inference.stores.put_in_state(dotted)

    def _attribute(self, cls: Scope, name: str) -> Iterator[_Place]:
        classes = self._inference.classes
        getter = classes.getter(cls, name)
        if getter is not None:
            yield from _results(getter)
        for place, bound in classes.attribute(cls, name):
            for binding in bound[name]:
                yield from self._binding(place, binding)

    def _bindings(self, scope: Scope, name: str) -> Iterator[tuple[Scope, Binding]]:
        current: Scope | None = scope
        while current is not None and current.kind != "module":
            found = self._inference.bindings(current).get(name)
            if found and (current.kind != "class" or current is scope):
                yield from ((current, binding) for binding in found)
                return
            current = current.parent
        yield from self._global(scope.module, name)

    def _global(self, module: Module, name: str) -> Iterator[tuple[Scope, Binding]]:
        for definition in self._inference.symbols.define(module, name):
            home = definition.module
            if definition.kind == "variable" and home is not None:
                for binding in self._inference.bindings(home.top).get(definition.symbol, ()):
                    yield home.top, binding
                yield from self._inference.stores.globals_assigned(home, definition.symbol)

    def _binding(self, scope: Scope, binding: Binding) -> Iterator[_Place]:
        if binding.how in ("value", "entered", "element"):
            yield scope, binding.source
        elif binding.how == "parameter":
            yield from self._injected(scope, binding.source)
            yield from self._handed_in(scope, binding.source)

    def _injected(self, scope: Scope, parameter: facts.Parameter) -> Iterator[_Place]:
        outer = scope.parent or scope
        candidates = [parameter.default]
        annotation = parameter.annotation
        if isinstance(annotation, tuple) and annotation[0] == facts.ITEM and isinstance(annotation[2], tuple):
            candidates.extend(facts.children(annotation[2]))
        for candidate in candidates:
            if isinstance(candidate, int) and last_name(outer.body, outer.body.calls[candidate]) in _INJECTS:
                for argument in outer.body.calls[candidate].arguments[:1]:
                    for value in self._inference.expression(outer, argument):
                        if value.kind == "function":
                            yield from _results(value.ref)

    def _handed_in(self, function: Scope, parameter: facts.Parameter) -> tuple[_Place, ...]:
        key = (function, parameter.name)
        if key not in self._handed:
            self._handed[key] = tuple(
                (edge.caller, argument_of(function, parameter, edge))
                for edge in self._graph.callers(function)
                if edge.how in _CALLS and edge.call >= 0 and edge.certainty >= PROBABLE
                if edge.caller.module.kind in _OF_THE_PRODUCT
            )
        return self._handed[key]

    def _made(self, scope: Scope, index: int) -> Iterator[Site]:
        """The call itself, where it is a library's; or what it was given to work with."""
        call = scope.body.calls[index]
        if _hands_through(scope.body, call):
            return
        for value in self._inference.expression(scope, call.callee):
            if value.kind == "library":
                carrier = given_limits(self._inference, scope).carrier(call)
                yield from self.of(scope, carrier) or [(scope, index)]

    def _call(self, scope: Scope, index: int) -> Iterator[_Place]:
        call = scope.body.calls[index]
        if _hands_through(scope.body, call):
            yield scope, call.arguments[0]
            return
        for value in self._inference.expression(scope, call.callee):
            if value.kind == "function":
                yield from _results(value.ref)
            elif value.kind in ("member", "object"):  # client.pipeline(), factory()
                yield scope, receiver(call.callee)


def _hands_through(body: Body, call: Call) -> bool:
    return last_name(body, call) in _HANDS_THROUGH and bool(call.arguments)


def _results(function: Scope) -> Iterator[_Place]:
    kind = "yield" if function.facts.is_generator else "return"
    for statement in function.body.statements:
        if statement.kind == kind:
            yield function, statement.value


def receiver(callee: Expression) -> Expression:
    """The object of `object.method`; a name that is called itself stays."""
    if isinstance(callee, str):
        return callee.rpartition(".")[0] or callee
    if isinstance(callee, tuple) and callee[0] == facts.ATTRIBUTE:
        return callee[1]
    return callee


def last_name(body: Body, call: Call) -> str:
    """The last part of what is called."""
    return facts.spell(call.callee, body.calls).rsplit(".", 1)[-1]


def made_by_library(inference: Inference, scope: Scope, call: Call) -> list[Value]:
    """What is called, where that is a name of a library: not a method of an object."""
    return [value for value in inference.expression(scope, call.callee) if value.kind == "library"]


def given_limits(inference: Inference, scope: Scope) -> GivenLimits:
    """Reads the limits that calls of this scope give."""
    return GivenLimits(scope.body, _resolver(inference, scope))


def _resolver(inference: Inference, scope: Scope) -> Resolve:
    def resolve(name: str, depth: int = 0) -> Expression | None:
        place, bound = _place(inference, scope, name)
        if place is None or len(bound) != 1 or bound[0].how != "value":
            return None
        source = bound[0].source
        if isinstance(source, str):
            return resolve(source, depth + 1) if place is scope and depth < 3 else None
        if place is not scope and any(type(part) is int for part in facts.walk(source)):
            return None  # an index into the calls of another body
        if place is not scope and (
            _changes(place.body, name) or inference.stores.globals_assigned(place.module, name)
        ):
            return None
        return _with_items(scope.body, name, source)

    return resolve


def _place(inference: Inference, scope: Scope, name: str) -> tuple[Scope | None, list[Binding]]:
    current: Scope | None = scope
    while current is not None:
        bound = inference.bindings(current).get(name)
        if bound and (current.kind != "class" or current is scope):
            return current, bound
        current = current.parent
    return None, []


def _with_items(body: Body, name: str, source: Expression) -> Expression | None:
    """The literal with what `name["key"] = value` adds; None where something else changes it."""
    if not _changes(body, name):
        return source
    if not isinstance(source, tuple) or source[0] != facts.MAPPING or _is_updated(body, name):
        return None
    added = list(_items_set(body, name))
    return (
        facts.MAPPING,
        (*source[1], *(key for key, _ in added)),
        (*source[2], *(value for _, value in added)),
    )


def _changes(body: Body, name: str) -> bool:
    return _is_updated(body, name) or any(True for _ in _items_set(body, name))


def _is_updated(body: Body, name: str) -> bool:
    changing = {f"{name}.{method}" for method in _CHANGES}
    return any(call.callee in changing for call in body.calls if isinstance(call.callee, str))


def _items_set(body: Body, name: str) -> Iterator[tuple[Expression, Expression]]:
    """Key and value of each `name[key] = value`; a key that is no literal may be any."""
    for statement in body.statements:
        targets = statement.target if statement.kind == "assign" else (statement.target,)
        for target in targets if statement.kind in ("assign", "augment") else ():
            if isinstance(target, tuple) and target[0] == facts.ITEM and target[1] == name:
                yield target[2] if isinstance(facts.constant(target[2]), str) else None, statement.value
