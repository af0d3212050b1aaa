"""What decorators of the project hand on to the function that they wrap."""

from typing import Final

from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope

_LOOK_AT_IT: Final = frozenset(
    {"wraps", "update_wrapper", "signature", "iscoroutinefunction", "isawaitable", "getattr"}
)


def is_given_too_much(inference: Inference, function: Scope) -> bool:
    """Whether its decorators always call it, or the wrapper of one of them, with more arguments than that takes.

    `check_token` calls `func(request, user)`, and `log_request` hands both on to `async def cars(request)`.
    """
    given = 0
    for decorator in function.decorators:  # the outermost first
        wrapper = _wrapper(inference, function, decorator)
        if wrapper is None:
            given = 0
            continue
        if _takes_fewer(wrapper, given):
            return True
        given = _handed_on(wrapper, given)
    return _takes_fewer(function, given)


def _takes_fewer(function: Scope, given: int) -> bool:
    kinds = [part.kind for part in function.parameters]
    return "args" not in kinds and kinds.count("positional") < given


def _wrapper(inference: Inference, function: Scope, decorator: Expression) -> Scope | None:
    """The function that a decorator puts in the place of another; None where that is not plain."""
    outer = function.parent
    if outer is None:
        return None
    is_made = type(decorator) is int
    callee = outer.body.calls[decorator].callee if is_made else decorator
    values = inference.name(outer, callee) if isinstance(callee, str) else ()
    if len(values) != 1 or values[0].kind != "function":
        return None
    wraps = _only_returned(values[0].ref) if is_made else values[0].ref
    wrapper = None if wraps is None or len(wraps.parameters) != 1 else _only_returned(wraps)
    return wrapper if wrapper is not None and wrapper.kind == "function" else None


def _only_returned(function: Scope) -> Scope | None:
    """The inner function that it returns, whatever happens."""
    returned = [part.value for part in function.body.statements if part.kind == "return"]
    inner = [part for part in function.children if part.kind == "function"]
    return inner[0] if len(inner) == 1 and returned == [inner[0].name] else None


def _handed_on(wrapper: Scope, given: int) -> int:
    """How many arguments in order the wrapped function is given at least, where the wrapper is given so many."""
    wraps = wrapper.parent
    wrapped = wraps.parameters[0].name if wraps is not None else ""
    if any(_may_be_another(part, wrapped) for part in (wrapper, wraps) if part is not None):
        return 0
    counts = [_count(wrapper, call, given) for call in wrapper.body.calls if call.callee == wrapped]
    return min(counts, default=0)


def _may_be_another(scope: Scope, name: str) -> bool:
    """Whether a name gets another value, or somebody else may call what it stands for."""
    given = [part.value for part in scope.body.statements]
    for call in scope.body.calls:
        if facts.last_name(call.callee) not in _LOOK_AT_IT:
            given += [*call.arguments, *(part for _, part in call.keywords)]
    is_set = any(part.kind == "assign" and name in part.target for part in scope.body.statements)
    return is_set or any(part == name for value in given for part in facts.walk(value))


def _count(wrapper: Scope, call: Call, given: int) -> int:
    own = [part.kind for part in wrapper.parameters]
    rest = next((part.name for part in wrapper.parameters if part.kind == "args"), "")
    spread = [part[1] for part in call.arguments if isinstance(part, tuple) and part[0] == facts.STAR]
    plain = len(call.arguments) - len(spread)
    return plain + max(given - own.count("positional"), 0) * spread.count(rest)
