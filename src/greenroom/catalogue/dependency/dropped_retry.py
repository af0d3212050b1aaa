"""Operator: what was tried again is tried once."""

import ast
from collections.abc import Iterator

from greenroom.catalogue.dependency.retries import TENACITY, retry_decorators, retry_loops
from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_LIBRARIES = frozenset({"httpx", "requests", "urllib3", "redis", "openai", "anthropic", "botocore", "boto3", "aioboto3", "litellm",
                        "langchain_openai", "langchain_anthropic", "langchain", "cohere", "google", "pymongo", "celery",
                        "elasticsearch", "opensearchpy", "aiohttp_retry", "qdrant_client", "supabase", "stripe"})  # fmt: skip
_KEYWORDS = frozenset({"max_retries", "retries", "total", "max_attempts", "attempts", "retry_attempts", "num_retries",
                       "max_network_retries"})  # fmt: skip
_POSITIONS = {"urllib3.util.retry.Retry": 0, "urllib3.util.Retry": 0, "urllib3.Retry": 0, "redis.retry.Retry": 1,
              "redis.asyncio.retry.Retry": 1}  # fmt: skip


def drop_retry(source: Source) -> Iterator[Rewrite]:
    """The decorator goes, the client gives up after its first attempt, the loop runs once."""
    for function, decorator in retry_decorators(source):
        if not _stops_at_once(decorator):
            yield Rewrite(
                node=decorator,
                edits=(source.without_decorator(decorator),),
                note=f"`{function.name}` is not tried again",
                lines=blocks.lines(function.body),
            )
    for call in source.calls():
        limit, least, instead = _limit(source, call)
        if limit is not None and not _is_at_most(limit, least):
            yield Rewrite(
                node=limit,
                edits=(source.replaced(limit, instead),),
                note=f"`{source.code(call.func)}` gives up after the first attempt",
            )
    for loop in retry_loops(source):
        if not _is_at_most(loop.limit, loop.first + 1):
            yield Rewrite(
                node=loop.node.iter,
                edits=(source.replaced(loop.limit, str(loop.first + 1)),),
                note=f"one attempt where there was `{source.code(loop.node.iter)}`",
                lines=(loop.node.lineno,),
            )


def _limit(source: Source, call: ast.Call) -> tuple[ast.expr | None, int, str]:
    """How often a client tries again, the number that says never, and the same as text."""
    name = source.names.of(call.func)
    if name == "tenacity.stop_after_attempt" and _is_inside_retrying(source, call) and call.args:
        return call.args[0], 1, "1"
    if name.split(".", 1)[0] not in _LIBRARIES:
        return None, 0, "0"
    position = _POSITIONS.get(name)
    if position is not None and len(call.args) > position:
        return call.args[position], 0, "0"
    return next((each.value for each in call.keywords if each.arg in _KEYWORDS), None), 0, "0"


def _is_inside_retrying(source: Source, call: ast.Call) -> bool:
    """Not in a decorator: that one goes as a whole."""
    return any(
        isinstance(above, ast.Call) and source.names.of(above.func) in TENACITY[1:]
        for above in source.around(call)
    )


def _stops_at_once(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and any(
        isinstance(node, ast.Call)
        and last_name(node.func) == "stop_after_attempt"
        and bool(node.args)
        and _is_at_most(node.args[0], 1)
        for node in ast.walk(decorator)
    )


def _is_at_most(limit: ast.expr, number: int) -> bool:
    match limit:
        case ast.Constant(value=int() | bool() | None as value):
            return not value or value <= number
        case ast.Constant():
            return True
        case ast.UnaryOp(op=ast.USub()):
            return True
    return False


DROP_RETRY = Operator(
    key="R1",
    name="drop-retry",
    summary="what fails is not tried again",
    consequence="a connection that is reset once, or a restart of the other side, is an outage for users",
    noticed_by="a test in which the other side fails once and then answers, and which asserts the success",
    weight=4,
    seed=drop_retry,
    first_rank=True,
)
