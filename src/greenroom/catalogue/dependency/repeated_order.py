"""A request that moves money or sends something, repeated although its first answer may only have been lost."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.catalogue.dependency.next_piece import takes_work
from greenroom.detect.search import mentioning, mentions, words
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project

_ORDERS = re.compile(
    r"(?:^|[^a-z])(?:pay|payments?|refunds?|charges?|payouts?|transfers?|withdraw(?:al)?s?|purchases?|orders?|bookings?"
    r"|checkouts?|donations?|sms|e?mails?|notifications?)(?:[^a-z]|$)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What makes a second request the same as the first for the other side.
_KEYS = words("dempot", "uuid", "nonce", "dedup", "request_id", "requestId", "equest-Id", "equest-ID", "client_token",
              "external_id", "reference", "unique")  # fmt: skip
_TRY = words("try")
_METHODS = words("post", "request", "POST")
# The request never left, or the other side says that it did nothing.
_NOT_SENT = {"ConnectError", "ConnectTimeout", "ConnectionRefusedError", "gaierror", "ClientConnectorError",
             "PoolTimeout", "NewConnectionError", "NameResolutionError", "HTTPStatusError", "ClientResponseError",
             "RateLimitError", "TooManyRequests"}  # fmt: skip
_ENDS = ("return", "break")


class Repeated(NamedTuple):
    """An order, and the loop that gives it again."""

    loop: Block
    order: Edge
    what: str


def repeated_orders(project: Project, scope: Scope) -> Iterator[Repeated]:
    """`for attempt in range(3): try: return post("/refunds") except: continue`."""
    if not mentions(scope, _TRY):
        return
    body, flow = scope.body, Flow(scope.body)
    for edge, what in orders(project, scope):
        call = body.calls[edge.call]
        found = next(flow.loops(call.block), None)
        if found is None or not _counts(body, found[1], call) or edge.line == found[1].line:
            continue
        if any(
            takes_work(body, part)
            for part in body.calls
            if part.line < edge.line and flow.inside(part.block, found[0])
        ):
            continue
        if any(_goes_round(body, flow, guard, found[0]) for guard in _tries(body, call.block, found[0])):
            yield Repeated(found[1], edge, what)


def may_order(modules: Iterable[Module]) -> set[Scope]:
    """The scopes that are worth reading: something is posted, and nothing tells one request from another."""
    return {scope for scope in mentioning(modules, _METHODS) if not mentions(scope, _KEYS)}


def orders(project: Project, scope: Scope) -> Iterator[tuple[Edge, str]]:
    """The posts of a scope to an address, or in a function, whose name says that they cannot be taken back."""
    for edge in project.graph.edges(scope):
        if edge.call < 0 or edge.certainty < PROBABLE or edge.effect is None:
            continue
        if edge.effect.kind == "http" and edge.effect.is_remote:
            what = _order(scope, scope.body.calls[edge.call], edge.symbol.rsplit(".", 1)[-1])
            if what:
                yield edge, what


def is_sure(repeated: Repeated) -> bool:
    """Whether it is known what is called."""
    return repeated.order.certainty == CERTAIN


def only_unsent(types: Expression) -> bool:
    """Whether only failures are retried after which the other side has done nothing."""
    names = [part.rsplit(".", 1)[-1] for part in facts.walk(types) if isinstance(part, str)]
    return bool(names) and all(name in _NOT_SENT for name in names)


def _order(scope: Scope, call: Call, method: str) -> str:
    """The address or the function that gives it away."""
    given = list(call.arguments)
    if method == "request" and given:
        if facts.constant(given.pop(0)) not in ("POST", "post"):
            return ""
    elif method != "post":
        return ""
    address = call.keyword("url") or (given[0] if given else None)
    text = _fixed_end(address)
    if text and _ORDERS.search(_plain(text.split("?", 1)[0])):
        return text
    if text or _is_filled_in(address):
        return ""  # an address that says nothing of the kind, or names the one thing that is changed
    return scope.name if _ORDERS.search(_plain(scope.name)) else ""


def _fixed_end(address: Expression) -> str:
    """The literal path behind everything that is filled in: `f"{base}/refunds"`."""
    if isinstance(address, tuple) and address[0] == facts.TEXT and address[1]:
        return _fixed_end(address[1][-1])
    if isinstance(address, tuple) and address[0] == facts.OPERATION and address[1] == "+":
        return _fixed_end(address[2][-1])
    text = facts.constant(address)
    return (
        "/" + text.partition("://")[2].partition("/")[2]
        if isinstance(text, str) and "://" in text
        else (text if isinstance(text, str) else "")
    )


def _is_filled_in(address: Expression) -> bool:
    return isinstance(address, tuple) and address[0] in (facts.TEXT, facts.OPERATION)


def _plain(text: str) -> str:
    return _CAMEL.sub("_", text).casefold()


def _counts(body: Body, loop: Block, call: Call) -> bool:
    """A loop of attempts, not one over things: its number does not go into the request."""
    if loop.kind == "while":
        return True
    target, source = loop.detail
    if (
        loop.kind != "for"
        or type(source) is not int
        or body.calls[source].callee not in ("range", "itertools.count")
    ):
        return False
    given = (*call.arguments, *(value for _, value in call.keywords))
    return not any(part == target for value in given for part in facts.walk(value))


def _tries(body: Body, block: int, outer: int) -> Iterator[int]:
    while block not in (-1, outer):
        if body.blocks[block].kind == "try":
            yield block
        block = body.blocks[block].parent


def _goes_round(body: Body, flow: Flow, guard: int, loop: int) -> bool:
    """Whether success ends the loop, and a failure that tells nothing leads to the next attempt."""
    handlers = flow.handlers(guard)
    inside = {number for number, _ in handlers}
    ended = any(
        part.kind in _ENDS
        and flow.inside(part.block, loop)
        and not any(flow.inside(part.block, number) for number in inside)
        for part in body.statements
    )
    return ended and any(
        not only_unsent(block.detail[0])
        and not any(part.kind in ("raise", *_ENDS) and part.block == number for part in body.statements)
        for number, block in handlers
    )
