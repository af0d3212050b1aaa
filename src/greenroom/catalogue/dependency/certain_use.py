"""Is a client asked for certain: by a call that can go to no other, on a way of which every hop is known?"""

from greenroom.catalogue.dependency.construction import receiver
from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.detect.ascent import weakest
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Scope


def is_certainly_asked(crossing: Crossing) -> bool:
    """Whether an entry is known to lead to a call through it."""
    entries = crossing.project.entries
    return any(
        edge.certainty == CERTAIN
        and entries.entry(edge.caller) is not None
        and weakest(entries.path(edge.caller)) == CERTAIN
        and not _may_be_another(crossing, edge)
        for edge in crossing.uses
    )


def _may_be_another(crossing: Crossing, edge: Edge) -> bool:
    """`asked = client or self._client`: whoever hands one over never asks the one that stands ready."""
    calls = edge.caller.body.calls
    root = facts.spell(receiver(calls[edge.call].callee), calls).partition(".")[0] if edge.call >= 0 else ""
    scope: Scope | None = edge.caller
    while scope is not None and scope.is_function:
        bound = crossing.project.inference.bindings(scope).get(root)
        if bound:
            return any(part.how == "value" and _offers_a_parameter(scope, part.source) for part in bound)
        scope = scope.parent
    return False


def _offers_a_parameter(scope: Scope, value: Expression) -> bool:
    given = {part.name for part in scope.parameters}
    return (
        isinstance(value, tuple)
        and value[0] == facts.EITHER
        and any(isinstance(part, str) and part in given for part in value[2])
    )
