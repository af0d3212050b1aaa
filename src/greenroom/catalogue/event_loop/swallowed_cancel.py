"""Operator: work that is cancelled goes on."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate import blocks
from greenroom.mutate.expressions import awaits, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_ENDLESS = (ast.While, ast.AsyncFor)
_CANCELS = frozenset({"CancelledError", "BaseException"})


def swallow_cancel(source: Source) -> Iterator[Rewrite]:
    """In a loop of a coroutine, `except Exception` catches the cancellation, too, or its handler does not hand it on."""
    for attempt in source.nodes(ast.Try):
        if not isinstance(source.function(attempt), ast.AsyncFunctionDef) or not _goes_round(source, attempt):
            continue
        for handler in attempt.handlers:
            rewrite = _unraised(source, handler) or _widened(source, attempt, handler)
            if rewrite is not None:
                yield rewrite
                break


def _goes_round(source: Source, attempt: ast.Try) -> bool:
    """The cancellation is lost where the work goes on behind it: in the next round of a loop that has no end of its own."""
    return source.is_inside(attempt, _ENDLESS) and awaits(attempt.body)


def _unraised(source: Source, handler: ast.ExceptHandler) -> Rewrite | None:
    """`except CancelledError: …; raise` that does not end in `raise`; without other handlers it never had to be there."""
    last = handler.body[-1]
    if handler.type is None or last_name(handler.type) != "CancelledError":
        return None
    if not isinstance(last, ast.Raise | ast.Break | ast.Return):
        return None
    return Rewrite(
        node=handler,
        edits=(source.replaced(last, "pass"),),
        note="a cancelled loop goes on",
        lines=blocks.lines(handler.body),
    )


def _widened(source: Source, attempt: ast.Try, handler: ast.ExceptHandler) -> Rewrite | None:
    """`except Exception` whose loop goes on, and before which nobody takes the cancellation out."""
    others = [each.type for each in attempt.handlers if each is not handler]
    if (
        handler.type is None
        or last_name(handler.type) != "Exception"
        or blocks.leaves(_without_next(handler.body))
    ):
        return None
    if any(other is None or _CANCELS & {last_name(node) for node in ast.walk(other)} for other in others):
        return None
    awaited = (
        node.lineno
        for node in ast.walk(attempt)
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith)
    )
    return Rewrite(
        node=handler,
        edits=(source.replaced(handler.type, "BaseException"),),
        note="the handler catches the cancellation, and the loop goes on",
        lines=tuple(sorted(set(awaited))),
    )


def _without_next(body: list[ast.stmt]) -> list[ast.stmt]:
    """`continue` leaves the handler, and not the loop."""
    return body[:-1] if isinstance(body[-1], ast.Continue) else body


SWALLOW_CANCEL = Operator(
    key="E4",
    name="swallow-cancel",
    summary="a loop that is cancelled goes on",
    consequence="a deployment waits until the process is killed, and takes the work of that moment with it",
    noticed_by="a test that cancels the task, and asserts that it ends in time",
    weight=3,
    seed=swallow_cancel,
    symptom=Symptom.HANG,
)
