"""Classes of the project: bases, members, implementations."""

from collections.abc import Callable

from greenroom.project.calls.bindings import Bindings, attribute_bindings, scope_bindings
from greenroom.project.calls.trail import Trail
from greenroom.project.calls.values import Value, Values
from greenroom.project.code.facts import ITEM, Expression
from greenroom.project.code.module import Scope

_ABSTRACT = {"abstractmethod", "abstractproperty", "overload"}
_MOST_IMPLEMENTATIONS = 3

_Line = tuple[list[Scope], list[str]]


class Classes:
    """Looks up members through bases."""

    def __init__(self, resolve: Callable[[Scope, Expression], Values], trail: Trail) -> None:
        self._resolve = resolve
        self._trail = trail
        self._lines: dict[Scope, tuple[_Line, int]] = {}
        self._attributes: dict[Scope, list[tuple[Scope, Bindings]]] = {}
        self._members: dict[Scope, dict[str, list[Scope]]] = {}
        self._subclasses: dict[Scope, list[Scope]] | None = None
        self._open: set[Scope] = set()

    def line(self, cls: Scope) -> _Line:
        """The class and its bases in lookup order, and the names of its bases in libraries."""
        entry = self._lines.get(cls)
        if entry is None:
            return self._find_line(cls)
        self._trail.seen |= entry[1]
        return entry[0]

    def _find_line(self, cls: Scope) -> _Line:
        trail = self._trail
        if cls in self._open:  # a class that is its own base, in code that never ran
            trail.cyclic = True
            return [cls], []
        self._open.add(cls)
        before, trail.seen = trail.seen, cls.module.bit
        cyclic, trail.cyclic = trail.cyclic, False
        found = self._line(cls)
        self._open.discard(cls)
        if not trail.cyclic:
            self._lines[cls] = (found, trail.noted())
        trail.seen |= before
        trail.cyclic |= cyclic
        return found

    def _line(self, cls: Scope) -> _Line:
        scopes, libraries = [cls], []
        for base in cls.facts.bases:
            bare = base[1] if isinstance(base, tuple) and base[0] == ITEM else base
            for value in self._resolve(cls.parent or cls.module.top, bare):
                if value.kind == "class":
                    inner_scopes, inner_libraries = self.line(value.ref)
                    scopes.extend(inner_scopes)
                    libraries.extend(inner_libraries)
                elif value.kind == "library":
                    libraries.append(value.ref)
        # As C3 does for the diamonds that occur: a shared base comes after all that derive from it.
        unique = list(dict.fromkeys(reversed(scopes)))
        return list(reversed(unique)), list(dict.fromkeys(libraries))

    def member(self, cls: Scope, name: str) -> Scope | None:
        """The method or nested class of this name, through the bases."""
        for scope in self.line(cls)[0]:
            found = self._own_members(scope).get(name)
            if found:
                return found[-1]  # the last definition wins, as with property setters before it
        return None

    def getter(self, cls: Scope, name: str) -> Scope | None:
        """The function behind a property, or None."""
        for scope in self.line(cls)[0]:
            for member in self._own_members(scope).get(name, ()):
                if is_property(member):
                    return member
            if name in self._own_members(scope):
                return None
        return None

    def _own_members(self, cls: Scope) -> dict[str, list[Scope]]:
        found = self._members.get(cls)
        if found is None:
            found = {}
            for child in cls.children:
                if child.kind != "lambda":
                    found.setdefault(child.name, []).append(child)
            self._members[cls] = found
        return found

    def attribute(self, cls: Scope, name: str) -> list[tuple[Scope, Bindings]]:
        """Scopes of the class's line that bind `self.name` or `name` in the class body."""
        for scope in self.line(cls)[0]:
            found = [(place, bound) for place, bound in self.own_attributes(scope) if name in bound]
            if found:
                return found
        return []

    def own_attributes(self, cls: Scope) -> list[tuple[Scope, Bindings]]:
        """Per class body and method: the attributes that it binds."""
        found = self._attributes.get(cls)
        if found is None:
            found = [(cls, scope_bindings(cls))]
            for child in cls.children:
                if child.kind == "function" and child.parameters:
                    bound = attribute_bindings(child, child.parameters[0].name)
                    if bound:
                        found.append((child, bound))
            self._attributes[cls] = found
        return found

    def index_subclasses(self, subclasses: dict[Scope, list[Scope]]) -> None:
        """Needed once before `implementations`; by class, all that derive from it."""
        self._subclasses = subclasses

    def overriding(self, method: Scope) -> list[Scope]:
        """The methods of subclasses that may stand in for it."""
        if self._subclasses is None or method.owner is None:
            return []
        return [
            member
            for subclass in self._subclasses.get(method.owner, ())
            for member in self._own_members(subclass).get(method.name, ())
        ]

    def deriving(self, cls: Scope) -> list[Scope]:
        """All classes that derive from it, as far as they were told."""
        return (self._subclasses or {}).get(cls, [])

    def implementations(self, cls: Scope, method: Scope) -> list[Scope]:
        """For a method without a body of its own: those of the subclasses."""
        if not is_stub(method):
            return []
        if self._subclasses is None:  # while they are being found out: ask again later
            self._trail.cyclic = True
            return []
        found = []
        for subclass in self._subclasses.get(cls, ()):
            self._trail.seen |= subclass.module.bit
            for member in self._own_members(subclass).get(method.name, ()):
                if not is_stub(member) and member not in found:
                    found.append(member)
        return found if len(found) <= _MOST_IMPLEMENTATIONS else []


def decorator_names(scope: Scope) -> list[str]:
    """Last parts of the decorators' names, such as `property`, `get` or `contextmanager`."""
    names = []
    for decorator in scope.decorators:
        name = decorator_name(scope, decorator)
        if name:
            names.append(name.rsplit(".", 1)[-1])
    return names


def decorator_name(scope: Scope, decorator: Expression) -> str:
    """The dotted name, also of a decorator that is called; empty where it has none."""
    if isinstance(decorator, int) and scope.parent is not None:
        decorator = scope.parent.body.calls[decorator].callee
    return decorator if isinstance(decorator, str) else ""


def is_property(scope: Scope) -> bool:
    """Whether reading the attribute runs the function."""
    if scope.kind != "function":
        return False
    return any(name in ("property", "cached_property", "hybrid_property") for name in decorator_names(scope))


def is_stub(scope: Scope) -> bool:
    """Whether the function does nothing but promise: abstract, `...`, `pass`, NotImplementedError."""
    if scope.kind != "function":
        return False
    if _ABSTRACT.intersection(decorator_names(scope)):
        return True
    body = scope.body
    if any(part.kind not in ("pass", "raise") for part in body.statements):
        return False
    return len(body.statements) <= 1 or scope.facts.documented


def instance(cls: Scope, certainty: int = 2) -> Value:
    """An object of this project class."""
    return Value("instance", cls, certainty)
