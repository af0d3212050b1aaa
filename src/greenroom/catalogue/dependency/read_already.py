"""Answers that are whole when the call comes back: a loop over their pieces waits for nobody."""

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "request"})
_ROOTS = ("requests.", "httpx.")


def has_read_all(opening: Edge) -> bool:
    """`requests.get(url)` without `stream=True`, any verb of httpx: it reads the body before it returns."""
    if opening.call < 0 or not opening.symbol.startswith(_ROOTS):
        return False
    if opening.symbol.rpartition(".")[2] not in _VERBS:
        return False
    call = opening.caller.body.calls[opening.call]
    if any(key is None for key, _ in call.keywords):
        return False  # `**options` may hold it
    streams = call.keyword("stream")
    return streams is None or facts.constant(streams) is False
