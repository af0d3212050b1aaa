"""Is a client built, asked and dropped by one coroutine that all who call it end in time?"""

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.catalogue.dependency.deadline import Deadlines
from greenroom.detect.search import mentions, words
from greenroom.project.code import facts
from greenroom.project.code.facts import AWAITED, DISCARDED, Body, Call, Expression


def is_asked_in_time(crossing: Crossing, deadlines: Deadlines) -> bool:
    """`llm = Client()`, `chain = prompt | llm`, `await chain.ask()`, where each call of it all stands in a `timeout(…)`.

    Of such a client no use may be known: what is asked through it is only seen to be awaited.
    """
    scope = crossing.scope
    if crossing.made is None or crossing.uses or not (scope.is_function and scope.is_async):
        return False
    names = _names_of(scope.body, crossing.edge.call)
    return (
        bool(names)
        and not any(mentions(child, words(*names)) for child in scope.children)
        and _is_awaited(scope.body, names)
        and not _goes_out(scope.body, names)
        and deadlines.holds_in(scope)
    )


def _names_of(body: Body, call: int) -> set[str]:
    """The names of what a call makes, and of what is made of it."""
    names: set[str] = set()
    for part in body.statements:  # in the order of the lines: what is made of it comes later
        if part.kind == "assign" and (part.value == call or _holds(body, part.value, names)):
            names.update(target for target in part.target if isinstance(target, str))
    return names


def _holds(body: Body, value: Expression, names: set[str]) -> bool:
    """Whether a value has one of the names in it, or is made by a call of one, or with one, that nobody waits for."""
    for part in facts.walk(value):
        if isinstance(part, str) and part in names:
            return True
        if type(part) is int and not body.calls[part].usage & AWAITED:
            call = body.calls[part]
            if _root(call.callee) in names or _is_handed(body, call, names):
                return True
    return False


def _root(callee: Expression) -> str:
    return callee.partition(".")[0] if isinstance(callee, str) else ""


def _is_awaited(body: Body, names: set[str]) -> bool:
    """Whether something of it is awaited: while a plain call waits, no timer fires."""
    return any(call.usage & AWAITED and _root(call.callee) in names for call in body.calls)


def _goes_out(body: Body, names: set[str]) -> bool:
    """Whether it is given back, kept, or handed to something that is no part of what is awaited here."""
    for part in body.statements:
        if part.kind in ("return", "yield") and _holds(body, part.value, names):
            return True
        kept = part.kind == "assign" and not all(isinstance(target, str) for target in part.target)
        if kept and _holds(body, part.value, names):
            return True
        if part.kind == "global" and not names.isdisjoint(part.target):
            return True
    return any("." in name for name in names) or any(
        call.usage & (DISCARDED | AWAITED) == DISCARDED and _is_handed(body, call, names)
        for call in body.calls
    )


def _is_handed(body: Body, call: Call, names: set[str]) -> bool:
    return any(
        _holds(body, each, names) for each in (*call.arguments, *(value for _, value in call.keywords))
    )
