"""WSK004: a frame that is no JSON ends the connection, because nobody catches what reading it raises."""

import re
from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.dependency.stream_loops import last_name, origins
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.imported import imported_by
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_RECEIVES = frozenset({"receive_text", "receive_bytes", "iter_text", "iter_bytes"})
_DECODES_ITSELF = frozenset({"receive_json", "iter_json"})
_PARSES = frozenset({"json.loads", "orjson.loads", "ujson.loads", "loads"})
_VALIDATES = frozenset({"model_validate_json", "parse_raw"})
_WORDS = words(*_DECODES_ITSELF, "loads", *_VALIDATES)
_OTHER_FAILURES = frozenset(
    {"WebSocketDisconnect", "ConnectionClosed", "ConnectionClosedOK", "ConnectionClosedError", "ConnectionError",
     "ConnectionResetError", "CancelledError", "WebSocketException", "HTTPException", "RuntimeError", "OSError", "TimeoutError", "KeyError", "ClientDisconnected", "BrokenPipeError"}
)  # fmt: skip
"""None of these is a `ValueError`, which is what a frame raises that cannot be read."""
_MOUNTS = words("URLRouter")
_CHANNELS = frozenset({"text_data", "bytes_data"})
"""What a consumer of Channels is given once for every frame."""


def detect_malformed_frames(project: Project) -> Iterator[Sighting]:
    """Every place of a socket's loop that reads a frame, and lets out what an unreadable one raises."""
    for scope in mentioning(project.production(), _WORDS):
        entry = project.entries.entry(scope) if scope.is_function else None
        if (
            entry is None
            or entry.scope is not scope
            or not (entry.reach is Reach.SOCKET or _of_aiohttp(scope))
        ):
            continue
        if len(scope.decorators) > 1:
            continue  # what the others catch is not known
        call = next((call for index, call in _readings(scope) if not _is_caught(scope.body, call)), None)
        if call is not None:
            found = _sighting(scope, call, entry.label)
            loose = _is_mounted_nowhere(project, scope)
            yield replace(found, confidence=Confidence.POSSIBLE) if loose else found


def _readings(scope: Scope) -> Iterator[tuple[int, Call]]:
    """The calls that make something of a frame, each time that one comes."""
    body = scope.body
    sockets = tuple(part.name for part in scope.parameters if _is_socket(part.annotation))
    texts = set() if "close" in scope.facts.called else {part.name for part in scope.parameters} & _CHANNELS
    frames = {f"{name}.data" for name in _of_aiohttp(scope)}
    flow = Flow(body)
    for index, call in enumerate(body.calls):
        repeated = any(True for _ in flow.loops(call.block))
        name = last_name(body, index)
        if name in _DECODES_ITSELF:
            if call.callee in {f"{socket}.{name}" for socket in sockets} and (
                repeated or name == "iter_json"
            ):
                yield index, call
        elif (name in _VALIDATES or call.callee in _PARSES) and call.arguments:
            given = call.arguments[0]
            if given in texts or given in frames or (repeated and _is_frame(body, given, call, sockets)):
                yield index, call


def _of_aiohttp(scope: Scope) -> set[str]:
    """The frames of `async for frame in socket:`, where the socket is a `web.WebSocketResponse()` of this handler."""
    if "WebSocketResponse" not in scope.facts.called:
        return set()
    made = {
        target
        for part in scope.body.statements
        if part.kind == "assign" and type(part.value) is int
        and facts.last_name(scope.body.calls[part.value].callee) == "WebSocketResponse"
        for target in part.target
    }  # fmt: skip
    return {
        part.detail[0] for part in scope.body.blocks
        if part.kind == "async-for" and part.detail[1] in made and isinstance(part.detail[0], str)
    }  # fmt: skip


def _is_socket(annotation: Expression | None) -> bool:
    return isinstance(annotation, str) and annotation.rpartition(".")[2] == "WebSocket"


def _is_frame(body: Body, given: Expression, call: Call, sockets: tuple[str, ...]) -> bool:
    """Whether it is what the client sent: received in this loop, or the variable of a loop over frames."""
    received = {f"{socket}.{name}" for socket in sockets for name in _RECEIVES}
    if any(body.calls[number].callee in received for number in origins(body, given, call.line)):
        return True
    return any(
        block.kind == "async-for"
        and block.detail[0] == given
        and type(block.detail[1]) is int
        and body.calls[block.detail[1]].callee in received
        for block in body.enclosing(call.block)
    )


def _is_caught(body: Body, call: Call) -> bool:
    """Whether something around it takes what it raises, or may."""
    flow = Flow(body)
    for index, block in enumerate(body.blocks):
        if not flow.inside(call.block, index):
            continue
        if block.kind in ("with", "async-with"):
            return True  # `suppress(ValueError)`, or what someone wrote himself
        if block.kind == "try" and any(_may_take(part.detail[0]) for _, part in flow.handlers(index)):
            return True
    return False


def _may_take(types: Expression) -> bool:
    listed = types[2] if type(types) is tuple and types[0] == facts.SEQUENCE else (types,)
    return not all(isinstance(one, str) and one.rpartition(".")[2] in _OTHER_FAILURES for one in listed)


def _is_mounted_nowhere(project: Project, scope: Scope) -> bool:
    """Whether a consumer stands only in lists of addresses that no file imports or names, while another file mounts sockets."""
    if scope.owner is None or not any(True for _ in mentioning(project.production(), _MOUNTS)):
        return False
    said = re.compile(rf"\b{re.escape(scope.owner.name)}\.as_asgi\b")
    production, text_of = project.production(), project.inventory.read_text
    lists = [module for module in production if said.search(text_of(module.path))]
    imported = imported_by(production, project.symbols)
    return bool(lists) and not any(
        module in imported
        or any(True for _ in mentioning([module], _MOUNTS))
        or any(
            re.search(rf"[\"'][\w.]*\b{re.escape(module.name)}[\"'.]", text_of(other.path))
            for other in production
            if other is not module
        )
        for module in lists
    )


def _sighting(scope: Scope, call: Call, label: str) -> Sighting:
    spelled = facts.spell(call.callee, scope.body.calls)
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"a frame that `{spelled}` cannot read ends the connection of {label}: nothing catches what it raises",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE,
        subject=spelled,
    )


MODE = FailureMode(
    code="WSK004",
    name="malformed-frame",
    family=Family.WEBSOCKET,
    summary="a socket's loop reads frames as JSON, and one that is none ends the connection",
    consequence="one broken frame throws the client out without a word, with all that the connection held",
    remedy="catch `ValueError` around the reading, tell the client what was wrong, and go on with the next frame",
    source="RFC 6455, sections 7.4.1 (1003, 1007, 1011) and 10.7: incoming data must be validated",
    detector=detect_malformed_frames,
    surest=Confidence.PROBABLE,
)
