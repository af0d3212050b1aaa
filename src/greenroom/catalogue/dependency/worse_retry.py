"""Operators: retries without end, without a pause, or of what must not be done twice."""

import ast
from collections.abc import Iterator

from greenroom.catalogue.dependency.retries import BACKOFF, TENACITY, is_attempt, retry_loops
from greenroom.model.operator import Operator, Symptom
from greenroom.mutate import blocks
from greenroom.mutate.expressions import keyword
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_FOREVER = "1_000_000_000"
_STOPS = {"stop": (), "max_tries": ("max_time",), "stop_max_attempt_number": ("stop_max_delay",), "tries": ()}
"""The keyword that limits the attempts, and those that would do it in its place."""
_RETRYING = (*TENACITY, *BACKOFF, "retrying.retry", "retry.retry", "retry.api.retry")
_SLEEPS = ("asyncio.sleep", "time.sleep", "anyio.sleep", "gevent.sleep", "trio.sleep")
_PREDICATES = ("retry", "giveup", "allowed_methods", "method_whitelist", "retry_on_exception")
_KEYS = ("idempotency-key", "x-idempotency-key")


def retry_forever(source: Source) -> Iterator[Rewrite]:
    """The limit of attempts goes."""
    for call in source.calls():
        if source.names.of(call.func) in _RETRYING:
            for name, others in _STOPS.items():
                limit = keyword(call, name)
                if limit is not None and keyword(call, *others) is None:
                    yield Rewrite(
                        node=limit.value,
                        edits=(source.without_keyword(call, limit),),
                        note=f"`{source.code(limit)}` no longer ends the attempts",
                    )
    for loop in retry_loops(source):
        if not _is_counted(loop.node):
            yield Rewrite(
                node=loop.node.iter,
                edits=(source.replaced(loop.limit, _FOREVER),),
                note=f"attempts without end where there was `{source.code(loop.node.iter)}`",
                lines=(loop.node.lineno,),
            )


def no_pause(source: Source) -> Iterator[Rewrite]:
    """`sleep(2 ** attempt)` between attempts becomes `sleep(0)`, and `wait=` goes."""
    for call in source.calls():
        name = source.names.of(call.func)
        if name in _SLEEPS and len(call.args) == 1 and _is_between_attempts(source, call):
            if not (isinstance(call.args[0], ast.Constant) and not call.args[0].value):
                yield Rewrite(
                    node=call,
                    edits=(source.replaced(call.args[0], "0"),),
                    note=f"no pause where there was `{ast.unparse(call)}`",
                )
        elif name in TENACITY and (wait := keyword(call, "wait")) is not None:
            yield Rewrite(
                node=wait.value,
                edits=(source.without_keyword(call, wait),),
                note=f"no pause where there was `{ast.unparse(wait.value)}`",
            )


def repeat_anything(source: Source) -> Iterator[Rewrite]:
    """What decides whether to try again goes, and so does the key by which the other side knows a repetition."""
    for call in source.calls():
        name = source.names.of(call.func)
        if name in _RETRYING and (predicate := keyword(call, *_PREDICATES)) is not None:
            yield Rewrite(
                node=predicate.value,
                edits=(source.without_keyword(call, predicate),),
                note=f"`{predicate.arg}` no longer decides what is tried again",
            )
        elif (key := keyword(call, "idempotency_key")) is not None and ast.unparse(key.value) != "None":
            yield Rewrite(
                node=key.value,
                edits=(source.without_keyword(call, key),),
                note=f"`{source.code(call.func)}` sends no idempotency key",
            )
    for entries in source.nodes(ast.Dict):
        for at, header in enumerate(entries.keys):
            if isinstance(header, ast.Constant) and str(header.value).lower() in _KEYS:
                yield Rewrite(
                    node=header, edits=(source.without_entry(entries, at),), note="no idempotency key is sent"
                )


def _is_counted(loop: ast.For) -> bool:
    """Whether the loop ends itself by looking at its own number: taking the limit away would change nothing."""
    names = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    return any(
        isinstance(node, ast.Compare)
        and names & {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        for node in blocks.own(loop.body)
    )


def _is_between_attempts(source: Source, call: ast.Call) -> bool:
    """In a loop that is left after a success; a worker that pauses between its rounds is no retry."""
    for above in source.around(call):
        if isinstance(above, ast.For | ast.AsyncFor | ast.While):
            return is_attempt(above) or any(loop.node is above for loop in retry_loops(source))
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
    return False


RETRY_FOREVER = Operator(
    key="R2",
    name="retry-forever",
    summary="attempts are repeated without end",
    consequence="while the other side is down, requests pile up behind it and never come back to their users",
    noticed_by="a test in which the other side never answers, and which asserts that the caller gives up",
    weight=4,
    seed=retry_forever,
    symptom=Symptom.HANG,
)
NO_BACKOFF = Operator(
    key="R3",
    name="no-backoff",
    summary="there is no pause between two attempts",
    consequence="all clients ask a service that is coming up again at once, and it goes down again",
    noticed_by="a test with a clock of its own, which asserts how long was waited before each attempt",
    weight=3,
    seed=no_pause,
    symptom=Symptom.LATENCY,
)
RETRY_NON_IDEMPOTENT = Operator(
    key="R4",
    name="retry-non-idempotent",
    summary="what must not be done twice is tried again",
    consequence="an order is placed, a mail sent or a card charged twice",
    noticed_by="a test in which the other side fails after it has acted, and which asserts that it was asked once",
    weight=4,
    seed=repeat_anything,
)
