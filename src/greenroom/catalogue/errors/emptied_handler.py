"""Operators: an error is caught, and nobody is told."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.excepts import Handler, handlers, is_empty
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.shapes import empty_of
from greenroom.mutate.source import Source


def swallow(source: Source) -> Iterator[Rewrite]:
    """`except …: what is done about it` becomes `except …: pass`, or `return None` where it never went on."""
    for handler in handlers(source):
        if handler.looks_up and not isinstance(handler.body[-1], ast.Raise):
            continue
        if handler.acts and not _is_missed(handler):
            yield Rewrite(
                node=handler.node,
                edits=(source.emptied(handler.body, _nothing(handler)),),
                note=f"`{source.head(handler.node)}` does nothing",
                lines=handler.lines,
            )


def answer_empty(source: Source) -> Iterator[Rewrite]:
    """A handler that raises or returns an error gives what the function gives when there is nothing."""
    for handler in handlers(source):
        last = handler.body[-1]
        empty = empty_of(handler.function)
        told = (
            last.exc if isinstance(last, ast.Raise) else last.value if isinstance(last, ast.Return) else None
        )
        if empty in ("", "None") or told is None or is_empty(told):
            continue
        yield Rewrite(
            node=handler.node,
            edits=(source.replaced(last, f"return {empty}"),),
            note=f"`{source.head(handler.node)}` returns `{empty}`",
            lines=handler.lines,
        )


def _nothing(handler: Handler) -> str:
    """What leaves the try as the handler did, so that nothing fails for want of a name."""
    if not blocks.leaves(handler.body):
        return "pass"
    match handler.body[-1]:
        case ast.Continue():
            return "continue"
        case ast.Break():
            return "break"
    return "return" if blocks.is_generator(handler.function) else "return None"


def _is_missed(handler: Handler) -> bool:
    """Without the handler, names would be missing behind it: that breaks the code, and hides nothing."""
    if blocks.leaves(handler.body):
        return False
    given = blocks.bound(handler.body)
    return not given <= _before(handler)


def _before(handler: Handler) -> set[str]:
    """The names that are there when the try begins."""
    arguments = handler.function.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    for node in blocks.own(handler.function.body):
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and node.lineno < handler.attempt.lineno
        ):
            names.add(node.id)
        if isinstance(node, ast.Global | ast.Nonlocal):
            names.update(node.names)
    return names


SWALLOW_HANDLER = Operator(
    key="E1",
    name="swallow-handler",
    summary="what an `except` does about the failure is lost",
    consequence="the operation failed, and users are told that all is well, or nothing at all",
    noticed_by="a test that makes the call in the `try` fail, and asserts what the caller gets and what is left behind",
    weight=5,
    seed=swallow,
    first_rank=True,
)
ERROR_AS_EMPTY = Operator(
    key="E8",
    name="error-as-empty",
    summary="a handler that reports an error returns an empty result",
    consequence="during an outage users see an empty list where their data was, and no alert fires",
    noticed_by="a test that makes the call in the `try` fail, and asserts that the answer is an error and not empty",
    weight=4,
    seed=answer_empty,
)
