"""Operator: the other way out, when a dependency is down, is not taken."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.excepts import handlers
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_OTHER_WAY = re.compile(
    r"^(?![A-Z]).*(?:fall_?back|secondary|replica|alternat|degraded|stale|(?:^|_)cached|from_cache)"
)
_BREAKER = re.compile(r"breaker|circuit", re.IGNORECASE)
_ALLOWS = frozenset({"allow", "allow_request", "allows", "can_execute", "can_proceed", "is_closed", "should_allow", "is_available"})  # fmt: skip
_DECORATORS = ("circuitbreaker.circuit", "circuitbreaker.CircuitBreaker", "pybreaker.CircuitBreaker",
               "aiobreaker.CircuitBreaker", "purgatory.AsyncCircuitBreakerFactory")  # fmt: skip


def drop_fallback(source: Source) -> Iterator[Rewrite]:
    """A handler that calls a fallback raises; a circuit breaker lets everything through."""
    for handler in handlers(source):
        way = next((call for call in _calls(handler.body) if _OTHER_WAY.search(last_name(call.func))), None)
        if way is not None and not handler.raises_again:
            yield Rewrite(
                node=handler.node,
                edits=(source.emptied(handler.body, "raise"),),
                note=f"`{source.code(way.func)}` is not called",
                lines=handler.lines,
            )
    for call in source.calls():
        match call.func:
            case ast.Attribute(value=owner, attr=name) if name in _ALLOWS and _BREAKER.search(
                ast.unparse(owner)
            ):
                asked = source.parent(call)
                whole = asked if isinstance(asked, ast.Await) else call
                yield Rewrite(
                    node=whole, edits=(source.replaced(whole, "True"),), note="the circuit never opens"
                )
    for function in source.functions():
        for decorator in function.decorator_list:
            if source.names.of(decorator) in _DECORATORS:
                yield Rewrite(
                    node=decorator,
                    edits=(source.without_decorator(decorator),),
                    note=f"no circuit breaker around `{function.name}`",
                    lines=blocks.lines(function.body),
                )


def _calls(body: list[ast.stmt]) -> Iterator[ast.Call]:
    return (
        node
        for statement in body
        if not blocks.does_nothing(statement)
        for node in blocks.own([statement])
        if isinstance(node, ast.Call)
    )


DROP_FALLBACK = Operator(
    key="R5",
    name="drop-fallback",
    summary="the fallback is not called, or the circuit breaker never opens",
    consequence="one dependency that is down or slow takes everything with it that was made to do without",
    noticed_by="a test in which the dependency is down, and which asserts the answer that the fallback gives",
    weight=4,
    seed=drop_fallback,
)
