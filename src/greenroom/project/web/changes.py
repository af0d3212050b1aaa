"""Whether a function leaves something behind, or only makes up its answer."""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, Statement, last_name
from greenroom.project.code.module import Scope

_WRITES = frozenset({"assign", "augment", "delete"})
_CONTAINERS = frozenset({"list", "dict", "set", "tuple", "sorted", "defaultdict", "Counter", "OrderedDict", "deque", "frozenset"})  # fmt: skip
_MADE = (facts.SEQUENCE, facts.MAPPING, facts.COMPREHENSION)


def changes(scope: Scope, names: re.Pattern[str]) -> bool:
    """Whether it calls something of such a name, or writes into something, other than into lists of its own."""
    own = _own_containers(scope)
    return any(
        names.search(last_name(call.callee))
        and call.callee not in _CONTAINERS
        and _root(call.callee) not in own
        for call in scope.body.calls
    ) or any(is_written(statement, own) for statement in scope.body.statements)


def is_written(statement: Statement, own: frozenset[str] = frozenset()) -> bool:
    """Whether it sets an item or an attribute: more than a name of the function's own.

    Args:
        statement: of any kind.
        own: names of what the function has made itself, which nobody else sees.
    """
    if statement.kind not in _WRITES:
        return False
    targets = (statement.target,) if statement.kind == "augment" else statement.target
    return any(
        ("." in part if isinstance(part, str) else part[0] in (facts.ITEM, facts.ATTRIBUTE))
        and _root(part) not in own
        for part in targets
    )


def _own_containers(scope: Scope) -> frozenset[str]:
    """Names of lists and dictionaries that it makes, and of their items in its loops."""
    own = set()
    for statement in scope.body.statements:
        if statement.kind in ("assign", "annotate") and _is_container(scope, statement.value):
            targets = statement.target if statement.kind == "assign" else (statement.target,)
            own |= {part for part in targets if isinstance(part, str)}
    for block in scope.body.blocks:
        if block.kind == "for" and block.detail[1] in own and isinstance(block.detail[0], str):
            own.add(block.detail[0])
    return frozenset(own)


def _is_container(scope: Scope, value: Expression) -> bool:
    if isinstance(value, int):
        return scope.body.calls[value].callee in _CONTAINERS
    return isinstance(value, tuple) and value[0] in _MADE


def _root(expression: Expression) -> str:
    """`orders` of `orders[0].lines.append`."""
    while isinstance(expression, tuple) and expression[0] in (facts.ITEM, facts.ATTRIBUTE):
        expression = expression[1]
    return expression.partition(".")[0] if isinstance(expression, str) else ""
