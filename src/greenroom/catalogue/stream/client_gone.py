"""STR006: the client goes away, and what was opened for its answer stays."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.dependency.stream_loops import last_name, origins
from greenroom.catalogue.stream.ignored_disconnect import IGNORE_DISCONNECT
from greenroom.catalogue.stream.markers import parts
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_OFFERS = frozenset({"StreamingResponse", "EventSourceResponse", "StreamingHttpResponse"})
_OFFER_WORDS = words(*_OFFERS)
_TELLS_END = re.compile(r"disconnect|abort|cancel|stop|shutdown|closed|done|finished", re.IGNORECASE)
_SPAWNS = frozenset({"create_task", "ensure_future"})
_CLOSES = frozenset(
    {"close", "aclose", "cancel", "unsubscribe", "aunsubscribe", "release", "disconnect", "reset", "shutdown", "stop",
     "__aexit__", "__exit__", "wait_closed", "terminate"}
)  # fmt: skip
_GROUPS = frozenset({"gather", "wait", "TaskGroup", "create_task_group", "as_completed"})
# Open until they are closed: a connection of their own, with its tasks and buffers.
_HELD = (
    "requests.",
    "websockets.",
    "redis.",
    "aioredis.",
    "aiohttp.",
    "httpx.",
    "nats.",
    "asyncio.open_connection",
    "aio_pika.",
)
_HOLDING = frozenset({"connect", "pubsub", "ws_connect", "open_connection", "send", "get", "post", "request"})
_REQUESTS = (".get", ".post", ".request")


class _Serving(NamedTuple):
    """A function that runs as long as one client is there."""

    scope: Scope
    offered_by: Scope | None
    """Where it is handed to the framework; None for the handler of a socket."""
    label: str


def detect_clients_gone(project: Project) -> Iterator[Sighting]:
    """Streaming answers and sockets whose upstream or producer outlives their client."""
    seen: set[tuple[str, int]] = set()
    for serving in _servings(project):
        scopes = [serving.scope]
        if serving.offered_by is not None and serving.scope.parent is serving.offered_by:
            scopes.append(serving.offered_by)
        for scope in scopes:
            for sighting in (*_held(project, serving, scope), *_producers(project, serving, scope)):
                key = (sighting.place.path, sighting.place.line)
                if key not in seen:
                    seen.add(key)
                    yield sighting


def _servings(project: Project) -> Iterator[_Serving]:
    offering = set(mentioning(project.production(), _OFFER_WORDS))
    for module in project.production():
        for scope in module.scopes:
            if not scope.is_function:
                continue
            entry = project.entries.entry(scope)
            if entry is not None and entry.scope is scope and entry.reach is Reach.SOCKET:
                yield _Serving(scope, None, entry.label)
            for generator in _offered(project, scope) if scope in offering else ():
                yield _Serving(generator, scope, f"`{generator.qualname}`")


def _offered(project: Project, scope: Scope) -> Iterator[Scope]:
    """The generators that a function gives to a streaming response, and those that they iterate over."""
    body = scope.body
    found: list[Scope] = []
    for index, call in enumerate(body.calls):
        if last_name(body, index) in _OFFERS:
            content = (
                call.arguments[0]
                if call.arguments
                else call.keyword("content") or call.keyword("streaming_content")
            )
            found.extend(_generators(project, scope, content, call.line))
    seen = set(found)
    while found:
        generator = found.pop()
        yield generator
        for edge in project.graph.edges(generator):
            target = edge.target
            if (
                target is not None
                and target not in seen
                and target.facts.is_generator
                and edge.certainty >= PROBABLE
            ):
                seen.add(target)
                found.append(target)


def _generators(project: Project, scope: Scope, content: Expression, line: int) -> list[Scope]:
    calls = set(origins(scope.body, content, line))
    targets = [
        edge.target for edge in project.graph.edges(scope)
        if edge.target is not None and edge.certainty >= PROBABLE
        and (edge.call in calls or (edge.how == "reference" and edge.target.name == content))
    ]  # fmt: skip
    return [target for target in targets if target.facts.is_generator]


def _held(project: Project, serving: _Serving, scope: Scope) -> Iterator[Sighting]:
    """What was opened for this client, and is not closed on every way out."""
    for edge in project.graph.edges(scope):
        if edge.call < 0 or not _holds(edge) or edge.certainty < PROBABLE:
            continue
        call = scope.body.calls[edge.call]
        if call.usage & (facts.ENTERED | facts.ENTERED_ASYNC | facts.RETURNED | facts.ARGUMENT):
            continue
        names = _names_of(scope.body, edge.call)
        if not names or _is_closed(serving, scope, names) or _is_closed_by_class(project, scope, names):
            continue
        if (
            edge.symbol.startswith("aiohttp.")
            and edge.symbol.endswith(_REQUESTS)
            and not _is_iterated(scope.body, names)
        ):
            continue  # read to its end at once: that gives the connection back
        closes = any(_closing(part, names) for part in scope.body.calls)
        yield Sighting(
            place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
            end_line=call.end_line,
            message=f"`{edge.symbol}` is opened for the client of {serving.label}, and "
            f"{'closed only when all went well' if closes else 'closed nowhere'}: it stays when the client goes away",
            severity=Severity.HIGH if edge.effect and edge.effect.kind == "llm" else Severity.MEDIUM,
            confidence=_confidence(edge),
            subject=edge.symbol,
        )


def _confidence(edge: Edge) -> Confidence:
    """A response of requests is closed by the interpreter as soon as nobody has it any more."""
    return Confidence.POSSIBLE if edge.symbol.startswith("requests.") else Confidence.PROBABLE


def _holds(edge: Edge) -> bool:
    """A call which opens a connection that is the caller's until it closes it."""
    last = edge.symbol.rsplit(".", 1)[-1]
    if edge.effect is None or not edge.symbol.startswith(_HELD) or last not in _HOLDING:
        return False
    call = edge.caller.body.calls[edge.call]
    if edge.symbol.startswith("requests."):
        return facts.constant(call.keyword("stream")) is True
    if edge.effect.mode == "sync" and last != "pubsub":
        return False
    if edge.symbol.startswith("httpx."):
        return last == "send" and facts.constant(call.keyword("stream")) is True
    return not (edge.symbol.startswith(("redis.", "aioredis.")) and last != "pubsub")


def _is_iterated(body: Body, names: set[str]) -> bool:
    """Whether the answer is read piece by piece."""
    return any(
        isinstance(part, str) and part.split(".", 1)[0] in names
        for block in body.blocks if block.kind == "async-for"
        for part in parts(body, block.detail[1])
    )  # fmt: skip


def _names_of(body: Body, call: int) -> set[str]:
    """The names that hold what the call gives."""
    found: set[str] = set()
    for part in body.statements:
        if part.kind in ("assign", "annotate") and _is_value(part.value, call):
            targets = part.target if part.kind == "assign" else (part.target,)
            found.update(name for target in targets for name in facts.walk(target) if isinstance(name, str))
    return found


def _is_value(value: Expression, call: int) -> bool:
    value = value[1] if isinstance(value, tuple) and value[0] == facts.AWAIT else value
    return type(value) is int and value == call


def _is_closed(serving: _Serving, scope: Scope, names: set[str]) -> bool:
    """In a `finally`, by a `with`, by a background task, or by whoever gets it."""
    scopes = {scope, serving.scope, serving.offered_by} - {None}
    for place in scopes:
        assert place is not None  # noqa: S101 - taken out above
        body = place.body
        if any(
            block.kind in ("with", "async-with") and any(part in names for part, _ in block.detail)
            for block in body.blocks
        ):
            return True
        for call in body.calls:
            if _closing(call, names) and _runs_always(body, call):
                return True
            if _is_handed_on(call, names):
                return True
    return False


def _is_closed_by_class(project: Project, scope: Scope, names: set[str]) -> bool:
    """`self.upstream` that another method closes, such as `disconnect`: the framework, or who made the object, calls that."""
    kept = {name for name in names if name.startswith("self.")}
    return scope.owner is not None and any(
        _closing(call, kept)
        for cls in project.inference.classes.line(scope.owner)[0]
        for method in cls.children
        if method is not scope and method.is_function
        for call in method.body.calls
    )


def _closing(call: Call, names: set[str]) -> bool:
    if not isinstance(call.callee, str):
        return False
    head, _, last = call.callee.rpartition(".")
    return last in _CLOSES and head in names


def _runs_always(body: Body, call: Call) -> bool:
    """In a `finally`, or in an `except` that takes everything."""
    for block in body.enclosing(call.block):
        if block.kind == "finally":
            return True
        if block.kind == "except":
            text = repr(block.detail[0])
            if block.detail[0] is None or any(
                word in text for word in ("BaseException", "Cancelled", "Exit", "Disconnect")
            ):
                return True
    return False


def _is_handed_on(call: Call, names: set[str]) -> bool:
    """`BackgroundTask(response.aclose)`, `enter_async_context(…)`, or a call that is given the thing itself."""
    given = (*call.arguments, *(value for _, value in call.keywords))
    return any(
        isinstance(part, str) and (part in names or (part.rpartition(".")[0] in names and part.rpartition(".")[2] in _CLOSES))
        for value in given for part in facts.walk(value)
    )  # fmt: skip


def _producers(project: Project, serving: _Serving, scope: Scope) -> Iterator[Sighting]:
    """A task that feeds this client, and that nobody cancels."""
    body = scope.body
    if _cancels(serving, scope):
        return
    for index, call in enumerate(body.calls):
        if last_name(body, index) not in _SPAWNS or not call.arguments:
            continue
        coroutine = call.arguments[0]
        target = _long_running(project, scope, coroutine)
        if target is None or type(coroutine) is not int:
            continue
        shared = _shared(serving, scope, body.calls[coroutine])
        if shared and not _hears_of_the_end(body.calls[coroutine]):
            yield Sighting(
                place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
                end_line=call.end_line,
                message=f"the task of `{target.qualname}` works for the client of {serving.label} through `{shared}`, "
                "and nothing cancels it when the client goes away",
                severity=Severity.MEDIUM,
                confidence=Confidence.PROBABLE,
                subject=target.qualname,
            )


def _hears_of_the_end(call: Call) -> bool:
    """`work(queue, disconnect_handler=…)`: what the task is given tells it that the client went."""
    given = (*call.arguments, *(value for _, value in call.keywords))
    return any(isinstance(part, str) and _TELLS_END.search(part) is not None for part in given)


def _cancels(serving: _Serving, scope: Scope) -> bool:
    """Any cancelling, waiting or grouping in these functions: somebody thought of the end."""
    for place in (scope, serving.scope, *scope.children):
        body = place.body
        for index, call in enumerate(body.calls):
            name = last_name(body, index)
            if name in _GROUPS or name in ("cancel", "aclose") or "cancel" in name:
                return True
            if any(block.kind == "finally" for block in body.enclosing(call.block)) and name in _CLOSES:
                return True
    return False


def _long_running(project: Project, scope: Scope, coroutine: Expression) -> Scope | None:
    """The project's function behind the coroutine, where it works in a loop."""
    if type(coroutine) is not int:
        return None
    for edge in project.graph.edges(scope):
        target = edge.target
        if edge.call != coroutine or target is None or not target.is_async or edge.certainty < PROBABLE:
            continue
        if any(block.kind in ("while", "async-for") for block in target.body.blocks):
            return target
    return None


def _shared(serving: _Serving, scope: Scope, call: Call) -> str:
    """The socket or queue that the task is given and this client's function waits on."""
    given = {
        part
        for value in (*call.arguments, *(value for _, value in call.keywords))
        if isinstance(part := value, str)
    }
    used: set[str] = set()
    for place in (serving.scope, scope):
        flow = Flow(place.body)
        for other in place.body.calls:
            callee = other.callee
            if (
                isinstance(callee, str)
                and other.usage & facts.AWAITED
                and any(True for _ in flow.loops(other.block))
            ):
                head, _, last = callee.rpartition(".")
                if last in ("get", "receive", "receive_text", "receive_json", "receive_bytes", "recv"):
                    used.add(head)
    return min(given & used, default="")


MODE = FailureMode(
    code="STR006",
    name="client-gone",
    family=Family.STREAM,
    summary="a streaming answer leaves its upstream or its producer behind when the client goes away",
    consequence="each client that closes its tab leaves a connection or a task behind, until the pool or the memory is full",
    remedy="open the upstream in an `async with` inside the generator, and cancel the task in a `finally`",
    source="Starlette documentation, StreamingResponse: the generator is cancelled when the client disconnects",
    detector=detect_clients_gone,
    operators=(IGNORE_DISCONNECT,),
    surest=Confidence.PROBABLE,
)
