"""Functions that take the synchronous and the asynchronous kind of an object, and ask which of them came."""

from greenroom.project.calls.edge import Edge
from greenroom.project.calls.narrowing import tests_of
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.flow import Flow


def is_for_other_kind(edge: Edge) -> bool:
    """`session.flush()` where `await session.flush()` stands under another answer of `isinstance(session, …)`."""
    if edge.call < 0 or "isinstance" not in edge.caller.facts.called:
        return False
    body = edge.caller.body
    call = body.calls[edge.call]
    if not isinstance(call.callee, str):
        return False
    flow = Flow(body)
    answers = _answers(flow, call)
    return bool(answers) and any(
        other.callee == call.callee
        and other.usage & facts.AWAITED
        and any((kind, not holds) in answers for kind, holds in _answers(flow, other))
        for other in body.calls
    )


def _answers(flow: Flow, call: Call) -> list[tuple[facts.Expression, bool]]:
    return list(tests_of(flow, call, str(call.callee).rpartition(".")[0]))
