"""Calls that cannot succeed: the function that is certainly meant lacks an argument, or has no place for one."""

from greenroom.project.calls.edge import Edge
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Parameter
from greenroom.project.code.module import Scope

_NAMED = ("positional", "keyword")


def never_fits(edge: Edge, others: int) -> bool:
    """Whether a call ends in a TypeError: of a plain function, of a method of `self`, or of a class with its own constructor.

    Args:
        edge: The call.
        others: How many further functions the same call may mean.
    """
    target = edge.target
    if target is None or edge.call < 0 or others or edge.certainty < CERTAIN or target.kind != "function":
        return False
    call = edge.caller.body.calls[edge.call]
    takes = _parameters(edge, target, call)
    if takes is None or any(part.kind not in _NAMED for part in takes):
        return False
    if any(_is_spread(part) for part in call.arguments) or any(not name for name, _ in call.keywords):
        return False
    in_order = [part.name for part in takes if part.kind == "positional"]
    filled = {*in_order[: len(call.arguments)], *(str(name) for name, _ in call.keywords)}
    return (
        len(call.arguments) > len(in_order)
        or not filled <= {part.name for part in takes}
        or any(part.default is None and part.name not in filled for part in takes)
    )


def _parameters(edge: Edge, target: Scope, call: Call) -> tuple[Parameter, ...] | None:
    """What a caller has to give; None where it is not plain."""
    if target.decorators:
        return None
    if target.owner is None:
        return target.parameters if edge.how == "call" else None
    is_bound = edge.how == "construct" and target.name == "__init__" and not target.owner.decorators
    is_own = edge.how == "call" and isinstance(call.callee, str) and call.callee == f"self.{target.name}"
    return target.parameters[1:] if (is_bound or is_own) and target.parameters else None


def _is_spread(value: facts.Expression) -> bool:
    return isinstance(value, tuple) and value[0] == facts.STAR
