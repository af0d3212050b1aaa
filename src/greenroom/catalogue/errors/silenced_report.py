"""Operator: a failure is handled, and nobody who operates the service hears of it."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.excepts import Handler, handlers
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_ALARMS = frozenset(
    {"exception", "error", "critical", "fatal", "record_exception", "capture_exception", "inc"}
)


def drop_report(source: Source) -> Iterator[Rewrite]:
    """The first `logger.exception`, `capture_exception` or counter in a handler becomes `pass`."""
    for handler in handlers(source):
        statement = next(_reports(handler), None)
        if statement is not None:
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement, "pass"),),
                note=f"`{source.code(statement.value.func)}` is gone"
                if isinstance(statement.value, ast.Call)
                else "",
            )


def _reports(handler: Handler) -> Iterator[ast.Expr]:
    if handler.raises_again:
        return
    for statement in handler.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name))):
                if name in _ALARMS and (name == "inc" or blocks.is_logging(statement)):
                    yield statement


DROP_ERROR_REPORT = Operator(
    key="E9",
    name="drop-error-report",
    summary="a handler no longer logs or counts the failure",
    consequence="the failure goes on for days, because no log, no trace and no alert tells of it",
    noticed_by="a test that makes the call in the `try` fail, and asserts the log record or the counter",
    weight=2,
    seed=drop_report,
    optional=True,
)
