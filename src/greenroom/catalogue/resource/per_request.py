"""What each request adds by itself, in its own handler, under a key that whoever comes chooses."""

from typing import Final

from greenroom.catalogue.resource.changes import Growth
from greenroom.catalogue.resource.keys import Domain
from greenroom.model.finding import Reach
from greenroom.project.project import Project

_REFUSES: Final = frozenset({"abort", "HTTPException", "Http404", "get_object_or_404", "close"})


def is_of_each_request(project: Project, growth: Growth, widest: Domain) -> bool:
    """Whether the handler of a request or a socket adds under a key that its client writes as he likes.

    Ids of users, clients and rows come again: of these there are only so many.
    """
    scope = growth.scope
    entry = project.entries.entry(scope)
    if entry is None or entry.scope is not scope or entry.is_around:
        return False
    if growth.certain or entry.reach not in (Reach.ROUTE, Reach.SOCKET) or _refuses_before(growth):
        return False
    given = {
        part.name
        for part in scope.parameters
        if part.default is None and part.name not in ("self", "request")
    }
    return widest is Domain.UNKNOWN and any(isinstance(key, str) and key in given for key in growth.keys)


def _refuses_before(growth: Growth) -> bool:
    """Whether somebody may be sent away first: only what there is gets further."""
    body = growth.scope.body
    raised = any(part.kind == "raise" and part.line < growth.line for part in body.statements)
    return raised or any(
        call.line < growth.line and str(call.callee).rpartition(".")[2] in _REFUSES for call in body.calls
    )
