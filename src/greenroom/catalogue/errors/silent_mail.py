"""Mail that is sent with `fail_silently=True`: whoever sends it so meets no failure."""

from typing import Final

from greenroom.project.calls.edge import Edge
from greenroom.project.code.facts import CONSTANT

_POSITIONS: Final = {"send_mail": 4, "send_mass_mail": 1, "mail_admins": 2, "mail_managers": 2, "send": 0}
"""Where Django's functions and messages take it without its name."""


def fails_silently(edge: Edge) -> bool:
    """Whether the call itself takes whatever the mail server does."""
    if edge.call < 0 or not edge.symbol.startswith("django."):
        return False
    call = edge.caller.body.calls[edge.call]
    at = _POSITIONS.get(edge.symbol.rpartition(".")[2])
    given = call.keyword("fail_silently")
    if given is None and at is not None and at < len(call.arguments):
        given = call.arguments[at]
    return bool(given == (CONSTANT, True))
