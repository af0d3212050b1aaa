"""A pause before the process ends: whom it holds up, the end would have cut off."""

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import last_name

_ENDS = {"exit", "_exit", "abort", "quit", "execv", "execve", "execl"}
_ERRORS = ("SystemExit", "KeyboardInterrupt")


def is_before_the_end(leaf: Edge) -> bool:
    """`time.sleep(5); sys.exit(1)`: behind the call, in its own run of statements, the process is left."""
    if leaf.call < 0:
        return False
    body = leaf.caller.body
    call = body.calls[leaf.call]
    leaves = any(
        other.block == call.block and other.line >= call.end_line and last_name(other.callee) in _ENDS
        for other in body.calls
        if other is not call
    )
    return leaves or any(
        part.kind == "raise"
        and part.block == call.block
        and part.line >= call.end_line
        and _is_end(body, part.value)
        for part in body.statements
    )


def _is_end(body: facts.Body, raised: facts.Expression) -> bool:
    name = body.calls[raised].callee if type(raised) is int else raised
    return isinstance(name, str) and name in _ERRORS
