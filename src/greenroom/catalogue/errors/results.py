"""What a function gives when all is well, to hold a handler's answer against."""

from greenroom.catalogue.errors.handlers import emptiness, is_logging
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression, Statement
from greenroom.project.code.module import Scope

# Lookups whose None means "there is no such thing".
_MAY_BE_NONE = frozenset(
    {
        "get", "first", "find_one", "one_or_none", "scalar", "scalar_one_or_none", "hget", "fetchone", "fetchrow",
        "fetchval", "fetch_one", "fetch_val", "getex", "lpop", "rpop", "blpop", "find", "get_or_none", "lookup",
    }
)  # fmt: skip
_COMPLAINTS = ("error", "warning", "warn", "exception", "critical")


def success_results(scope: Scope) -> list[Statement]:
    """The `return`s which are neither in a handler nor the end of a branch that logs why it gives up."""
    body = scope.body
    return [
        part for part in body.statements
        if part.kind == "return"
        and not any(block.kind == "except" for block in body.enclosing(part.block))
        and not _gives_up(body, part)
    ]  # fmt: skip


def _gives_up(body: Body, result: Statement) -> bool:
    """`logger.error("…"); return None`."""
    if emptiness(body, result.value) not in ("none", "empty", "false"):
        return False
    for part in body.statements:
        if part.kind == "expression" and part.block == result.block and part.line < result.line:
            value = part.value
            if isinstance(value, int) and is_logging(body.calls[value]):
                name = str(body.calls[value].callee).rsplit(".", 1)[-1]
                if emptiness(body, result.value) == "none" or name in _COMPLAINTS:
                    return True
    return False


def may_look_like(body: Body, result: Statement, gives: str) -> bool:
    """Whether this result of a success can look like what the handler gives."""
    given = emptiness(body, result.value)
    if gives == "none":
        return given == "none" or _looks_up(body, result.value)
    return given == gives or (
        gives == "empty" and given in ("default", "other") and not _is_filled(result.value)
    )


def _looks_up(body: Body, value: Expression) -> bool:
    if isinstance(value, tuple) and value[0] == facts.AWAIT:
        value = value[1]
    if not isinstance(value, int):
        return False
    callee = body.calls[value].callee
    last = callee.rsplit(".", 1)[-1] if isinstance(callee, str) else callee[-1]
    return isinstance(last, str) and last in _MAY_BE_NONE


def _is_filled(value: Expression) -> bool:
    """A literal that always has something in it."""
    if not isinstance(value, tuple):
        return False
    if value[0] == facts.MAPPING:
        return bool(value[1]) and None not in value[1]
    if value[0] == facts.TEXT:
        return True
    return value[0] == facts.CONSTANT and bool(value[1])
