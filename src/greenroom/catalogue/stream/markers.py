"""The sign in a stream that says: this was all."""

import re
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.flow import Flow

_TEXTS = frozenset(
    {
        "[done]", "done", "[end]", "end", "eof", "[eof]", "finished", "finish", "complete", "completed", "stop", "final",
        "message_stop", "response.completed", "response.done", "end_of_stream", "<eos>", "<end>", "__end__", "__done__",
        "end_turn", "stream_end", "done!", "eos", "message_end", "finalmessage",
    }
)  # fmt: skip
_NAMES = re.compile(r"^(is_)?(done|finished|final|completed?|end_of_stream|eos|eof|last|is_end|ended)$|finish_reason"
                    r"|stop_reason|last_chunk|is_last", re.IGNORECASE)  # fmt: skip


def marker_of(body: Body, test: Expression) -> str:
    """The marker that a condition asks for: `[DONE]`, `finish_reason` …; empty where it asks something else."""
    if isinstance(test, tuple) and test[0] == facts.OPERATION and test[1] == "not":
        return ""
    for part in parts(body, test):
        value = facts.constant(part)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and is_end_text(value):
            return value.strip()
        if isinstance(value, str) and _NAMES.search(value):
            return value
        if isinstance(part, str) and "." in part and _NAMES.search(part.rsplit(".", 1)[-1]):
            return part
        if isinstance(part, tuple) and part[0] == facts.ATTRIBUTE and _NAMES.search(str(part[2])):
            return str(part[2])
    return ""


def is_end_text(text: str) -> bool:
    """Whether it is what the other side sends at its end, and not the name of the field that says so."""
    return plain(text) in _TEXTS


def plain(text: str) -> str:
    """Without the frame of a server-sent event."""
    return text.strip().removeprefix("data:").strip().lower()


def parts(body: Body, expression: Expression) -> Iterator[Expression]:
    """All parts of an expression, the arguments of its calls included."""
    for part in facts.walk(expression):
        yield part
        if isinstance(part, int) and not isinstance(part, bool):
            call = body.calls[part]
            for inner in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
                yield from parts(body, inner)


def marker_branches(body: Body, number: int) -> Iterator[tuple[int, str]]:
    """The `if`s of a loop that leave it (or return) when the marker has come, and the marker."""
    flow = Flow(body)
    for index, block in enumerate(body.blocks):
        if block.kind != "if" or not flow.inside(index, number):
            continue
        marker = marker_of(body, block.detail)
        if marker and any(_leaves(body, part.block, part.kind, index, number) for part in body.statements):
            yield index, marker


def _leaves(body: Body, block: int, kind: str, branch: int, loop: int) -> bool:
    """Whether a statement of the branch itself ends the loop."""
    if kind not in ("break", "return") or not Flow(body).inside(block, branch):
        return False
    return kind == "return" or next((number for number, _ in Flow(body).loops(block)), None) == loop
