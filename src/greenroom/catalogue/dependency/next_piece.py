"""Loops that take one piece of work after the other: their next turn is about another one."""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call

_TAKES = {
    "get", "recv", "receive", "receive_json", "receive_text", "receive_bytes", "receive_str", "accept", "readline",
}  # fmt: skip
_HOLDS_WORK = re.compile(r"queue|socket|inbox|mailbox|channel|(?:^|\.)_?(?:q|ws|jobs|tasks)$", re.IGNORECASE)


def takes_work(body: Body, call: Call) -> bool:
    """`await jobs.get()`, `queue.get()`, `await websocket.receive()`."""
    holder, _, last = facts.spell(call.callee, body.calls).rpartition(".")
    return last in _TAKES and (bool(call.usage & facts.AWAITED) or bool(_HOLDS_WORK.search(holder)))
