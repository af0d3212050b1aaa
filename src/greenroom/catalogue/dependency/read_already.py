"""Answers that are whole when the call comes back: a loop over their pieces waits for nobody."""

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "request"})
_ROOTS = ("requests.", "httpx.")
_FINISHED = ("ready", "done", "successful", "is_finished")
_OPENS = "urllib.request.urlopen"


def is_in_the_address(symbol: str, body: Body, block: int) -> bool:
    """`urlopen(url)` under `if parts.scheme == "data":`: what it reads stands in the address, and nobody is asked."""
    return symbol == _OPENS and any(
        found.kind == "if" and _says_data(found.detail) for found in body.enclosing(block)
    )


def is_finished(body: Body, call: Call) -> bool:
    """`task.get()` under `if task.ready():`: the other side has answered."""
    asked = call.callee.rpartition(".")[0] if isinstance(call.callee, str) else ""
    finished = {f"{asked}.{name}" for name in _FINISHED} if asked else set()
    return any(
        found.kind == "if" and type(found.detail) is int and body.calls[found.detail].callee in finished
        for found in body.enclosing(call.block)
    )


def _says_data(test: Expression) -> bool:
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or test[1] != ("==",):
        return False
    names = [facts.last_name(part) for part in test[2] if isinstance(part, str)]
    return "data" in map(facts.constant, test[2]) and any(name.endswith("scheme") for name in names)


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
