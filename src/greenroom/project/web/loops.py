"""The rounds of loops over something literal, and what such loops and other lines add to a list."""

from collections.abc import Iterator

from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.module import Scope
from greenroom.project.web.following import Following
from greenroom.project.web.thing import Context, Thing, Things, unpack

_MOST_ROUNDS = 200
_ADDING = frozenset({"append", "extend", "insert"})


def rounds(context: Context, number: int, evaluation: Following, *, only_read: bool = False) -> list[Context]:
    """The rounds of the loops around a block, where they go over something literal.

    Args:
        context: where the block stands.
        number: of the block.
        evaluation: knows the items.
        only_read: no round at all of a loop whose items cannot be read, instead of one that knows nothing of them.
    """
    found = [context]
    for block in reversed(list(context.scope.body.enclosing(number))):
        if block.kind in ("for", "async-for"):
            target, iterated = block.detail
            found = [
                inner
                for outer in found
                for inner in [outer.bind(unpack(target, item)) for item in evaluation.items(outer, iterated)]
                or ([] if only_read else [outer])
            ][:_MOST_ROUNDS]
    return found


def additions(body: Body, name: str) -> Iterator[tuple[int, int, Expression, bool]]:
    """What a body adds to the list of this name: line, block, expression, and whether that is one item."""
    for statement in body.statements:
        if statement.kind == "augment" and statement.target == name and statement.detail == "+":
            yield statement.line, statement.block, statement.value, False
    for call in body.calls:
        if isinstance(call.callee, str) and call.callee.startswith(f"{name}."):
            how = call.callee[len(name) + 1 :]
            if how in _ADDING and call.arguments:
                yield call.line, call.block, call.arguments[-1], how != "extend"


def grown(evaluation: Following, context: Context, name: str, lines: range, found: Things) -> Things:
    """A list with all that these lines add to it."""
    scope = context.scope
    key = (scope, name, "grown")
    if not _grows(scope) or key in evaluation.open or not any(map(_is_list, found)):
        return found
    evaluation.open.add(key)
    try:
        more = tuple(
            item
            for line, block, expression, is_item in sorted(
                additions(scope.body, name), key=lambda part: part[:2]
            )
            if line in lines
            for run in rounds(context._replace(line=line), block, evaluation, only_read=True)
            for item in _items(evaluation.evaluate(run, expression), is_item=is_item)
        )
    finally:
        evaluation.open.discard(key)
    if not more:
        return found
    return tuple(
        Thing("list", (*_items((thing,), is_item=False), *more)) if _is_list(thing) else thing
        for thing in found
    )


def _is_list(thing: Thing) -> bool:
    """Written out, or such as `router.urls`."""
    return thing.kind == "list" or (thing.kind == "member" and thing.ref[1] == "urls")


def _grows(scope: Scope) -> bool:
    return scope.module.mentions(scope.index, b"augment") or not _ADDING.isdisjoint(scope.facts.called)


def _items(things: Things, *, is_item: bool) -> Iterator[Things]:
    """An item as it is; of what is added as a whole, each: what only its maker can unpack stays."""
    if is_item:
        yield things
        return
    for thing in things:
        if thing.kind == "list":
            yield from thing.ref
        else:
            yield (thing,)
