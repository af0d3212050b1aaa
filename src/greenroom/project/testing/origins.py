"""Where the value of an expression comes from, as a short text.

`redis.Redis()` is an instance of a library's class; `app/mail.py::send` a function of the project,
`app/mail.py::Mailer()` an instance of a class of it, `app/mail.py` a module, `mock().call` an
attribute of something. Empty: nobody knows. It is a light guess, good enough for suites: parameters
by fixture or annotation, locals and attributes by what was assigned to them.
"""

import builtins
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from greenroom.project.calls.symbols import Definition, Symbols
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Module, Scope

_DEEPEST = 10
_CACHE_LIMIT = 20_000
_WRAPPERS = frozenset({
    "Generator", "Iterator", "AsyncGenerator", "AsyncIterator", "AsyncIterable", "Iterable", "Optional",
    "Annotated", "Awaitable", "ContextManager", "AsyncContextManager", "AbstractContextManager", "Union",
    "Final", "ClassVar", "Required",
})  # fmt: skip

Made = TypeVar("Made")
FixtureLookup = Callable[[Scope, str], "Scope | None"]
"""The fixture function which a test or fixture gets for a parameter."""


class Origins:
    """Origins of expressions in a project."""

    def __init__(self, modules: dict[str, Module], symbols: Symbols) -> None:
        self.modules = modules
        self.symbols = symbols
        self.fixture: FixtureLookup = lambda scope, name: None  # noqa: ARG005 - nobody asks before fixtures are known
        self._locals: dict[Scope, dict[str, list[Expression]]] = {}
        self._attributes: dict[Scope, dict[str, tuple[Scope, Expression]]] = {}
        self._scopes: dict[Module, dict[str, Scope]] = {}
        self._imports: dict[Module, dict[int, dict[str, Any]]] = {}
        self._lineage: dict[Scope, tuple[list[Scope], list[str]]] = {}
        self._names: dict[tuple[Scope, str], str] = {}
        self._made: dict[tuple[Any, Scope], Any] = {}

    # entry points

    def once(self, make: Callable[["Origins", Scope], Made], scope: Scope) -> Made:
        """What is made of a scope, made once; `make` is a function of a module."""
        key = (make, scope)
        if key not in self._made:
            self._made[key] = make(self, scope)
        made: Made = self._made[key]
        return made

    def of(self, scope: Scope, expression: Expression, depth: int = 0) -> str:
        """The origin of an expression that stands in this scope."""
        if depth > _DEEPEST or expression is None:
            return ""
        if isinstance(expression, str):
            return self._of_name(scope, expression, depth)
        if isinstance(expression, int):
            callee = scope.body.calls[expression].callee
            return self.call(self.of(scope, callee, depth + 1), depth + 1)
        tag = expression[0]
        if tag in (facts.AWAIT, facts.STAR):
            return self.of(scope, expression[1], depth + 1)
        if tag == facts.ATTRIBUTE and self._is_super(scope, expression[1]):
            return self._inherited(scope, expression[2])
        if tag == facts.ATTRIBUTE:
            return self.attribute(self.of(scope, expression[1], depth + 1), expression[2], depth + 1)
        if tag == facts.ITEM:
            inner = self.of(scope, expression[1], depth + 1)
            return f"{inner}[]" if inner else ""
        if tag == facts.EITHER:
            return next(filter(None, (self.of(scope, part, depth + 1) for part in expression[2])), "")
        if tag == facts.WALRUS:
            return self.of(scope, expression[2], depth + 1)
        return ""

    def _is_super(self, scope: Scope, expression: Expression) -> bool:
        return isinstance(expression, int) and scope.body.calls[expression].callee == "super"

    def _inherited(self, scope: Scope, name: str) -> str:
        """`super().name`: the next definition in the bases of the class around; empty for a mixin's."""
        owner: Scope | None = scope
        while owner is not None and owner.kind != "class":
            owner = owner.parent
        if owner is None:
            return ""
        ancestors, libraries = self.lineage(owner)
        for ancestor in ancestors[1:]:
            for child in ancestor.children:
                if child.name == name and child.kind == "function":
                    return f"{ancestor.path}::{child.qualname}"
        return f"{libraries[0]}().{name}" if libraries and "?" not in libraries else ""

    def scope(self, origin: str) -> Scope | None:
        """The class or function of the project that an origin names (also behind `()`)."""
        path, separator, qualname = origin.partition("::")
        if not separator:
            return None
        module = self.modules.get(path)
        return self._by_qualname(module).get(qualname.removesuffix("()")) if module else None

    def module_of(self, origin: str) -> Module | None:
        """The project's module in which the origin stands."""
        return self.modules.get(origin.partition("::")[0].removesuffix("()"))

    def callee(self, scope: Scope, index: int) -> str:
        """The origin of what a call calls."""
        return self.of(scope, scope.body.calls[index].callee)

    def variable(self, origin: str, depth: int = 0) -> str:
        """What a module-level variable of the project was assigned; the origin itself for anything else."""
        path, separator, name = origin.partition("::")
        module = self.modules.get(path)
        if not separator or module is None or "." in name or "(" in name or depth > _DEEPEST:
            return origin
        if name in self._by_qualname(module):
            return origin
        for value in self._bindings(module.top).get(name, ()):
            if found := self.of(module.top, value, depth + 1):
                return found
        return origin

    # names

    def _of_name(self, scope: Scope, dotted: str, depth: int) -> str:
        key = (scope, dotted)
        if key in self._names:
            return self._names[key]
        if len(self._names) > _CACHE_LIMIT:
            self._names.clear()
        self._names[key] = ""  # against cycles
        head, *rest = dotted.split(".")
        origin = self._of_head(scope, head, depth + 1)
        for name in rest:
            if not origin:
                break
            origin = self.attribute(origin, name, depth + 1)
        if depth < _DEEPEST - 4:
            self._names[key] = origin
        else:
            del self._names[key]
        return origin

    def _of_head(self, scope: Scope, name: str, depth: int) -> str:
        current: Scope | None = scope
        while current is not None and current.kind != "module":
            if current.kind != "class" or current is scope:
                found = self._in_scope(current, name, depth)
                if found is not None:
                    return found
            current = current.parent
        return self.of_global(scope.module, name, depth)

    def _in_scope(self, scope: Scope, name: str, depth: int) -> str | None:
        """None where this scope does not bind the name."""
        for child in scope.children:
            if child.name == name and child.kind != "lambda":
                return f"{scope.path}::{child.qualname}"
        part = self._imports_of(scope.module).get(scope.index, {}).get(name)
        if part is not None:
            return self._first(self.symbols.follow(scope.module, part))
        bound = self._bindings(scope).get(name)
        if bound:
            return next(filter(None, (self.of(scope, value, depth + 1) for value in bound)), "")
        for parameter in scope.parameters:
            if parameter.name == name:
                return self._of_parameter(scope, parameter, depth)
        return None

    def _of_parameter(self, scope: Scope, parameter: facts.Parameter, depth: int) -> str:
        owner = scope.owner
        if owner is not None and scope.parameters[0] is parameter and parameter.name in ("self", "cls"):
            return f"{scope.path}::{owner.qualname}" + ("()" if parameter.name == "self" else "")
        if parameter.annotation is not None:
            found = self.annotated(scope.parent or scope, parameter.annotation, depth + 1)
            if found and not found.startswith(("typing.", "collections.abc.")):
                return found
        fixture = self.fixture(scope, parameter.name)
        if fixture is not None and fixture is not scope:
            return self.result(fixture, depth + 1)
        return ""

    def of_global(self, module: Module, name: str, depth: int = 0) -> str:
        """The origin of a module-level name."""
        found = self._first(self.symbols.define(module, name))
        return self.variable(found, depth) if "::" in found else found or self._builtin(name)

    def _builtin(self, name: str) -> str:
        return f"builtins.{name}" if name in _BUILTINS else ""

    def _first(self, definitions: list[Definition]) -> str:
        for definition in definitions:
            if definition.kind == "library":
                return definition.symbol
            if definition.kind == "scope" and definition.scope is not None:
                return f"{definition.scope.path}::{definition.scope.qualname}"
            if definition.kind == "module" and definition.module is not None:
                return definition.module.path
            if definition.kind in ("variable", "missing") and definition.module is not None:
                return f"{definition.module.path}::{definition.symbol}"
        return ""

    # parts

    def attribute(self, origin: str, name: str, depth: int = 0) -> str:
        """`origin.name`, looked up where the origin is of the project."""
        if not origin or depth > _DEEPEST:
            return ""
        module = self.modules.get(origin)
        if module is not None:
            return self.of_global(module, name, depth + 1) or f"{origin}::{name}"
        if "::" not in origin:
            return f"{origin}.{name}"
        owner = self.scope(origin)
        if owner is None or owner.kind != "class":
            return f"{origin}.{name}"
        return self._member(owner, name, origin, depth)

    def _member(self, owner: Scope, name: str, origin: str, depth: int) -> str:
        ancestors, libraries = self.lineage(owner)
        for ancestor in ancestors:
            for child in ancestor.children:
                if child.name == name and child.kind != "lambda":
                    if any(part in ("property", "cached_property") for part in child.decorators):
                        return self.result(child, depth + 1)
                    return f"{ancestor.path}::{child.qualname}"
            value = self._attributes_of(ancestor).get(name)
            if value is not None and (found := self.of(*value, depth=depth + 1)):
                return found
        if libraries:
            return f"{libraries[0]}().{name}" if origin.endswith("()") else f"{libraries[0]}.{name}"
        return f"{origin}.{name}"

    def call(self, origin: str, depth: int = 0) -> str:
        """What calling it gives."""
        if not origin or depth > _DEEPEST:
            return ""
        target = self.scope(origin) if not origin.endswith("()") else None
        if target is not None and target.kind == "function":
            return self.result(target, depth + 1)
        return f"{origin}()"

    def result(self, function: Scope, depth: int = 0) -> str:
        """What a project function returns, or yields as a fixture or context manager."""
        unknown = f"{function.path}::{function.qualname}()"
        if depth > _DEEPEST:
            return unknown
        if function.facts.returns is not None:
            found = self.annotated(function.parent or function, function.facts.returns, depth + 1)
            if found and not found.startswith(("typing.", "collections.abc.", "builtins.")):
                return found
        for statement in function.body.statements:
            if statement.kind in ("return", "yield") and statement.value is not None:
                found = self.of(function, statement.value, depth + 1)
                if found:
                    return found
        return unknown

    def annotated(self, scope: Scope, annotation: Expression, depth: int = 0) -> str:
        """An instance of what an annotation names."""
        if depth > _DEEPEST:
            return ""
        if isinstance(annotation, str):
            found = self.of(scope, annotation, depth + 1)
            return f"{found}()" if found and not found.endswith("()") else found
        if not isinstance(annotation, tuple):
            return ""
        if annotation[0] == facts.ITEM:
            base = annotation[1]
            if isinstance(base, str) and base.rsplit(".", 1)[-1] in _WRAPPERS:
                inner = annotation[2]
                first = inner[2][0] if isinstance(inner, tuple) and inner[0] == "seq" and inner[2] else inner
                return self.annotated(scope, first, depth + 1)
            return self.annotated(scope, base, depth + 1)
        if annotation[0] == facts.OPERATION:
            parts = (self.annotated(scope, part, depth + 1) for part in annotation[2])
            return next(filter(None, parts), "")
        return ""

    def lineage(self, owner: Scope) -> tuple[list[Scope], list[str]]:
        """The class and its project bases, nearest first, and the library bases that they end in."""
        known = self._lineage.get(owner)
        if known is not None:
            return known
        self._lineage[owner] = ([owner], [])  # against cycles
        ancestors, libraries = [owner], []
        for base in owner.facts.bases:
            expression = base[1] if isinstance(base, tuple) and base[0] == facts.ITEM else base
            origin = self.of(owner.parent or owner, expression)
            scope = self.scope(origin)
            if scope is not None and scope.kind == "class" and scope is not owner:
                further, outside = self.lineage(scope)
                ancestors += [part for part in further if part not in ancestors]
                libraries += [part for part in outside if part not in libraries]
            elif origin != "builtins.object":
                libraries.append(origin or "?")
        self._lineage[owner] = (ancestors, libraries)
        return ancestors, libraries

    def sets(self, owner: Scope, name: str) -> bool:
        """Whether an object of the class, or of a base of it, is given an attribute of this name, which hides a method."""
        return any(name in self._attributes_of(ancestor) for ancestor in self.lineage(owner)[0])

    # indexes

    def _by_qualname(self, module: Module) -> dict[str, Scope]:
        found = self._scopes.get(module)
        if found is None:
            found = {scope.qualname: scope for scope in module.scopes if scope.kind != "module"}
            self._scopes[module] = found
        return found

    def _imports_of(self, module: Module) -> dict[int, dict[str, Any]]:
        found = self._imports.get(module)
        if found is None:
            found = {}
            for part in module.imports:
                if part.scope and part.alias:
                    found.setdefault(part.scope, {})[part.alias] = part
            self._imports[module] = found
        return found

    def _bindings(self, scope: Scope) -> dict[str, list[Expression]]:
        found = self._locals.get(scope)
        if found is None:
            if len(self._locals) > _CACHE_LIMIT:
                self._locals.clear()
            found = local_bindings(scope)
            self._locals[scope] = found
        return found

    def _attributes_of(self, owner: Scope) -> dict[str, tuple[Scope, Expression]]:
        """What is assigned to attributes in the class's body and through `self` or `cls` in its methods."""
        found = self._attributes.get(owner)
        if found is None:
            found = {}
            for method in owner.children:
                if method.kind == "function":
                    for name, values in self._bindings(method).items():
                        head, _, attribute = name.partition(".")
                        if values and head in ("self", "cls") and attribute and "." not in attribute:
                            found.setdefault(attribute, (method, values[0]))
            for name, values in self._bindings(owner).items():
                if values:
                    found.setdefault(name, (owner, values[0]))
            self._attributes[owner] = found
        return found


def local_bindings(scope: Scope) -> dict[str, list[Expression]]:
    """Names (also `self.x`) → the values that this scope assigns to them."""
    bound: dict[str, list[Expression]] = {}
    for target, value in _assigned(scope.body):
        if isinstance(target, str):
            values = bound.setdefault(target, [])
            if value is not None:
                values.append(value)
    return bound


def _assigned(body: facts.Body) -> Iterator[tuple[Expression, Expression | None]]:
    """Targets with their values; None for a bare annotation."""
    for statement in body.statements:
        if statement.kind == "assign":
            yield from ((target, statement.value) for target in statement.target)
        elif statement.kind == "annotate":
            yield statement.target, statement.value
    for block in body.blocks:
        if block.kind in ("with", "async-with"):
            yield from ((target, value) for value, target in block.detail)


_BUILTINS = frozenset(dir(builtins))
