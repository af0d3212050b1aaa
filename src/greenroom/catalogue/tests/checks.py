"""The checks of a test in one form, however they are spelled; shared by the entries of this family."""

from collections.abc import Iterator
from typing import NamedTuple

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.testing.origins import Origins

_COMPARING = {
    "assertEqual": "==", "assertEquals": "==", "assertNotEqual": "!=", "assertIs": "is", "assertIsNot": "is not",
    "assertIn": "in", "assertNotIn": "not in", "assertGreater": ">", "assertGreaterEqual": ">=", "assertLess": "<",
    "assertLessEqual": "<=", "assertListEqual": "==", "assertDictEqual": "==", "assertTupleEqual": "==",
    "assertSetEqual": "==", "assertSequenceEqual": "==", "assertCountEqual": "==", "assertMultiLineEqual": "==",
    "assert_equal": "==", "assert_not_equal": "!=",
}  # fmt: skip
_NONE = (facts.CONSTANT, None)
_MISSPELLED = frozenset({
    "called_once_with", "called_with", "called_once", "not_called", "has_calls", "has_awaits", "awaited_once_with",
})  # fmt: skip
"""Since Python 3.12 a mock refuses them."""
_RAISING = ("raises", "raisesregex", "raisesmessage")
ISINSTANCE = "isinstance"
"""The operator of a check of a type."""


class Check(NamedTuple):
    """One check that stands in the test itself."""

    line: int
    end_line: int
    block: int
    test: Expression | None
    """What must be true, `assertEqual(a, b)` as `a == b`; None where only the spelling says that it checks."""
    call: int
    """Index of the asserting call; -1 for an `assert` statement."""


def checks_of(function: Scope) -> Iterator[Check]:
    """The `assert` statements and asserting calls of a function, in no particular order."""
    body = function.body
    for statement in body.statements:
        if statement.kind == "assert":
            yield Check(statement.line, statement.end_line, statement.block, _test(body, statement.value), -1)
    asserting = {name for name in function.facts.called if name.startswith(("assert", "_assert"))}
    for index, call in enumerate(body.calls if asserting else ()):
        if last_name(call.callee) in asserting:
            yield Check(call.line, call.end_line, call.block, _of_call(call), index)


def idle_mock_checks(function: Scope, origins: Origins) -> Iterator[tuple[Check, str]]:
    """What was meant to ask a mock and asks nothing: `m.assert_called_once`, `m.called_once_with(…)`."""
    body = function.body
    for statement in body.statements:
        name = statement.value
        if statement.kind == "expression" and isinstance(name, str) and ".assert_" in name:
            check = Check(statement.line, statement.end_line, statement.block, None, -1)
            yield check, f"`{name}` is named and not called"
    misspelled = _MISSPELLED.intersection(function.facts.called)
    for index, call in enumerate(body.calls if misspelled else ()):
        name = last_name(call.callee)
        if name not in misspelled or not isinstance(call.callee, str) or "." not in call.callee:
            continue
        origin = origins.callee(function, index)
        if origin.startswith(("unittest.mock.", "mock.")) or (not origin and "once" in name):
            check = Check(call.line, call.end_line, call.block, None, index)
            yield check, f"`{call.callee}(…)` is no assertion of a mock, and answers with another mock"


def dropped_comparisons(function: Scope) -> Iterator[tuple[Check, str]]:
    """`result == expected` as a statement of its own; not where comparing is what should raise."""
    body = function.body
    for statement in body.statements:
        value = statement.value
        if statement.kind != "expression" or not isinstance(value, tuple) or value[0] != facts.COMPARE:
            continue
        around = body.enclosing(statement.block)
        if all(
            block.kind not in ("with", "async-with", "try") or not _may_expect(body, block)
            for block in around
        ):
            check = Check(statement.line, statement.end_line, statement.block, None, -1)
            yield check, f"the comparison on line {statement.line} has no `assert`, and its result is dropped"


def is_never_reached(function: Scope, check: Check) -> bool:
    """Behind what should raise, in one `with pytest.raises(…)`: there it only uses a name."""
    body = function.body
    if not any(part.block == check.block and part.line < check.line for part in body.statements):
        return False
    return any(
        isinstance(value, int) and last_name(body.calls[value].callee).lower().endswith(_RAISING)
        for block in body.enclosing(check.block)
        if block.kind in ("with", "async-with")
        for value, _ in block.detail
    )


def _may_expect(body: Body, block: facts.Block) -> bool:
    """Whether an exception of the block is looked at: a `try`, or `with pytest.raises(…)` and its like."""
    if block.kind == "try":
        return True
    entered = [last_name(body.calls[value].callee) for value, _ in block.detail if isinstance(value, int)]
    return any(
        word in name.lower()
        for name in entered
        for word in ("raise", "warn", "suppress", "expect", "deprecat")
    )


def _test(body: Body, expression: Expression) -> Expression:
    """`isinstance(x, T)` as a comparison."""
    if isinstance(expression, int):
        call = body.calls[expression]
        if call.callee == "isinstance" and len(call.arguments) == 2:
            return (facts.COMPARE, (ISINSTANCE,), call.arguments)
    return expression


def _of_call(call: Call) -> Expression | None:
    name, given = last_name(call.callee), call.arguments
    if not isinstance(call.callee, str) or call.callee.count(".") > 1 or not given:
        return None  # `mock.x.assert_called_with(…)`
    first = given[0]
    if name == "assertTrue":
        return first
    if name == "assertFalse":
        return (facts.OPERATION, "not", (first,))
    if name in ("assertIsNone", "assertIsNotNone"):
        return (facts.COMPARE, ("is" if name == "assertIsNone" else "is not",), (first, _NONE))
    if len(given) < 2 or not call.callee.startswith(("self.", "cls.", "assert")):
        return None
    if name == "assertIsInstance":
        return (facts.COMPARE, (ISINSTANCE,), given[:2])
    return (facts.COMPARE, (_COMPARING[name],), given[:2]) if name in _COMPARING else None


def is_always_false(test: Expression | None) -> bool:
    """`assert False`, `assertTrue(0)`, `assertFalse(1)`."""
    if isinstance(test, tuple) and test[0] == facts.OPERATION and test[1] == "not":
        return isinstance(test[2][0], tuple) and bool(facts.constant(test[2][0]))
    return isinstance(test, tuple) and test[0] == facts.CONSTANT and not test[1]


def bound_once(function: Scope) -> dict[str, Expression]:
    """Local names that the function binds exactly once by a plain assignment, with their values."""
    found: dict[str, list[Expression]] = {}
    rebound = {name for target in _other_targets(function.body) for name in _names(target)}
    for statement in function.body.statements:
        plain = statement.kind == "annotate" and statement.value is not None
        for target in statement.target if statement.kind == "assign" else (statement.target,) * plain:
            if isinstance(target, str):
                found.setdefault(target, []).append(statement.value)
            else:
                rebound |= _names(target)
    return {name: values[0] for name, values in found.items() if len(values) == 1 and name not in rebound}


def _other_targets(body: Body) -> Iterator[Expression]:
    """What is bound or changed otherwise than by an assignment."""
    for statement in body.statements:
        if statement.kind == "augment" or (statement.kind == "annotate" and statement.value is None):
            yield statement.target
        elif statement.kind in ("global", "delete"):
            yield from statement.target
    for block in body.blocks:
        if block.kind in ("for", "async-for"):
            yield block.detail[0]
        elif block.kind in ("with", "async-with"):
            yield from (target for _, target in block.detail)


def _names(target: Expression) -> set[str]:
    return {part for part in facts.walk(target) if isinstance(part, str)}
