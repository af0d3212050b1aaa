"""Who calls whom, and what libraries do on the way."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.infer import Inference
from greenroom.project.calls.values import CERTAIN, POSSIBLE, PROBABLE, Value
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.library import Effect

_INVISIBLE_BUILTINS = frozenset(
    {
        "len", "str", "int", "isinstance", "print", "list", "dict", "set", "range", "getattr", "super",
        "hasattr", "bool", "float", "tuple", "type", "enumerate", "zip", "sorted", "min", "max", "sum",
        "any", "all", "repr", "setattr", "map", "filter", "iter", "next", "abs", "round", "id", "hash",
    }
)  # fmt: skip
_COMMON_METHODS = frozenset(
    name for kind in (str, bytes, dict, list, set, int, object) for name in dir(kind)
) | {"close", "read", "write", "send", "run", "start", "stop", "save", "delete", "execute", "all", "first"}
_DEPENDS = ("Depends", "Security")


class Edge(NamedTuple):
    """One call, as far as it is understood: to a scope of the project or to a library."""

    caller: Scope
    call: int
    """Index into the caller's calls; -1 where no call is written (a property, a decorator, entering)."""
    line: int
    column: int
    target: Scope | None
    symbol: str
    """Canonical dotted name in a library; empty for a project's scope."""
    effect: Effect | None
    certainty: int
    how: str
    """call · construct · property · enter · iterate · decorator · depends · reference (handed over as
    a value: reached, but not called here)"""
    awaited: bool


class CallGraph:
    """Edges by caller and by target, for the whole project."""

    def __init__(self, modules: Iterable[Module], inference: Inference) -> None:
        self.inference = inference
        self._out: dict[Scope, tuple[Edge, ...]] = {}
        self._in: dict[Scope, list[Edge]] = defaultdict(list)
        listed = [module for module in modules if module.kind is not FileKind.ARCHIVED]
        inference.classes.index_subclasses(listed)
        names = _Names(listed)
        for module in listed:
            for scope in module.scopes:
                edges = tuple(_ScopeEdges(scope, inference, names).collect())
                if edges:
                    self._out[scope] = edges
                    for edge in edges:
                        if edge.target is not None:
                            self._in[edge.target].append(edge)
            inference.forget(module)

    def edges(self, scope: Scope) -> tuple[Edge, ...]:
        """What a scope calls."""
        return self._out.get(scope, ())

    def callers(self, scope: Scope) -> list[Edge]:
        """By whom a scope is called or handed over."""
        return self._in.get(scope, [])

    def all_edges(self) -> Iterator[Edge]:
        """All of them, by module and line of definition."""
        for edges in self._out.values():
            yield from edges


class _Names:
    """Names worth a closer look, over the whole project."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.properties: set[str] = set()
        self.functions: set[str] = set()
        self.methods: dict[str, list[Scope]] = defaultdict(list)
        for module in modules:
            for scope in module.scopes:
                if scope.kind != "function":
                    continue
                self.functions.add(scope.name)
                names = decorator_names(scope) if scope.decorators else []
                if "property" in names or "cached_property" in names:
                    self.properties.add(scope.name)
                elif scope.owner is not None and module.kind is FileKind.PRODUCTION:
                    self.methods[scope.name].append(scope)

    def unique_method(self, name: str) -> Scope | None:
        found = self.methods.get(name, ())
        if len(found) != 1 or name in _COMMON_METHODS:
            return None
        owner = found[0].owner
        looks_like_double = owner is not None and owner.name.startswith(("Mock", "Fake", "Stub", "Dummy"))
        return None if looks_like_double else found[0]


class _ScopeEdges:
    """The edges of one scope."""

    def __init__(self, scope: Scope, inference: Inference, names: _Names) -> None:
        self.scope = scope
        self.body: Body = scope.body
        self.inference = inference
        self.names = names
        self.flow = Flow(self.body)
        self.is_test = scope.module.kind is FileKind.TEST

    def collect(self) -> Iterator[Edge]:
        for index, call in enumerate(self.body.calls):
            if not self.flow.is_dead(call.block, call.line):
                yield from self._call(index, call)
        yield from self._blocks()
        yield from self._mentions()
        if self.scope.kind == "function":
            yield from self._decorators()
            yield from self._dependencies()

    def _edge(self, line: int, column: int, how: str, *, target: Scope | None = None, symbol: str = "",
              effect: Effect | None = None, certainty: int = CERTAIN, call: int = -1,
              awaited: bool = False) -> Edge:  # fmt: skip
        return Edge(self.scope, call, line, column, target, symbol, effect, certainty, how, awaited)

    # calls

    def _call(self, index: int, call: Call) -> Iterator[Edge]:
        if isinstance(call.callee, str) and call.callee in _INVISIBLE_BUILTINS:
            return
        awaited = bool(call.usage & (facts.AWAITED | facts.ENTERED_ASYNC | facts.ITERATED_ASYNC))
        values = self.inference.expression(self.scope, call.callee)
        known = False
        for value in self._agreeing(values, awaited=awaited):
            for edge in self._called(value, index, call, awaited=awaited):
                known = True
                yield edge
        if not known and not values:
            yield from self._guess(index, call, awaited=awaited)

    def _agreeing(self, values: tuple[Value, ...], *, awaited: bool) -> tuple[Value, ...]:
        """Of a union such as `Redis | AsyncRedis`: those that fit whether the call is awaited."""
        if len(values) < 2:
            return values
        fitting = []
        for value in values:
            effect = self._effect(value)
            if effect is None or effect.touches == "nothing" or effect.is_async == awaited:
                fitting.append(value)
        return tuple(fitting) or values

    def _effect(self, value: Value) -> Effect | None:
        effects = self.inference.effects
        if value.kind == "member":
            return effects.method(*value.ref)
        if value.kind == "library":
            found = effects.function(value.ref)
            base, _, last = value.ref.rpartition(".")
            return found or (effects.method(base, last) if effects.library_class(base) else None)
        return None

    def _called(self, value: Value, index: int, call: Call, *, awaited: bool) -> Iterator[Edge]:
        common = {"certainty": value.certainty, "call": index, "awaited": awaited}
        if value.kind == "function" and self._may_reach(value.ref):
            yield self._edge(call.line, call.column, "call", target=value.ref, **common)
        elif value.kind == "class" and self._may_reach(value.ref):
            yield from self._constructed(value, call, common)
        elif value.kind == "instance":
            member = self.inference.classes.member(value.ref, "__call__")
            if member is not None:
                yield self._edge(call.line, call.column, "call", target=member, **common)
        elif value.kind == "object":
            effect = self.inference.effects.method(value.ref, "__call__")
            if effect is not None and self._is_listed(value.ref, "__call__"):
                yield self._edge(call.line, call.column, "call", symbol=effect.symbol, effect=effect, **common)
        elif value.kind in ("library", "member"):
            symbol = self._symbol(value)
            effect = self._effect(value)
            yield self._edge(call.line, call.column, "call", symbol=symbol, effect=effect, **common)

    def _constructed(self, value: Value, call: Call, common: dict[str, object]) -> Iterator[Edge]:
        classes = self.inference.classes
        found = False
        for name in ("__init__", "__post_init__", "__new__"):
            member = classes.member(value.ref, name)
            if member is not None:
                found = True
                yield self._edge(call.line, call.column, "construct", target=member, **common)
        for base in classes.line(value.ref)[1]:
            effect = self.inference.effects.function(base)
            if effect is not None and not found:
                yield self._edge(call.line, call.column, "construct", symbol=effect.symbol, effect=effect, **common)
        if not found:
            yield self._edge(call.line, call.column, "construct", target=value.ref, **common)

    def _symbol(self, value: Value) -> str:
        effects = self.inference.effects
        if value.kind == "member":
            return f"{effects.canonical(value.ref[0])}.{value.ref[1]}"
        return effects.canonical(value.ref)

    def _may_reach(self, target: Scope) -> bool:
        """A test double is never the target of a production edge."""
        return self.is_test or target.module.kind is not FileKind.TEST

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
        if target is not None and (not awaited or target.is_async):
            yield self._edge(
                call.line, call.column, "call", target=target, certainty=POSSIBLE, call=index, awaited=awaited
            )

    # what is called without being written as a call

    def _blocks(self) -> Iterator[Edge]:
        for number, block in enumerate(self.body.blocks):
            if block.kind in ("with", "async-with") and not self.flow.is_dead(number, block.line):
                prefix = "__a" if block.kind == "async-with" else "__"
                for expression, _ in block.detail:
                    for name in (f"{prefix}enter__", f"{prefix}exit__"):
                        yield from self._special(expression, name, "enter", block.line)
            elif block.kind in ("for", "async-for") and not self.flow.is_dead(number, block.line):
                prefix = "__a" if block.kind == "async-for" else "__"
                for name in (f"{prefix}iter__", f"{prefix}next__"):
                    yield from self._special(block.detail[1], name, "iterate", block.line)

    def _special(self, expression: Expression, name: str, how: str, line: int) -> Iterator[Edge]:
        awaited = name.startswith("__a")
        for value in self.inference.expression(self.scope, expression):
            if value.kind == "instance":
                member = self.inference.classes.member(value.ref, name)
                if member is not None and self._may_reach(member):
                    yield self._edge(line, 1, how, target=member, certainty=value.certainty, awaited=awaited)
            elif value.kind == "object":
                effect = self.inference.effects.method(value.ref, name)
                if effect is not None and self._is_listed(value.ref, name):
                    yield self._edge(line, 1, how, symbol=effect.symbol, effect=effect,
                                     certainty=value.certainty, awaited=awaited)  # fmt: skip

    def _is_listed(self, class_name: str, method: str) -> bool:
        """Dunder methods count only where a data file names them."""
        described = self.inference.effects.library_class(class_name)
        for _ in range(8):
            if described is None:
                return False
            if method in described.methods:
                return True
            described = self.inference.effects.library_class(described.extends)
        return False

    def _mentions(self) -> Iterator[Edge]:
        """Properties that are read, functions that are handed over."""
        seen: set[tuple[str, int]] = set()
        for line, text in self._names_read():
            if (text, line) in seen:
                continue
            seen.add((text, line))
            head, _, last = text.rpartition(".")
            if last in self.names.functions:
                yield from self._reference(text, line)
            if head:
                yield from self._properties(text, line)

    def _names_read(self) -> Iterator[tuple[int, str]]:
        for call in self.body.calls:
            if isinstance(call.callee, str):
                base = call.callee.rpartition(".")[0]
                if "." in base:
                    yield call.line, base
            else:
                yield from _texts(call.callee, call.line)
            for part in call.arguments:
                yield from _texts(part, call.line)
            for _, part in call.keywords:
                yield from _texts(part, call.line)
        for statement in self.body.statements:
            if statement.value is not None:
                yield from _texts(statement.value, statement.line)
        for block in self.body.blocks:
            if block.kind in ("if", "while"):
                yield from _texts(block.detail, block.line)
            elif block.kind in ("for", "async-for"):
                yield from _texts(block.detail[1], block.line)

    def _reference(self, text: str, line: int) -> Iterator[Edge]:
        for value in self.inference.name(self.scope, text):
            if value.kind == "function" and value.ref is not self.scope and self._may_reach(value.ref):
                yield self._edge(line, 1, "reference", target=value.ref, certainty=value.certainty)

    def _properties(self, text: str, line: int) -> Iterator[Edge]:
        parts = text.split(".")
        for number in range(1, len(parts)):
            if parts[number] not in self.names.properties:
                continue
            for value in self.inference.name(self.scope, ".".join(parts[:number])):
                if value.kind == "instance":
                    getter = self.inference.classes.getter(value.ref, parts[number])
                    if getter is not None and self._may_reach(getter):
                        yield self._edge(line, 1, "property", target=getter, certainty=value.certainty)

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
                if value.kind == "function" and self._may_reach(value.ref):
                    for wrapper in _innermost(value.ref):
                        yield self._edge(self.scope.line, 1, "decorator", target=wrapper,
                                         certainty=min(value.certainty, PROBABLE))  # fmt: skip

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
                if value.kind == "function" and self._may_reach(value.ref):
                    yield self._edge(call.line, call.column, "depends", target=value.ref, certainty=value.certainty)
                elif value.kind == "class":
                    member = self.inference.classes.member(value.ref, "__init__")
                    if member is not None:
                        yield self._edge(call.line, call.column, "depends", target=member,
                                         certainty=value.certainty)  # fmt: skip

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


def _texts(expression: Expression, line: int) -> Iterator[tuple[int, str]]:
    if isinstance(expression, str):
        yield line, expression
    elif isinstance(expression, tuple):
        for part in facts.walk(expression):
            if isinstance(part, str):
                yield line, part
