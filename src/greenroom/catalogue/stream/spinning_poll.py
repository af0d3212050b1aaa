"""A subscription of Redis that is asked without a pause: `while True: message = await pubsub.get_message()`."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.detect.search import mentioning, whole, words
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_ASKS, _LOOP = words("get_message"), whole("while")
_OF_REDIS: Final = frozenset({"redis", "aioredis", "valkey", "coredis"})
_SUBSCRIPTION: Final = re.compile(r"pub_?sub|subscri", re.IGNORECASE)
_PLAIN: Final = frozenset({"while", "try", "with", "async-with"})


def spinning_polls(project: Project) -> Iterator[Sighting]:
    """One for each loop in which nothing waits while there is no message."""
    of_redis = any(
        part.module.partition(".")[0] in _OF_REDIS and not part.level
        for module in project.production()
        for part in module.imports
    )
    for scope in mentioning(project.production(), _ASKS, _LOOP) if of_redis else ():
        for call in scope.body.calls:
            if _asks_without_waiting(call) and _spins(scope.body, call):
                yield _sighting(scope, call)


def _asks_without_waiting(call: Call) -> bool:
    """Whether it asks a subscription and takes no for an answer at once: by default, the time limit is 0."""
    if not isinstance(call.callee, str) or facts.last_name(call.callee) != "get_message":
        return False
    given = call.arguments[1] if len(call.arguments) > 1 else call.keyword("timeout")
    spread = any(name is None for name, _ in call.keywords)
    is_none_given = given is None or (not facts.is_none(given) and facts.constant(given) == 0)
    return is_none_given and not spread and _SUBSCRIPTION.search(call.callee) is not None


def _spins(body: Body, call: Call) -> bool:
    """Whether the loop around it goes round whatever comes, and nothing in each round waits."""
    flow = Flow(body)
    number, loop = next(flow.loops(call.block), (-1, None))
    if loop is None or loop.kind != "while" or not _is_in_each_round(body, call.block, number):
        return False
    others = [other for other in body.calls if other is not call and flow.inside(other.block, number)]
    waits = any(
        other.usage & (facts.AWAITED | facts.ENTERED_ASYNC) or "sleep" in facts.last_name(other.callee)
        for other in others
        if _is_in_each_round(body, other.block, number)
    )
    pauses = any("sleep" in facts.last_name(other.callee) for other in others)
    leaves = any(part.kind in ("break", "return") and part.block == number for part in body.statements)
    return not (waits or pauses or leaves)


def _is_in_each_round(body: Body, block: int, loop: int) -> bool:
    while block != loop:
        if body.blocks[block].kind not in _PLAIN:
            return False
        block = body.blocks[block].parent
    return True


def _sighting(scope: Scope, call: Call) -> Sighting:
    name = facts.spell(call.callee, ())
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        message=f"`{name}` does not wait for a message without a time limit of its own, and the loop asks it again at once",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        consequence="one processor is busy for as long as the subscription lasts, and everything else on it is slow",
        remedy="give it a time to wait, `get_message(timeout=1.0)`, or read `async for message in pubsub.listen()`",
        subject=name,
    )
