"""Operator: what was refused is let through."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.refusals import is_refusal
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_SIGNALS = frozenset(
    {"NotImplementedError", "StopIteration", "StopAsyncIteration", "GeneratorExit", "KeyboardInterrupt", "SystemExit",
     "AssertionError", "AttributeError", "ImportError", "ModuleNotFoundError", "Ignore", "Reject", "CancelledError"}
)  # fmt: skip
"""The language's own, and mistakes of whoever writes the caller."""


def drop_raise(source: Source) -> Iterator[Rewrite]:
    """`raise X` below an `if` becomes `pass`."""
    for statement in source.nodes(ast.Raise):
        guard = source.parent(statement)
        if statement.exc is None or not isinstance(guard, ast.If) or _name(statement.exc) in _SIGNALS:
            continue
        if is_refusal(source, guard):
            continue  # W3 and W7 take away the whole guard
        if _is_lookup(source, statement) or _leaves_names_out(source, guard, statement):
            continue
        yield Rewrite(
            node=statement,
            edits=(source.replaced(statement, "pass"),),
            note=f"`{source.head(statement)}` is gone",
        )


def _name(raised: ast.expr) -> str:
    raised = raised.func if isinstance(raised, ast.Call) else raised
    match raised:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _is_lookup(source: Source, statement: ast.Raise) -> bool:
    """In `__getitem__` and its like an exception is the answer."""
    function = source.function(statement)
    return function is None or (
        function.name.startswith("__") and function.name not in ("__init__", "__call__")
    )


def _leaves_names_out(source: Source, guard: ast.If, statement: ast.Raise) -> bool:
    """Whether the other branches bind names that would now be missing: broken code, no failure let through."""
    chain = guard
    while isinstance(above := source.parent(chain), ast.If) and above.orelse == [chain]:
        chain = above
    mine = guard.body if statement in guard.body else guard.orelse
    others: set[str] = set()
    for node in ast.walk(chain):
        if isinstance(node, ast.If):
            for branch in (node.body, node.orelse):
                if branch and branch is not mine and branch[0] is not mine[0] and not blocks.leaves(branch):
                    others |= blocks.bound([each for each in branch if not isinstance(each, ast.If)])
    return bool(others - blocks.bound(mine))


DROP_RAISE = Operator(
    key="E6",
    name="drop-raise",
    summary="a check finds what is wrong, and lets it through",
    consequence="what should have been refused is carried out, stored or sent on, and fails later and elsewhere",
    noticed_by="a test that asks for what must be refused, and asserts the refusal and that nothing was changed",
    weight=4,
    seed=drop_raise,
    first_rank=True,
)
