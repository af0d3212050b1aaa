"""What an expression of the project stands for, as far as its code shows."""

import builtins
from collections.abc import Mapping
from typing import Any

from greenroom.project.calls import results
from greenroom.project.calls.annotations import annotated, given
from greenroom.project.calls.answers import Answers, Known
from greenroom.project.calls.bindings import Binding, Bindings, is_receiver, is_untold, scope_bindings
from greenroom.project.calls.classes import Classes
from greenroom.project.calls.iteration import container, unpacked
from greenroom.project.calls.stores import Stores
from greenroom.project.calls.symbols import Definition, Symbols
from greenroom.project.calls.values import PROBABLE, Value, Values, elements, keyed, many, union, weakened
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.libraries.library import Effects

_BUILTINS = frozenset(dir(builtins))
_PASS_THROUGH = {"wait_for", "shield", "cast", "copy", "deepcopy", "ensure_future", "create_task", "aclosing",
                 "closing", "enter_context", "enter_async_context"}  # fmt: skip
_PARTS, _ENTRIES = 4, 16
"""So many of what a sequence or a dictionary holds are looked at."""


class Inference:
    """Types of expressions by assignment, annotation, factory and injection."""

    def __init__(self, symbols: Symbols, effects: Effects, stores: Stores) -> None:
        self.symbols = symbols
        self.effects = effects
        self.stores = stores
        self.trail = symbols.trail
        self.classes = Classes(self.expression, self.trail)
        self._bindings: dict[Scope, Bindings] = {}
        self._names: dict[Scope, Known[str]] = {}
        self._fixed: dict[tuple[Module, str], tuple[Values | None, int]] = {}
        self._calls: dict[Scope, Known[int]] = {}
        self._attributes: Known[tuple[Scope, str, str]] = {}
        self._items: Known[tuple[Scope, str, str]] = {}
        self._results: Known[Scope] = {}
        self._answers = Answers(self.trail)
        self._handed: dict[tuple[Scope, str], Values] = {}

    def hand_in(self, given: Mapping[tuple[Scope, str], Values]) -> bool:
        """Take it that parameters of which nothing is written have these values; tells whether that is news."""
        if given.items() <= self._handed.items():
            return False
        self._handed.update(given)
        self.forget_answers()
        return True

    def forget(self, module: Module) -> None:
        """Drop what is known of the inside of the module's functions."""
        for scope in module.scopes:
            if scope.is_function:
                for known in (self._bindings, self._names, self._calls):
                    known.pop(scope, None)  # greenroom: accept[C1] memory alone: it is found out again

    def forget_answers(self) -> None:
        """Drop all that can be found out again: after a whole resolution few of it is asked for any more."""
        for known in (self._names, self._calls, self._attributes, self._items, self._results, self._bindings):
            known.clear()

    # names

    def bindings(self, scope: Scope) -> Bindings:
        """The bindings of the scope's own names."""
        found = self._bindings.get(scope)
        if found is None:
            found = self._bindings[scope] = scope_bindings(scope)
        return found

    def name(self, scope: Scope, dotted: str) -> Values:
        """The values of a (dotted) name as seen from a scope."""
        known = self._names.get(scope)
        if known is None:
            known = self._names[scope] = {}
        entry = known.get(dotted)
        if entry is not None:
            return self._answers.take(known, dotted, entry)
        module = scope.module
        if "." in dotted:
            found = self._imported(scope, dotted)
            if found is None:
                return self._answers.search(known, dotted, module.bit, self._dotted, scope, dotted)
        else:
            binder = self._binder(scope, dotted)
            if binder is not None and is_untold(binder, self._bindings[binder][dotted]):
                found = self._handed.get((binder, dotted), ())
                known[dotted] = (found, module.bit)
                self.trail.seen |= module.bit
                return found
            found = self._fixed_name(module, dotted) if binder is None else None
            if found is None:
                return self._answers.search(known, dotted, module.bit, self._plain, scope, dotted, binder)
        known[dotted] = (found, self._fixed[module, dotted.partition(".")[0]][1])
        return found

    def _imported(self, scope: Scope, dotted: str) -> Values | None:
        """A name whose head is a library that the file imports, at once; None for all others."""
        at = dotted.index(".")
        head = dotted[:at]
        if self._binder(scope, head) is not None:
            return None
        fixed = self._fixed_name(scope.module, head)
        if fixed is None or len(fixed) != 1 or fixed[0].kind != "library":
            return None
        own = self.bindings(scope)
        end = at
        while end > 0:
            end = dotted.find(".", end + 1)
            if (dotted[:end] if end > 0 else dotted) in own:
                return None
        return (Value("library", fixed[0].ref + dotted[at:], fixed[0].certainty),)

    def _dotted(self, scope: Scope, dotted: str) -> Values:
        base, _, last = dotted.rpartition(".")
        bound = self.bindings(scope).get(dotted) if scope.kind != "class" else None
        if bound and not is_receiver(scope, base):
            found = self._all_bound(scope, bound)
            if found:
                return found
        held = self.name(scope, base)
        if held:
            found = union(*[self.attribute(value, last) for value in held])
            if found:
                return found
        return self.stores.attribute(self, dotted)

    def _binder(self, scope: Scope, name: str) -> Scope | None:
        """The scope that binds a name, as seen from this one; None where it is a global."""
        current: Scope | None = scope
        while current is not None and current.index:
            if current is scope or current.kind != "class":
                bound = self._bindings.get(current)
                if name in (self.bindings(current) if bound is None else bound):
                    return current
            current = current.parent
        return None

    def _plain(self, scope: Scope, name: str, binder: Scope | None) -> Values:
        if binder is not None:
            return self._all_bound(binder, self.bindings(binder)[name])
        return self.module_name(scope.module, name) or self._builtin(name)

    def _fixed_name(self, module: Module, name: str) -> Values | None:
        """A global that no assignment gives a value; None for a variable."""
        entry = self._fixed.get((module, name))
        if entry is None:
            before, self.trail.seen = self.trail.seen, 0
            definitions = self.symbols.define(module, name)
            varies = "variable" in [definition.kind for definition in definitions]
            found = None if varies else self.module_name(module, name) or self._builtin(name)
            entry = self._fixed[module, name] = (found, self.trail.noted())
            self.trail.seen |= before
        else:
            self.trail.seen |= entry[1]
        return entry[0]

    @staticmethod
    def _builtin(name: str) -> Values:
        return (Value("library", name),) if name in _BUILTINS else ()

    def module_name(self, module: Module, name: str) -> Values:
        """A global of a module."""
        return union(*[self._defined(definition) for definition in self.symbols.define(module, name)])

    def _defined(self, definition: Definition) -> Values:
        if definition.kind == "module":
            return (Value("module", definition.module),)
        if definition.kind == "scope" and definition.scope is not None:
            kind = "class" if definition.scope.kind == "class" else "function"
            return (Value(kind, definition.scope),)
        if definition.kind == "library":
            return (Value("library", definition.symbol),)
        if definition.kind == "variable" and definition.module is not None:
            return self._variable(definition.module, definition.symbol)
        return ()

    def _variable(self, module: Module, name: str) -> Values:
        """A module's variable, also where functions assign it under `global`."""
        own = self.bindings(module.top).get(name, ())
        top = [(module.top, part) for part in own if part.how not in ("import", "scope")]
        bound = [*top, *self.stores.globals_assigned(module, name)]
        return self.stores.once((module, name), lambda: union(*[self._bound(*part) for part in bound]))

    def aliases(self, scope: Scope, name: str) -> list[tuple[Scope, Expression]]:
        """The expressions that a module-level name is assigned: for type aliases."""
        head, _, rest = name.partition(".")
        found: list[tuple[Scope, Expression]] = []
        for definition in self.symbols.define(scope.module, head):
            module = definition.module
            if definition.kind == "module" and module is not None and rest:
                found.extend(self.aliases(module.top, rest))
            elif definition.kind == "variable" and module is not None and not rest:
                bound = self.bindings(module.top).get(definition.symbol, ())
                found.extend((module.top, part.source) for part in bound if part.how == "value")
        return found

    def _all_bound(self, scope: Scope, bound: list[Binding]) -> Values:
        if len(bound) > 1:
            return union(*[self._bound(scope, binding) for binding in bound])
        found = self._bound(scope, bound[0])
        return found if len(found) < 2 else union(found)

    def _bound(self, scope: Scope, binding: Binding) -> Values:
        how = binding.how
        if how == "scope":
            return (Value("class" if binding.source.kind == "class" else "function", binding.source),)
        if how == "import":
            followed = self.symbols.follow(scope.module, binding.source)
            return union(*[self._defined(definition) for definition in followed])
        if how == "parameter":
            return given(self, scope, binding.source)
        if binding.annotation is not None:
            declared = annotated(self, scope, binding.annotation)
            if declared:
                return declared
        if how == "value":
            return self.expression(scope, binding.source)
        if how == "element":
            source = self.expression(scope, binding.source)
            return elements(source) or results.iterated_object(self.effects, source)
        if how == "unpacked":
            return unpacked(self, scope, binding.source, binding.position)
        if how == "entered":
            return results.entered(
                self.effects, self._entered_instance, self.expression(scope, binding.source)
            )
        return ()

    # expressions

    def expression(self, scope: Scope, expression: Expression) -> Values:
        """The values of an expression that stands in the body of this scope."""
        if type(expression) is str:
            return self.name(scope, expression)
        if type(expression) is int:
            return self.call(scope, scope.body, expression)
        return () if expression is None else self._composed(scope, expression)

    def _composed(self, scope: Scope, expression: tuple[Any, ...]) -> Values:
        tag = expression[0]
        if tag in (facts.AWAIT, facts.WALRUS):
            return self.expression(scope, expression[-1])
        if tag == facts.ATTRIBUTE:
            held = self.expression(scope, expression[1])
            return union(*[self.attribute(value, expression[2]) for value in held])
        if tag == facts.EITHER or expression[:2] == (facts.OPERATION, "|"):
            values = union(*[self.expression(scope, part) for part in expression[2]])
            return values if tag == facts.EITHER else results.joined(self.effects, values)
        if tag == facts.ITEM:
            return self._item(scope, expression)
        if tag == facts.SEQUENCE:
            return many(union(*[self.expression(scope, part) for part in expression[2][:_PARTS]]))
        if tag == facts.MAPPING:
            pairs = zip(expression[1][:_ENTRIES], expression[2], strict=False)
            return keyed((facts.constant(key), self.expression(scope, part)) for key, part in pairs)
        if tag == facts.COMPREHENSION and expression[1] != "dict":
            return many(self.expression(scope, expression[2][0]))
        return ()

    def _item(self, scope: Scope, expression: tuple[Any, ...]) -> Values:
        base, key = expression[1], facts.constant(expression[2])
        if isinstance(base, str) and (isinstance(key, str) or isinstance(expression[2], str)):
            stored = self._stored(scope, base, expression[2])
            if stored:
                return stored
        values = self.expression(scope, base)
        kinds = tuple(value for value in values if value.kind in ("class", "library"))  # Repo[User]
        return elements(values, key) or results.item_of_object(self.effects, values) or kinds

    def _stored(self, scope: Scope, base: str, key: Expression) -> Values:
        """What was put under a key; nothing while that is made from what was there before."""
        place = (scope, base, key)
        return self._answers.find(self._items, place, scope.module.bit, self.stores.item, self, *place)

    def call(self, scope: Scope, body: Body, index: int) -> Values:
        """The result of a call, after await."""
        known = self._calls.get(scope)
        if known is None:
            known = self._calls[scope] = {}
        return self._answers.find(known, index, scope.module.bit, self._call, scope, body.calls[index])

    def _call(self, scope: Scope, call: facts.Call) -> Values:
        callee = call.callee
        last = callee.rsplit(".", 1)[-1] if isinstance(callee, str) else ""
        if last == "super" and scope.owner is not None:
            return (Value("super", scope.owner),)
        if last in ("Depends", "Security") and call.arguments:
            return union(*[self.result(value) for value in self.expression(scope, call.arguments[0])])
        if last == "cast" and len(call.arguments) == 2:
            return annotated(self, scope, call.arguments[0])
        if last in ("next", "anext") and call.arguments:
            return elements(self.expression(scope, call.arguments[0]))
        if last == "getattr" and len(call.arguments) >= 2:
            name = facts.constant(call.arguments[1])
            if isinstance(name, str):
                values = self.expression(scope, call.arguments[0])
                return union(*[self.attribute(value, name) for value in values])
        registered = container(self, scope, callee) or self.stores.registered(self, scope, call)
        if registered:
            return registered
        if last in _PASS_THROUGH and call.arguments:
            return self.expression(scope, call.arguments[-1 if last == "cast" else 0])
        values = self.expression(scope, callee)
        return results.variant(self, scope, call, values) or union(*[self.result(value) for value in values])

    # members and results

    def attribute(self, value: Value, name: str) -> Values:
        """An attribute of a value."""
        if value.kind == "module":
            return self.module_name(value.ref, name)
        if value.kind == "library":
            return (Value("library", f"{value.ref}.{name}", value.certainty),)
        if value.kind == "object":
            return (results.of_library(self.effects, value.ref, name, value.key).weaker(value.certainty),)
        if value.kind in ("instance", "class"):
            return weakened(self.class_attribute(value.ref, name, value.kind), value.certainty)
        if value.kind == "super":
            return self._super_attribute(value.ref, name)
        return ()

    def class_attribute(self, cls: Scope, name: str, kind: str = "instance") -> Values:
        """An attribute of a class or of its instances."""
        key = (cls, name, kind)
        return self._answers.find(self._attributes, key, cls.module.bit, self._class_attribute, *key)

    def _class_attribute(self, cls: Scope, name: str, kind: str) -> Values:
        member = self.classes.member(cls, name)
        if member is not None:
            if member.kind == "class":
                return (Value("class", member),)
            getter = self.classes.getter(cls, name) if kind == "instance" else None
            if getter is not None:
                return self.returned(getter)
            stubs = self.classes.implementations(cls, member)
            return tuple(Value("function", stub, PROBABLE) for stub in stubs) or (Value("function", member),)
        found: list[Values] = []
        for place, bound in self.classes.attribute(cls, name):
            found.extend(self._bound(place, binding) for binding in bound[name])
        if found:
            return union(*found)
        return tuple(
            results.of_library(self.effects, base, name, cls) for base in self.classes.line(cls)[1][:1]
        )

    def _super_attribute(self, cls: Scope, name: str) -> Values:
        scopes, libraries = self.classes.line(cls)
        for base in scopes[1:]:
            member = self.classes.member(base, name)
            if member is not None:
                return (Value("function", member),)
        return tuple(Value("member", (base, name)) for base in libraries[:1])

    def result(self, value: Value) -> Values:
        """What calling the value gives, after await."""
        if value.kind == "function":
            return weakened(self.returned(value.ref), value.certainty)
        if value.kind == "class":
            return (Value("instance", value.ref, value.certainty),)
        if value.kind == "library":
            return results.library_result(self.effects, value)
        if value.kind in ("member", "object"):
            return results.member_result(self.effects, value)
        if value.kind == "instance":
            called = self.classes.member(value.ref, "__call__")
            return self.returned(called) if called is not None else ()
        return ()

    def returned(self, function: Scope) -> Values:
        """What a project function returns; for a generator, many of what it yields."""
        return self._answers.find(self._results, function, function.module.bit, self._returned, function)

    def _returned(self, function: Scope) -> Values:
        outer = function.parent or function
        declared = annotated(self, outer, function.facts.returns)
        if declared:
            return declared
        kind = "yield" if function.facts.is_generator else "return"
        found = [
            self.expression(function, part.value)
            for part in function.body.statements
            if part.kind == kind and part.value is not None
        ]
        values = union(*found)
        return many(values) if kind == "yield" else values

    def _entered_instance(self, value: Value) -> Values:
        for name in ("__aenter__", "__enter__"):
            member = self.classes.member(value.ref, name)
            if member is not None:
                return self.returned(member) or (value,)
        return (value,)
