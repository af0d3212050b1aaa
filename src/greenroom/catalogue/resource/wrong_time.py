"""Operator: a time is in the wrong zone, or a duration in the wrong unit."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_NOW = frozenset({"datetime.datetime.now", "datetime.now"})
_LOWER = {"weeks": "days", "days": "hours", "hours": "minutes", "minutes": "seconds"}


def wrong_time(source: Source) -> Iterator[Rewrite]:
    """`datetime.now(UTC)` becomes `datetime.now()`, `timedelta(minutes=5)` becomes five seconds."""
    for call in source.calls():
        name = source.names.of(call.func)
        if name in _NOW and (call.args or call.keywords) and _is_told(source, call):
            yield Rewrite(
                node=call,
                edits=(source.replaced(call, f"{source.code(call.func)}()"),),
                note="the time has no zone",
            )
        elif name == "datetime.timedelta":
            for keyword in call.keywords:
                lower = _LOWER.get(keyword.arg or "")
                if lower and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value):
                    yield Rewrite(
                        node=keyword.value,
                        edits=(source.replaced(keyword, f"{lower}={source.code(keyword.value)}"),),
                        note=f"{keyword.arg} are {lower}",
                    )


def _is_told(source: Source, call: ast.Call) -> bool:
    """Where the zone itself is told or reckoned with: elsewhere a machine whose clock runs in UTC gives the same."""
    match source.parent(call):
        case ast.Attribute(attr="isoformat") | ast.BinOp(op=ast.Sub()) | ast.Compare() | ast.Return():
            return True
    return False


WRONG_TIME = Operator(
    key="K7",
    name="wrong-time",
    summary="a time has no zone, or a duration is in a smaller unit",
    consequence="sessions end after seconds, reports leave out hours, and jobs run at another time in summer",
    noticed_by="a test that asserts a moment with its zone, and one that asserts what still holds just before the end",
    weight=3,
    seed=wrong_time,
)
