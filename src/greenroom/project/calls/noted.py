"""Names worth a closer look, over the whole project."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from greenroom.project.calls.classes import is_property
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind

_COMMON_METHODS = frozenset(
    name for kind in (str, bytes, dict, list, set, int, object) for name in dir(kind)
) | {"close", "read", "write", "send", "run", "start", "stop", "save", "delete", "execute", "all", "first"}


class NotedNames:
    """Properties and functions by their bare names, and the methods that only one class has."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.properties: set[str] = set()
        self.functions: set[str] = set()
        self.methods: dict[str, list[Scope]] = defaultdict(list)
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


def names_read(body: Body) -> Iterator[tuple[int, str]]:
    """Line and dotted name of what a body reads, other than the names that it calls."""
    for call in body.calls:
        yield from _read_by_call(call)
    for statement in body.statements:
        if statement.value is not None:
            yield from _texts(statement.value, statement.line)
    for block in body.blocks:
        if block.kind in ("if", "while"):
            yield from _texts(block.detail, block.line)
        elif block.kind in ("for", "async-for"):
            yield from _texts(block.detail[1], block.line)


def _read_by_call(call: Call) -> Iterator[tuple[int, str]]:
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


def _texts(expression: Expression, line: int) -> Iterator[tuple[int, str]]:
    if isinstance(expression, str):
        yield line, expression
    elif isinstance(expression, tuple):
        for part in facts.walk(expression):
            if isinstance(part, str):
                yield line, part
