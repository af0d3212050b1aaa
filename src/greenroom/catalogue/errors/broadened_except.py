"""Operator: a handler catches what was never meant for it."""

from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.excepts import handlers
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_BROAD = ("Exception", "BaseException")


def broaden(source: Source) -> Iterator[Rewrite]:
    """`except A` becomes `except Exception`, in the last handler of a `try` that does not hand on what it caught."""
    for handler in handlers(source):
        if handler.node is not handler.attempt.handlers[-1] or handler.raises_again:
            continue
        if handler.node.type is None or set(_BROAD) & set(handler.types):
            continue
        yield Rewrite(
            node=handler.node,
            edits=(source.replaced(handler.node.type, "Exception"),),
            note=f"`{source.head(handler.node)}` catches every exception",
            lines=handler.lines,
        )


BROADEN_EXCEPT = Operator(
    key="E3",
    name="broaden-except",
    summary="a handler for one kind of failure catches all of them",
    consequence="a mistake in the code is treated as the failure that was expected, and nobody hears of it",
    noticed_by="a test that makes the call in the `try` fail in another way, and asserts that this passes the handler",
    weight=1,
    seed=broaden,
    optional=True,
)
