"""What a function seems to add to, by its name alone: few names are those of containers that last."""

from collections.abc import Iterator

from greenroom.catalogue.resource.held import assigned
from greenroom.detect.search import mentions, whole
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Statement
from greenroom.project.code.module import Module, Scope

ADDS = {"append": 0, "appendleft": 0, "add": 0, "setdefault": 0, "insert": 1, "put": 0, "put_nowait": 0, "extend": -1,
        "update": -1, "extendleft": -1}  # fmt: skip
"""Methods, and which of their arguments is added."""
RENAMED = "*"
"""In place of a local name that stands for another one."""
_ASSIGNS = whole("item", "augment")


def growth_names(module: Module) -> dict[int, tuple[str, ...]]:
    """By index of each function: the last names of what it may add to; a reader, see `Module.reading`."""
    found = {scope.index: _names_in(scope) for scope in module.scopes if scope.is_function}
    return {index: names for index, names in found.items() if names}


def renamed_in(scope: Scope) -> frozenset[str]:
    """Local names that are assigned another name, here or in a function around."""
    outer = scope.parent
    around = renamed_in(outer) if outer is not None and outer.kind != "module" else frozenset()
    return around.union([part.name for part in assigned(scope.body) if isinstance(part.value, str)])


def adding(scope: Scope) -> Iterator[Call | Statement]:
    """The calls and assignments of a scope that may make something longer."""
    if not ADDS.keys().isdisjoint(scope.facts.called):
        yield from (call for call in scope.body.calls if facts.last_name(call.callee) in ADDS)
    if mentions(scope, _ASSIGNS):
        for statement in scope.body.statements:
            if statement.kind == "augment" or (
                statement.kind == "assign" and any(type(target) is tuple for target in statement.target)
            ):
                yield statement


def root_of(expression: Expression) -> tuple[Expression, tuple[Expression, ...]]:
    """`X[a][b]` → X and its keys."""
    keys: list[Expression] = []
    while isinstance(expression, tuple) and expression[0] == facts.ITEM:
        keys.append(expression[2])
        expression = expression[1]
    return expression, tuple(reversed(keys))


def asked_of(scope: Scope, inner: Expression) -> Expression:
    """`X.setdefault(k, [])` and `X.get(k)` as `X[k]`; anything else as it is."""
    if isinstance(inner, int):
        made = scope.body.calls[inner]
        if isinstance(made.callee, str) and made.callee.endswith((".setdefault", ".get")):
            return (facts.ITEM, made.callee.rpartition(".")[0], made.arguments[0] if made.arguments else None)
    return inner


def _names_in(function: Scope) -> tuple[str, ...]:
    roots = {root for part in adding(function) for root in _roots(function, part) if isinstance(root, str)}
    names = {root.rpartition(".")[2] for root in roots}
    if any("." not in root for root in roots) and not renamed_in(function).isdisjoint(roots):
        names.add(RENAMED)
    return tuple(sorted(names))


def _roots(function: Scope, part: Call | Statement) -> Iterator[Expression]:
    if isinstance(part, Call):
        if isinstance(part.callee, str):
            yield part.callee.rpartition(".")[0]
        elif isinstance(part.callee, tuple) and part.callee[0] == facts.ATTRIBUTE:
            yield root_of(asked_of(function, part.callee[1]))[0]
    else:
        for target in part.target if part.kind == "assign" else (part.target,):
            yield from _targets(target)


def _targets(target: Expression) -> Iterator[Expression]:
    if isinstance(target, tuple) and target[0] == facts.SEQUENCE:
        for part in target[2]:
            yield from _targets(part)
    else:
        yield root_of(target)[0]
