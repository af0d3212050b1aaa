"""Calls that what the caller hands over switches off: `load(url, stream=False)` and `if stream:` in `load`."""

from greenroom.project.calls.edge import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, Parameter
from greenroom.project.code.module import Scope

_TRUTH: dict[Expression, bool] = {(facts.CONSTANT, value): bool(value) for value in (True, False, None)}


def switches_off(outer: Edge, inner: Edge) -> bool:
    """Whether the inner call stands under `if flag:`, and the outer one hands over `flag=False`."""
    if outer.call < 0 or inner.call < 0 or outer.target is not inner.caller:
        return False
    body, given = inner.caller.body, outer.caller.body.calls[outer.call]
    block = body.calls[inner.call].block
    while block >= 0:
        found = body.blocks[block]
        # An `else` is taken where its `if` is not.
        test = body.blocks[found.owner] if found.kind == "else" else found
        if test.kind == "if" and _holds(inner.caller, given, test.detail) is (found.kind == "else"):
            return True
        block = found.parent
    return False


def _holds(function: Scope, given: Call, test: Expression) -> bool | None:
    """Whether a test holds with what the call gives; None where that depends on more."""
    if isinstance(test, str):
        value = None if _is_set_again(function.body, test) else handed_over(function, given, test)
        return _TRUTH.get(value)
    if not isinstance(test, tuple):
        return None
    if test[:2] == (facts.OPERATION, "not"):
        inner = _holds(function, given, test[2][0])
        return None if inner is None else not inner
    if test[0] == facts.EITHER and test[1] in ("and", "or"):
        decides = bool(test[1] == "or")
        parts = [_holds(function, given, part) for part in test[2]]
        if decides in parts:
            return decides
        return None if None in parts else not decides
    return None


def _is_set_again(body: Body, name: str) -> bool:
    return any(
        name == part.target or (isinstance(part.target, tuple) and name in part.target)
        for part in body.statements
        if part.kind in ("assign", "annotate", "augment")
    )


def handed_over(function: Scope, call: Call, name: str) -> Expression:
    """What the call gives for a parameter, or its default; None where that is not written there."""
    parameters: list[Parameter] = list(function.parameters)
    if function.owner is not None and parameters and "staticmethod" not in function.decorators:
        parameters.pop(0)
    wanted = next((part for part in parameters if part.name == name), None)
    if wanted is None or any(key is None for key, _ in call.keywords):
        return None
    given = call.keyword(name)
    if given is not None:
        return given
    if any(isinstance(part, tuple) and part[0] == facts.STAR for part in call.arguments):
        return None
    position = parameters.index(wanted)
    if wanted.kind == "positional" and position < len(call.arguments):
        return call.arguments[position]
    return wanted.default
