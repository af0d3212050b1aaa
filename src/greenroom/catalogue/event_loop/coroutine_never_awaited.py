"""EVL002: a coroutine that nobody awaits, or that is used as if it were its result."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.event_loop.dropped_await import DROP_AWAIT
from greenroom.catalogue.event_loop.proxied import is_proxied
from greenroom.catalogue.event_loop.returned_coroutine import is_the_answer
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.classes import is_stub
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_HANDLED = (
    facts.AWAITED | facts.ENTERED_ASYNC | facts.ITERATED_ASYNC | facts.RETURNED | facts.YIELDED
    | facts.ARGUMENT | facts.ENTERED | facts.ITERATED
)  # fmt: skip
_ASKS_WHETHER_ASYNC = re.compile(r"(?i)async|corout|await")
_COROUTINE_METHODS = frozenset({"close", "send", "throw", "__await__"})
_CONFIDENCE = {CERTAIN: Confidence.DEFINITE, PROBABLE: Confidence.PROBABLE}


def detect_coroutines_never_awaited(project: Project) -> Iterator[Sighting]:
    """Calls of coroutine functions whose coroutine is dropped or misused; sync results awaited."""
    by_hand = project.once(ByHand)
    for module in project.production():
        for scope in module.scopes:
            edges = project.graph.edges(scope)
            for group in _by_call(edges) if any(map(_may_matter, edges)) else ():
                sighting = _judge(project, scope, group) if _is_telling(group) else None
                if sighting is None:
                    continue
                shows = _is_under_main(scope, group[0]) and by_hand.is_imported(module)
                yield replace(sighting, confidence=Confidence.POSSIBLE) if shows else sighting


def _is_under_main(scope: Scope, edge: Edge) -> bool:
    """Under `if __name__ == "__main__":`; of a file that others import, that shows how it is used."""
    return scope.kind == "module" and any(
        block.kind == "if" and "__name__" in facts.walk(block.detail)
        for block in scope.body.enclosing(scope.body.calls[edge.call].block)
    )


def _may_matter(edge: Edge) -> bool:
    """Of most calls nobody waits, and they have nothing to wait for."""
    if edge.awaited:
        return True
    target, effect = edge.target, edge.effect
    return target.is_async if target is not None else effect is not None and effect.mode == "async"


def _by_call(edges: Iterable[Edge]) -> list[list[Edge]]:
    groups: dict[int, list[Edge]] = {}
    for edge in edges:
        if edge.call >= 0 and edge.how in ("call", "construct"):
            groups.setdefault(edge.call, []).append(edge)
    return list(groups.values())


def _is_telling(group: list[Edge]) -> bool:
    """Whether what is called is sure enough; and it is awaited, or has to be."""
    return all(edge.certainty >= PROBABLE for edge in group) and (
        group[0].awaited or all(_gives_coroutine(edge) for edge in group)
    )


def _judge(project: Project, scope: Scope, group: list[Edge]) -> Sighting | None:
    body = scope.body
    edge, call = group[0], body.calls[group[0].call]
    certainty = min(part.certainty for part in group)
    name = facts.spell(call.callee, body.calls)
    stored = any(_is_stored(part, call) for part in group) or _is_proxied(project, scope, call.callee)
    if all(_gives_coroutine(part) for part in group):
        misuse = _misuse(body, edge.call, call, _askable(project, group))
        if not misuse and is_the_answer(project, scope, edge.call, call):
            misuse = "is given back as the answer by a handler that is none: its body never runs, and the request fails"
        if misuse and not _is_otherwise(body, call):
            found = _sighting(scope, call, f"the coroutine of `{name}(…)` {misuse}", edge, certainty)
            doubtful = stored or (edge.target is None and _is_chained_first(body, edge.call))
            return replace(found, confidence=Confidence.POSSIBLE) if doubtful else found
        return None
    if call.usage & facts.AWAITED and all(_gives_no_awaitable(project, part) for part in group):
        if _is_asked_first(body, call) or _is_tried_without(body, call):
            return None
        message = f"`await {name}(…)` awaits what is not awaitable: `{_target(edge)}` is synchronous"
        found = _sighting(scope, call, message, edge, certainty)
        # Code that ran once with this `await` knows better what a library's client is: of ten at first sight, none was true.
        doubtful = edge.target is None or stored or _is_run_by_nobody(project, scope)
        return replace(found, confidence=Confidence.POSSIBLE) if doubtful else found
    return None


def _is_stored(edge: Edge, call: Call) -> bool:
    """`api.func(…)` that runs `nop`: a function put into an attribute, where others may be put as well."""
    target = edge.target
    return (
        target is not None
        and edge.how == "call"
        and target.owner is None
        and target.kind == "function"
        and target.parent is not None
        and target.parent.kind == "function"
        and not (isinstance(call.callee, str) and "." not in call.callee)
    )


def _is_proxied(project: Project, scope: Scope, callee: Expression) -> bool:
    """Whether what a name says of the receiver need not be so: a proxy, or a property's annotation alone tells it."""
    names = callee.split(".") if isinstance(callee, str) else []
    return _comes_by_property(project, scope, names) or is_proxied(project, scope, names)


def _comes_by_property(project: Project, scope: Scope, names: list[str]) -> bool:
    """Whether a property's annotation alone says what `adapter.services` in `adapter.services.users.get()` is."""
    for at in range(1, len(names) - 1):
        for value in project.inference.name(scope, ".".join(names[:at])):
            found = (
                project.inference.classes.getter(value.ref, names[at]) if value.kind == "instance" else None
            )
            if found is not None and found.facts.returns is not None and not _makes_what_it_returns(found):
                return True
    return False


def _makes_what_it_returns(getter: Scope) -> bool:
    """`return Services(self)`, not `return self._services`."""
    return any(call.usage & facts.RETURNED for call in getter.body.calls)


def _is_asked_first(body: Body, call: Call) -> bool:
    """Under `if iscoroutinefunction(function):`, the code itself decides whether it awaits."""
    block = call.block
    while block >= 0:
        found = body.blocks[block]
        if _asks(body, found):
            return True
        block = found.parent
    return False


def _is_otherwise(body: Body, call: Call) -> bool:
    """In the `else` of `if iscoroutinefunction(function):` runs only what is none."""
    block = call.block
    while block >= 0:
        found = body.blocks[block]
        if found.kind == "else" and found.owner >= 0 and _asks(body, body.blocks[found.owner]):
            return True
        block = found.parent
    return False


def _asks(body: Body, block: Block) -> bool:
    return block.kind == "if" and any(
        type(part) is int and _ASKS_WHETHER_ASYNC.search(facts.last_name(body.calls[part].callee))
        for part in facts.walk(block.detail)
    )


def _is_tried_without(body: Body, call: Call) -> bool:
    """`try: await inspect(reply)`, `except Exception: inspect(reply)`: made for functions of both kinds."""
    return any(
        other.callee == call.callee
        and not other.usage & facts.AWAITED
        and any(
            block.kind == "except" and block.owner in _around(body, call.block)
            for block in body.enclosing(other.block)
        )
        for other in body.calls
        if other is not call
    )


def _around(body: Body, block: int) -> Iterator[int]:
    while block >= 0:
        yield block
        block = body.blocks[block].parent


def _is_run_by_nobody(project: Project, scope: Scope) -> bool:
    """A function inside another that is handed on, and that nothing is known to run."""
    inner = scope.parent is not None and scope.parent.is_function
    return (
        inner
        and project.entries.reach(scope) is Reach.UNREACHED
        and all(edge.how == "reference" for edge in project.graph.callers(scope))
    )


def _gives_coroutine(edge: Edge) -> bool:
    if edge.target is not None:
        target = edge.target
        return (
            target.is_async
            and not target.facts.is_generator
            and not target.decorators
            and not _is_declared_only(target)
        )
    effect = edge.effect
    return (
        effect is not None
        and effect.mode == "async"
        and effect.touches != "nothing"
        and not effect.gives_futures
    )


def _is_declared_only(function: Scope) -> bool:
    """A docstring or `...` is all there is: of an interface, whose implementation may be synchronous."""
    return all(
        part.kind == "pass"
        or (part.kind == "expression" and isinstance(part.value, tuple) and part.value[0] == facts.CONSTANT)
        for part in function.body.statements
    )


def _askable(project: Project, group: list[Edge]) -> frozenset[str]:
    """What may be asked of it before it is awaited: of a query that can still be refined, more than of a coroutine."""
    names = {edge.effect.chains for edge in group if edge.effect is not None and edge.effect.chains}
    described = [project.effects.library_class(name) for name in names]
    return _COROUTINE_METHODS.union(*(found.plain for found in described if found is not None))


def _misuse(body: Body, index: int, call: Call, askable: frozenset[str]) -> str:
    """What is wrong with the use of a coroutine; empty where it may be right."""
    if call.usage & facts.DISCARDED and not call.usage & _HANDLED:
        return "is dropped: its body never runs"
    if call.usage & _HANDLED:
        return ""
    for expression in _expressions(body):
        for part in facts.walk(expression):
            if _asks_the_coroutine(part, index, askable):
                return "is used as if it were its result"
    if call.usage & facts.ASSIGNED:
        return _misuse_of_name(body, index, askable)
    return ""


def _is_chained_first(body: Body, index: int) -> bool:
    """`await Ticket.fetch(1).with_owner()`: who wrote that knows a query of the library that is refined before it is awaited."""
    return any(
        isinstance(outer.callee, tuple)
        and outer.callee[:2] == (facts.ATTRIBUTE, index)
        and bool(outer.usage & facts.AWAITED)
        for outer in body.calls
    )


def _expressions(body: Body) -> Iterator[Expression]:
    for call in body.calls:
        yield call.callee
        yield from call.arguments
    for statement in body.statements:
        if statement.value is not None:
            yield statement.value
    for block in body.blocks:
        if block.kind in ("if", "while"):
            yield block.detail
        elif block.kind in ("for", "async-for"):
            yield block.detail[1]


def _asks_the_coroutine(part: Expression, index: int, askable: frozenset[str]) -> bool:
    """`coroutine().attribute`, `coroutine()[0]`, `coroutine() == x`, `not coroutine()`."""
    if not isinstance(part, tuple):
        return False
    if part[0] == facts.ATTRIBUTE:
        return part[1] == index and type(part[1]) is int and part[2] not in askable
    if part[0] == facts.ITEM:
        return type(part[1]) is int and part[1] == index
    if part[0] in (facts.COMPARE, facts.OPERATION):
        return any(type(operand) is int and operand == index for operand in part[2])
    return False


def _misuse_of_name(body: Body, index: int, askable: frozenset[str]) -> str:
    """`x = coroutine()`, then `x.attribute`, and `x` is never awaited nor handed on."""
    names = [
        statement.target[0]
        for statement in body.statements
        if statement.kind == "assign" and type(statement.value) is int and statement.value == index
        and len(statement.target) == 1 and isinstance(statement.target[0], str)
    ]  # fmt: skip
    if not names or "." in names[0]:
        return ""
    name = names[0]
    if sum(name in statement.target for statement in body.statements if statement.kind == "assign") > 1:
        return ""
    asked = False
    for expression in _expressions(body):
        for part in facts.walk(expression):
            if part == name:
                return ""
            if isinstance(part, str) and part.startswith(f"{name}."):
                if part.split(".")[1] in askable:
                    return ""
                asked = True
    handed_on = any(name == value for call in body.calls for _, value in call.keywords)
    return "is used as if it were its result" if asked and not handed_on else ""


def _gives_no_awaitable(project: Project, edge: Edge) -> bool:
    target = edge.target
    if target is None:
        effect = edge.effect
        return effect is not None and effect.mode == "sync" and effect.blocks and not effect.returns
    if edge.how != "call" or target.is_async or target.decorators or target.facts.is_generator:
        return False
    if target.kind != "function" or is_stub(target):
        return False
    if any(method.is_async for method in project.inference.classes.overriding(target)):
        return False
    return _returns_plain_data(target)


_PLAIN = {"None", "str", "int", "float", "bool", "bytes", "dict", "list", "tuple", "set"}


def _returns_plain_data(target: Scope) -> bool:
    """By its annotation, or because it never returns anything.

    What hands on another call's result has its annotation from there, where a decorator may make a task of it.
    """
    if any(call.usage & facts.RETURNED for call in target.body.calls):
        return False
    returns = target.facts.returns
    if returns is not None:
        bare = returns[1] if isinstance(returns, tuple) and returns[0] == facts.ITEM else returns
        return facts.is_none(bare) or (isinstance(bare, str) and bare in _PLAIN)
    return not any(part.kind == "return" and part.value is not None for part in target.body.statements)


def _target(edge: Edge) -> str:
    return edge.target.qualname if edge.target is not None else edge.symbol


def _sighting(scope: Scope, call: Call, message: str, edge: Edge, certainty: int) -> Sighting:
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=message,
        severity=Severity.HIGH,
        confidence=_CONFIDENCE[certainty],
        subject=_target(edge),
    )


MODE = FailureMode(
    code="EVL002",
    name="coroutine-never-awaited",
    family=Family.EVENT_LOOP,
    summary="a coroutine is created and dropped, or used as if it were its result",
    consequence="the work is silently never done, or the request fails with a TypeError",
    remedy="await the call, or await its async counterpart from an `async def`",
    source="Python documentation, Coroutines and Tasks: a coroutine object does nothing until awaited",
    detector=detect_coroutines_never_awaited,
    operators=(DROP_AWAIT,),
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
