"""Signs of the database in a test, and helpers that only prepare it: what a label must not be built on."""

import re

from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.testing import touches
from greenroom.project.testing.origins import Origins

_QUERIES = re.compile(
    r"\.objects\b|\bqueryset\b|\.save'|\.delete'|\.refresh_from_db|bulk_create|assertNumQueries|call_command|full_clean"
    r"|\.query\b|\bsession\b|\.execute'|get_object_or_404|create_user|\.set'|connection\b|\.filter'|\.all'|\.create'"
)
_SURE_QUERIES = re.compile(
    rb"\.objects\.|\.refresh_from_db|bulk_create|assertNumQueries|call_command|full_clean|\.query\.|\.session\."
    rb"|get_object_or_404|create_user|connection\."
)
_POSSIBLE_QUERIES = re.compile(
    rb"\.objects|queryset|\.save|\.delete|\.query|session|\.execute|\.set|connection|\.filter|\.all|\.create"
)
"""With the sure ones, what the packed form of a body holds wherever its text would match."""
_PREPARES = re.compile(
    r"_*(?:create|setup|set_up|make|init|destroy|gen|generate|register|build|prepare|seed|populate|install)(?:_|$)"
)
_DEEPEST = 4


class DatabaseSigns:
    """Whether a test's own code, or the code that it calls, asks a database."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._known: dict[Scope, bool] = {}

    def in_any(self, scopes: list[Scope]) -> bool:
        """Whether one of these functions does, or what they call."""
        return any(self._in(scope, 0) for scope in scopes)

    def _in(self, scope: Scope, depth: int) -> bool:
        known = self._known.get(scope)
        if known is not None:
            return known
        self._known[scope] = False  # against cycles
        found = scope.index in scope.module.reading(asking_a_database)
        if not found and depth < _DEEPEST:
            found = any(self._in(target, depth + 1) for target in self._called(scope))
        self._known[scope] = found
        return found

    def _called(self, scope: Scope) -> list[Scope]:
        found = [child for child in scope.children if child.kind != "class"]
        for index in range(len(scope.body.calls)):
            target = self._origins.scope(self._origins.callee(scope, index).removesuffix("()"))
            if target is not None and target.kind == "class":
                found += [child for child in target.children if child.kind == "function"]
            elif target is not None:
                found.append(target)
        return found


def asking_a_database(module: Module) -> frozenset[int]:
    """The indices of the functions whose own code does so; a reader, see `Module.reading`."""
    return frozenset([scope.index for scope in module.scopes if scope.is_function and _queries(scope)])


def _queries(scope: Scope) -> bool:
    packed = scope.module.packed_body(scope.index)
    if _SURE_QUERIES.search(packed):
        return True
    if not _POSSIBLE_QUERIES.search(packed):
        return False
    body = scope.body
    return _QUERIES.search(repr((body.calls, body.statements, body.blocks))) is not None


def only_prepares(function: Scope, origins: Origins) -> bool:
    """A helper such as `create_app()` that uses a test client itself, and does not hand it on."""
    if not _PREPARES.match(function.name) or function.owner is not None:
        return False
    body = function.body
    kinds = touches.of_calls(origins, function)
    clients = {index for index, kind in enumerate(kinds) if kind == touches.IN_PROCESS}
    names = {
        target
        for statement in body.statements
        if statement.kind == "assign" and statement.value in clients
        for target in statement.target
        if isinstance(target, str)
    }
    for block in body.blocks:
        if block.kind in ("with", "async-with"):
            names |= {
                target for value, target in block.detail if value in clients and isinstance(target, str)
            }
    given = [part.value for part in body.statements if part.kind in ("return", "yield")]
    return not any(_mentions(function, value, names, clients) for value in given)


def _mentions(function: Scope, value: facts.Expression, names: set[str], clients: set[int]) -> bool:
    for part in facts.walk(value):
        if isinstance(part, str) and part.partition(".")[0] in names:
            return True
        if isinstance(part, int) and (
            part in clients or _mentions(function, function.body.calls[part].callee, names, clients)
        ):
            return True
    return False


def parametrised(function: Scope) -> frozenset[str]:
    """The arguments that `parametrize` gives: no fixtures, whatever they are called."""
    found: set[str] = set()
    for scope in (function, function.owner):
        for decorator in scope.decorators if scope is not None and scope.parent is not None else ():
            if not isinstance(decorator, int) or scope is None or scope.parent is None:
                continue
            call = scope.parent.body.calls[decorator]
            if not str(call.callee).endswith("parametrize") or not call.arguments:
                continue
            first = call.arguments[0]
            text = facts.constant(first)
            if isinstance(text, str):
                found |= {part.strip() for part in text.split(",")}
            elif isinstance(first, tuple) and first[0] == facts.SEQUENCE:
                found |= {str(facts.constant(part)) for part in first[2]}
    return frozenset(found)
