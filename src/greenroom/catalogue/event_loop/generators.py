"""Generators that a coroutine makes: what of them runs on the loop, and what where somebody else consumes them."""

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.mentions import expressions

# They take from an iterator right away, or a loop around them does.
_CONSUMERS = {
    "list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "any", "all", "min", "max", "next", "join",
    "extend", "update", "deque", "Counter", "reduce", "enumerate", "zip", "map", "filter", "islice", "chain",
    "reversed", "tqdm", "writelines", "executemany", "bulk", "iter",
}  # fmt: skip
_LAZY = facts.ASSIGNED | facts.ARGUMENT | facts.DISCARDED


def is_only_made(path: tuple[Edge, ...]) -> bool:
    """Whether a hop makes a generator that is consumed elsewhere, such as in a response's thread pool, or not to where the next one begins."""
    return any(
        edge.how == "call"
        and _gives_iterator(edge)
        and (_is_lazy(path, number) or _is_beyond_first(path, number))
        for number, edge in enumerate(path)
    )


def _is_beyond_first(path: tuple[Edge, ...], number: int) -> bool:
    """Whether `next(…)` takes what a generator gives first, and the hop below comes after that: `yield session`, then `session.commit()`."""
    edge = path[number]
    if edge.target is None or edge.call < 0 or number + 1 == len(path):
        return False
    takes = any(
        facts.last_name(call.callee) == "next" and edge.call in call.arguments
        for call in edge.caller.body.calls
    )
    given = [part.line for part in edge.target.body.statements if part.kind == "yield"]
    return takes and bool(given) and path[number + 1].line > min(given)


def _gives_iterator(edge: Edge) -> bool:
    if edge.target is not None:
        return edge.target.facts.is_generator and not edge.target.is_async and not edge.target.decorators
    effect = edge.effect
    return effect is not None and effect.stream and facts.last_name(effect.symbol).startswith("iter")


def _is_lazy(path: tuple[Edge, ...], number: int) -> bool:
    edge = path[number]
    if edge.call < 0:
        return False
    body = edge.caller.body
    usage = body.calls[edge.call].usage
    if usage & (facts.ITERATED | facts.YIELDED | facts.ENTERED):
        return False
    if usage & facts.RETURNED:
        # A function further down returns it to its caller.
        return number == 0 or (not edge.caller.facts.is_generator and _is_lazy(path, number - 1))
    if not usage & _LAZY:
        return False
    if usage & facts.ARGUMENT:
        return not _consumes(body, edge.call)
    return not any(_is_consumed(body, name) for name in _names_of(body, edge.call))


def _names_of(body: Body, index: int) -> list[str]:
    return [
        name
        for part in body.statements
        if part.kind == "assign" and type(part.value) is int and part.value == index
        for name in part.target
        if isinstance(name, str)
    ]


def _is_consumed(body: Body, name: str) -> bool:
    """`for x in name`, `next(name)`, `[… for x in name]`."""
    if any(block.kind == "for" and block.detail[1] == name for block in body.blocks):
        return True
    if _consumes(body, name):
        return True
    return any(
        isinstance(part, tuple) and part[0] in (facts.COMPREHENSION, facts.STAR, facts.YIELD)
        and any(found == name for found in facts.walk(part))
        for expression in expressions(body)
        for part in facts.walk(expression)
    )  # fmt: skip


def _consumes(body: Body, iterator: Expression) -> bool:
    return any(
        facts.last_name(call.callee) in _CONSUMERS
        for call in body.calls
        if any(type(part) is type(iterator) and part == iterator for part in call.arguments)
    )
