"""Operator: of several calls at once some fail, and the failures are taken for results."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.expressions import keyword
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source


def swallow_in_gather(source: Source) -> Iterator[Rewrite]:
    """`gather(…)` gets `return_exceptions=True`, or loses it."""
    for call in source.calls():
        if (
            source.names.of(call.func) != "asyncio.gather"
            or not call.args
            or not _is_waited_for(source, call)
        ):
            continue
        found = keyword(call, "return_exceptions")
        if found is None:
            last = call.keywords[-1] if call.keywords else call.args[-1]
            text = f"{source.code(last)}, return_exceptions=True"
            edit, note = source.replaced(last, text), "what fails is a result among results"
        elif isinstance(found.value, ast.Constant):
            turned = not found.value.value
            edit = source.replaced(found.value, str(turned))
            note = "what fails is a result among results" if turned else "one failure ends all of them"
        else:
            continue
        yield Rewrite(node=call, edits=(edit,), note=note)


def _is_waited_for(source: Source, call: ast.Call) -> bool:
    return isinstance(source.parent(call), ast.Await)


SWALLOW_IN_GATHER = Operator(
    key="A5",
    name="gather-swallow",
    summary="failures of calls made at once are handed on as results, or the first of them ends all",
    consequence="half of the data is missing and nobody is told, or one bad part takes the whole page down",
    noticed_by="a test in which one of the calls fails, and which asserts what the caller gets",
    weight=4,
    seed=swallow_in_gather,
)
