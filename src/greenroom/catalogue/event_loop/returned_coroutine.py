"""A plain handler that gives a coroutine back: the framework takes it for the answer, and nobody awaits it."""

from typing import Final

from greenroom.model.finding import Reach
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_OF_NONE: Final = frozenset({"is", "is not", "==", "!="})


def is_the_answer(project: Project, scope: Scope, index: int, call: Call) -> bool:
    """Whether a route's handler, no coroutine itself, returns what the call gives, at once or by a name.

    One with further decorators may be wrapped by what awaits; an abstract one is somebody else's.
    """
    entry = project.entries.entry(scope)
    if scope.is_async or scope.facts.is_generator or len(scope.decorators) > 1:
        return False
    if entry is None or entry.scope is not scope or entry.reach is not Reach.ROUTE or entry.is_around:
        return False
    if call.usage & facts.RETURNED:
        return any(part.kind == "return" and part.value == index for part in scope.body.statements)
    return bool(call.usage & facts.ASSIGNED) and _is_returned_by_name(scope.body, index)


def _is_returned_by_name(body: Body, index: int) -> bool:
    """`order = fetch(…)`, `if order is None: …`, `return order`, and nothing else is done with it."""
    assigned = [part for part in body.statements if part.kind == "assign" and part.value == index]
    names = [part.target[0] for part in assigned if len(part.target) == 1]
    if len(names) != 1 or not isinstance(names[0], str) or "." in names[0]:
        return False
    name = names[0]
    if sum(part.kind in ("assign", "annotate") and name in part.target for part in body.statements) != 1:
        return False
    given = [
        value
        for call in body.calls
        for value in (call.callee, *call.arguments, *(each for _, each in call.keywords))
    ]
    given += [part.value for part in body.statements if part.kind != "return"]
    given += [_without_none(name, block.detail) for block in body.blocks if block.kind in ("if", "while")]
    used = any(
        isinstance(part, str) and part.partition(".")[0] == name
        for value in given
        for part in facts.walk(value)
    )
    return not used and any(part.kind == "return" and part.value == name for part in body.statements)


def _without_none(name: str, test: Expression) -> Expression:
    """The test, where it asks for more than whether anything is there."""
    if test in (name, (facts.OPERATION, "not", (name,))):
        return None
    if isinstance(test, tuple) and test[0] == facts.COMPARE and set(test[1]) <= _OF_NONE:
        left, *others = test[2]
        if left == name and all(map(facts.is_none, others)):
            return None
    return test
