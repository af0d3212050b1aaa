"""Operator: what must happen on every way out does not happen."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.releases import is_last_thing, only_tidies
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source


def drop_finally(source: Source) -> Iterator[Rewrite]:
    """`finally: state = "idle"` becomes `finally: pass`, unless it only closes, logs or measures."""
    for attempt in source.nodes(ast.Try):
        function = source.function(attempt)
        if not attempt.finalbody or function is None or is_last_thing(function):
            continue
        if all(map(only_tidies, attempt.finalbody)) or _decides(attempt.finalbody):
            continue
        yield Rewrite(
            node=attempt.finalbody[0],
            edits=(source.emptied(attempt.finalbody),),
            note=f"the `finally` of `{function.name}` does nothing",
            lines=blocks.lines(attempt.finalbody),
        )


def _decides(block: list[ast.stmt]) -> bool:
    """A `return` in a `finally` hides every error: without it the function is another one."""
    return any(isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) for node in blocks.own(block))


DROP_FINALLY = Operator(
    key="P3",
    name="drop-finally",
    summary="the `finally` of a `try` does nothing",
    consequence="after the first failure a flag, a lock or a temporary file stays behind, and what comes next fails or waits",
    noticed_by="a test in which the work fails, and which asserts the state behind it or does the work once more",
    weight=4,
    seed=drop_finally,
    first_rank=True,
)
