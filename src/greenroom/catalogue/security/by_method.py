"""What a message calls the requests that come to a place with a value of theirs."""

import re
from typing import Final

from greenroom.catalogue.security.incoming import Incoming
from greenroom.detect.by_method import ByMethod
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_BODY: Final = re.compile(r"\b(?:form|POST|files|FILES|json|get_json|data|body)\b")


def label_at(project: Project, found: Incoming, place: tuple[Scope, Call]) -> str:
    """By a method that comes there; empty where none does."""
    handler = found.handler
    entry = project.entries.entry(handler)
    usual = entry.label if entry is not None else f"`{handler.qualname}`"
    call = _call_in(handler, found, place)
    if call is None:
        return usual
    has_body = _BODY.search(found.spelled) is not None
    return project.once(ByMethod).label(handler, call, usual, has_body=has_body)


def _call_in(handler: Scope, found: Incoming, place: tuple[Scope, Call]) -> Call | None:
    """The call in the handler that is made there, or that leads there."""
    if place[0] is handler:
        return place[1]
    return next((caller.body.calls[number] for caller, number in found.calls if caller is handler), None)
