"""Does a place run on a developer's machine only: `if settings.environment == "development":`?"""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression

_ELSEWHERE = re.compile(r"^(?:dev|develop|development|local|localhost|test|tests|testing|ci)$", re.IGNORECASE)
_SAYS_SO = re.compile(r"^(?:is_)?(?:dev|development|debug|local|testing)(?:_mode)?$", re.IGNORECASE)


def is_for_developers(body: Body, block: int) -> bool:
    """Whether an `if` around the block asks for that."""
    return any(found.kind == "if" and _asks(body, found.detail) for found in body.enclosing(block))


def _asks(body: Body, test: Expression) -> bool:
    if type(test) is int:  # `getattr(settings, "DEBUG", False)`
        call = body.calls[test]
        names = [facts.constant(part) for part in call.arguments[1:2]]
        return facts.last_name(call.callee) == "getattr" and any(
            isinstance(name, str) and _SAYS_SO.search(name) for name in names
        )
    if isinstance(test, str):
        return _SAYS_SO.search(test.rsplit(".", 1)[-1]) is not None
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or test[1] != ("==",):
        return False
    values = [facts.constant(part) for part in facts.walk(test)]
    return any(isinstance(value, str) and _ELSEWHERE.search(value) for value in values)
