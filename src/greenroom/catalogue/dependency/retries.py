"""Where a file tries again: decorators, clients that do it by themselves, and loops."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

TENACITY = ("tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying")
BACKOFF = ("backoff.on_exception", "backoff.on_predicate")
_DECORATORS = (*TENACITY, *BACKOFF, "retrying.retry", "stamina.retry", "retry.retry", "retry.api.retry", "opnieuw.retry",
               "google.api_core.retry.Retry", "tenacity.retry_base")  # fmt: skip
_OWN = re.compile(r"^_?(?:with_|async_|auto_?)?retr(?:y|ies)(?:_(?:on|with|if|async|request|call)\w*)?$")
_ATTEMPT = re.compile(r"attempt|retr|tries|\btry", re.IGNORECASE)
_Loop = ast.For | ast.AsyncFor | ast.While


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLoop:
    """`for attempt in range(n): try: …`."""

    node: ast.For
    limit: ast.expr
    """The `n`."""
    first: int
    """The number of the first attempt."""


def retry_decorators(source: Source) -> Iterator[tuple[Function, ast.expr]]:
    """The decorators that call a function again when it fails, with the function."""
    for function in source.functions():
        for decorator in function.decorator_list:
            name = source.names.of(decorator)
            if name in _DECORATORS or (_OWN.match(last_name(decorator)) and not _is_builder(decorator)):
                yield function, decorator


def retry_loops(source: Source) -> Iterator[RetryLoop]:
    """Loops over a number of attempts that are left after the first success."""
    for loop in source.nodes(ast.For):
        match loop.iter:
            case ast.Call(func=ast.Name(id="range"), args=[limit]):
                first = 0
            case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=0 | 1 as first), limit]):
                pass
            case _:
                continue
        attempt = next((each for each in loop.body if isinstance(each, ast.Try)), None)
        if attempt is not None and _is_retry(loop, attempt):
            yield RetryLoop(node=loop, limit=limit, first=first)


def is_attempt(loop: _Loop) -> bool:
    """Whether a loop tries something and is left when that succeeds, however often it may try."""
    attempt = next((each for each in loop.body if isinstance(each, ast.Try)), None)
    return attempt is not None and _goes_on(attempt) and _ends_with_success(loop, attempt)


def _is_retry(loop: ast.For, attempt: ast.Try) -> bool:
    if not _goes_on(attempt):
        return False
    said = ast.unparse(loop.target) + " " + ast.unparse(loop.iter)
    return _ends_with_success(loop, attempt) or (bool(_ATTEMPT.search(said)) and _may_end(loop))


def _goes_on(attempt: ast.Try) -> bool:
    """A failure may lead to the next attempt."""
    return any(
        isinstance(handler.body[-1], ast.Continue) or not blocks.leaves(handler.body)
        for handler in attempt.handlers
    )


def _ends_with_success(loop: _Loop, attempt: ast.Try) -> bool:
    behind = loop.body[loop.body.index(attempt) + 1 :]
    return any(
        bool(block) and isinstance(block[-1], ast.Return | ast.Break)
        for block in (attempt.body, attempt.orelse, behind)
    )


def _may_end(loop: ast.For) -> bool:
    return any(isinstance(node, ast.Return | ast.Break) for node in blocks.own(loop.body))


def _is_builder(decorator: ast.expr) -> bool:
    """`@queue.retry("name")`: registers, and repeats nothing."""
    return isinstance(decorator, ast.Call) and any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) for each in decorator.args
    )
