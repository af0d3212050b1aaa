"""Who may send a request away before a conversion: a check of its signature, or a function of ours that is given it."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_COMPUTES: Final = frozenset({"hmac.new", "hmac.digest", "hmac.HMAC"})
_RUNS: Final = ("call", "depends")
_ENDS: Final = frozenset({"abort", "fail"})
_REQUESTS: Final = frozenset({"request", "req", "self.request"})
_DEEPEST: Final = 2
_CLIENT: Final = re.compile(
    r"(?:^|\.)(?:remote|remote_addr|client\.host|client_host|host|ip|client_ip|peer)$", re.IGNORECASE
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_for_this_machine(scope: Scope, conversion: Call) -> bool:
    """`if request.remote != "127.0.0.1": return …` before it: who comes further is a process of the deployment's own."""
    body, flow = scope.body, Flow(scope.body)
    for number, block in enumerate(body.blocks):
        if block.kind == "if" and block.end_line < conversion.line and _leaves_in(body, number):
            parts = list(deep(body, block.detail))
            asked = any(isinstance(part, str) and _CLIENT.search(part) for part in parts)
            local = any(facts.constant(part) in _LOOPBACK for part in parts)
            if asked and local and flow.inside(conversion.block, block.parent):
                return True
    return False


def is_signed(project: Project, scope: Scope, conversion: Call) -> bool:
    """Whether whoever comes to the conversion has a key: a signature was computed over the request, and a wrong one turned away.

    Who has the key is the service that the handler is written for, and sends what it always sends.
    """
    if _signs(scope) and any(_signs_here(scope, call, conversion) for call in scope.body.calls):
        return True
    if any(_computes(project, target, 0) for target in _decorators(project, scope)):
        return True
    return any(
        edge.how in _RUNS
        and edge.target is not None
        and _computes(project, edge.target, 0)
        and (edge.call < 0 or _turns_away(project, scope, edge.call, conversion))
        for edge in project.graph.edges(scope)
    )


def may_be_rejected(project: Project, scope: Scope, conversion: Call, names: frozenset[str]) -> bool:
    """Whether a function of ours is given the request or the text before, and may send the client away for it."""
    return any(
        edge.how == "call"
        and edge.call >= 0
        and edge.target is not None
        and _is_given(scope.body.calls[edge.call], names | _REQUESTS)
        and _turns_away(project, scope, edge.call, conversion)
        for edge in project.graph.edges(scope)
    )


def _signs(scope: Scope) -> bool:
    return any(call.callee in _COMPUTES for call in scope.body.calls)


def _signs_here(scope: Scope, call: Call, conversion: Call) -> bool:
    """`if not hmac.compare_digest(given, computed): abort(403)` in the handler itself."""
    compares = facts.last_name(call.callee) == "compare_digest"
    return compares and _decides(scope, scope.body.calls.index(call), conversion)


def _computes(project: Project, scope: Scope, depth: int) -> bool:
    if _signs(scope) or any(_computes(project, child, depth) for child in scope.children):
        return True
    return depth < _DEEPEST and any(
        edge.how == "call" and edge.target is not None and _computes(project, edge.target, depth + 1)
        for edge in project.graph.edges(scope)
    )


def _decorators(project: Project, scope: Scope) -> Iterator[Scope]:
    """The functions of the project that are around the handler."""
    outer = scope.parent
    if outer is None:
        return
    for decorator in scope.decorators:
        callee = outer.body.calls[decorator].callee if type(decorator) is int else decorator
        yield from (
            value.ref for value in project.inference.expression(outer, callee) if value.kind == "function"
        )


def _turns_away(project: Project, scope: Scope, index: int, conversion: Call) -> bool:
    """Whether it raises itself, or what it says decides whether the handler goes on."""
    call = scope.body.calls[index]
    comes_first = call.end_line < conversion.line and Flow(scope.body).inside(conversion.block, call.block)
    if comes_first and any(
        edge.call == index and edge.target is not None and _leaves(edge.target)
        for edge in project.graph.edges(scope)
    ):
        return True
    return _decides(scope, index, conversion)


def _leaves(target: Scope) -> bool:
    """Whether it raises what no handler of its own takes, or ends the request: `abort(403)`."""
    body = target.body
    ends = [part.block for part in body.statements if part.kind == "raise"]
    ends += [call.block for call in body.calls if facts.last_name(call.callee) in _ENDS]
    return any(all(part.kind != "try" for part in body.enclosing(block)) for block in ends)


def _decides(scope: Scope, index: int, conversion: Call) -> bool:
    """Whether a test of what it says stands before the conversion and leaves, or around it."""
    body, flow = scope.body, Flow(scope.body)
    told = {
        name
        for part in body.statements
        if part.kind == "assign" and part.value in (index, (facts.AWAIT, index))
        for name in part.target
        if isinstance(name, str)
    }
    for number, block in enumerate(body.blocks):
        if block.kind != "if" or block.line > conversion.line:
            continue
        asked = any(part == index or part in told for part in deep(body, block.detail))
        before = block.end_line < conversion.line and flow.inside(conversion.block, block.parent)
        if asked and ((before and _leaves_in(body, number)) or flow.inside(conversion.block, number)):
            return True
    return False


def _leaves_in(body: Body, block: int) -> bool:
    return any(part.kind in ("return", "raise") and part.block == block for part in body.statements) or any(
        call.block == block and facts.last_name(call.callee) in _ENDS for call in body.calls
    )


def _is_given(call: Call, names: frozenset[str]) -> bool:
    return any(part in names for part in call.arguments if isinstance(part, str)) or any(
        value in names for _, value in call.keywords if isinstance(value, str)
    )
