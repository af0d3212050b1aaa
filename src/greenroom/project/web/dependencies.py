"""The names of what routers put in front of their routes: `dependencies=[Depends(current_user)]`."""

from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.module import Scope

_INJECTING = frozenset({"Depends", "Security"})


def dependency_names(scope: Scope, expression: Expression) -> tuple[str, ...]:
    """The last parts of the names of what is injected; a list that stands elsewhere gives its own name."""
    found = []
    for part in facts.walk(expression):
        if isinstance(part, int):
            call = scope.body.calls[part]
            if last_name(call.callee) in _INJECTING:
                given = call.arguments[0] if call.arguments else call.keyword("dependency")
                found.append(_name(scope, given))
            else:
                found.append(last_name(call.callee))
        elif isinstance(part, str):
            found.append(part.rpartition(".")[2])
    return tuple(name for name in found if name)


def _name(scope: Scope, given: Expression) -> str:
    """`current_user`, `RoleChecker` of `RoleChecker("admin")`."""
    if isinstance(given, int):
        return last_name(scope.body.calls[given].callee)
    return last_name(given)
