"""Failures of which the operator hears before they come to the handler that hides them."""

from greenroom.catalogue.errors.crossings import Crossing, catches_failures, guards_around
from greenroom.catalogue.errors.handlers import Logged, is_logging, level_of
from greenroom.project.code.flow import Flow


def is_logged_below(crossing: Crossing) -> bool:
    """`except Exception: logger.exception(…); raise` around the dependency, in the function that is called here."""
    leaf = crossing.leaf
    if leaf is crossing.edge or leaf.caller is not crossing.edge.target:
        return False
    body = leaf.caller.body
    flow = Flow(body)
    return any(
        catches_failures(block.detail[0]) and _logs_and_raises(flow, number)
        for guard in guards_around(body, leaf)
        for number, block in flow.handlers(guard)
    )


def _logs_and_raises(flow: Flow, handler: int) -> bool:
    return any(
        part.kind == "raise" and flow.inside(part.block, handler) for part in flow.body.statements
    ) and any(is_logging(call) and level_of(call) is Logged.LOGGED for call in flow.calls_in(handler))
