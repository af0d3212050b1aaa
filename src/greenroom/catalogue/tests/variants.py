"""Conditions that ask which of several there is: whichever it is, nothing is missing."""

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Statement
from greenroom.project.code.module import Scope

_YES = frozenset({"1", "true", "yes", "on", "y", "t", "enabled"})


def is_variant(test: Expression) -> bool:
    """A comparison with a word that is no yes: which of several there is."""
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or test[1] not in (("==",), ("!=",)):
        return False
    words = [facts.constant(part) for part in test[2]]
    return any(isinstance(word, str) and word and word.lower() not in _YES for word in words)


def is_choice(statement: Statement) -> bool:
    """`return engine == "infinity"`."""
    value = statement.value
    return (
        statement.kind == "return"
        and isinstance(value, tuple)
        and value[0] == facts.COMPARE
        and value[1] in (("==",), ("!=",))
        and any(isinstance(facts.constant(part), str) and facts.constant(part) for part in value[2])
    )


def is_of_one_parameter(scope: Scope, call: Call) -> bool:
    """`if request.param == "redis"` around it: the tests go on with the other parameters."""
    return any("'request.param" in repr(block.detail) for block in scope.body.enclosing(call.block))
