"""Names worth a closer look, over the whole project."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from greenroom.project.calls.classes import is_property
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

_COMMON_METHODS = frozenset(
    name for kind in (str, bytes, dict, list, set, int, object) for name in dir(kind)
) | {"close", "read", "write", "send", "run", "start", "stop", "save", "delete", "execute", "all", "first"}


_HOLDING = (str, tuple)
# They look at a function; nobody runs it.
_ASK_ABOUT = frozenset({"iscoroutinefunction", "isfunction", "ismethod", "isgeneratorfunction", "signature"})


class NotedNames:
    """Properties and functions by their bare names, and the methods that only one class has."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.properties: set[str] = set()
        self.functions: set[str] = set()
        self.methods: dict[str, list[Scope]] = defaultdict(list)
        self.uses = _Uses(self)
        for module in modules:
            for scope in module.scopes:
                if scope.kind != "function":
                    continue
                self.functions.add(scope.name)
                if scope.decorators and is_property(scope):
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


class Use(NamedTuple):
    """What reading a dotted name may run."""

    is_function: bool
    """Some function of the project has this name: it may be handed over."""
    properties: tuple[tuple[str, str], ...]
    """What is read of what, where some class has such a property: `("self", "url")` of `self.url.path`."""


class _Uses(dict[str, Use | None]):
    """Dotted name → its use, found once for the whole project; None for a name that runs nothing."""

    def __init__(self, names: NotedNames) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, dotted: str) -> Use | None:
        first, *rest = dotted.split(".")
        properties, base = [], first
        for part in rest:
            if part in self._names.properties:
                properties.append((base, part))
            base = f"{base}.{part}"
        last = rest[-1] if rest else first
        use = Use(last in self._names.functions, tuple(properties))
        found = self[dotted] = use if use.is_function or properties else None
        return found


def names_read(body: Body) -> Iterable[tuple[str, int]]:
    """Dotted name and line of what a body reads, other than the names that it calls; each once."""
    found: list[tuple[str, int]] = []
    for call in body.calls:
        _add_names_of_call(call, found)
    for statement in body.statements:
        if type(statement.value) in _HOLDING:
            _add_names(statement.value, statement.line, found)
    for block in body.blocks:
        if block.kind in ("if", "while"):
            _add_names(block.detail, block.line, found)
        elif block.kind in ("for", "async-for"):
            _add_names(block.detail[1], block.line, found)
    return dict.fromkeys(found)


def _add_names_of_call(call: Call, found: list[tuple[str, int]]) -> None:
    line, _, _, callee, arguments, keywords, _, _ = call
    if type(callee) is str:
        base, _, last = callee.rpartition(".")
        if "." in base:
            found.append((base, line))
        if last in _ASK_ABOUT:
            return
    else:
        _add_names(callee, line, found)
    for part in arguments:
        if type(part) is str:
            found.append((part, line))
        elif type(part) is tuple:
            _add_names(part, line, found)
    for _, part in keywords:
        if type(part) is str:
            found.append((part, line))
        elif type(part) is tuple:
            _add_names(part, line, found)


def _add_names(expression: Expression, line: int, found: list[tuple[str, int]]) -> None:
    """As `facts.walk` finds them; most expressions are names, calls and constants."""
    if type(expression) is str:
        found.append((expression, line))
    elif type(expression) is tuple and expression[0] != facts.CONSTANT:
        for part in facts.children(expression):
            if type(part) is str:
                found.append((part, line))
            elif type(part) is tuple:
                _add_names(part, line, found)
