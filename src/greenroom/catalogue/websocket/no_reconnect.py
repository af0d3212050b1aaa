"""WSK002: a page, or a task, that opens a socket, and that does nothing when it closes."""

import re
from collections.abc import Iterator

from greenroom.catalogue.websocket.followed_once import find_followed_once
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.front import facts
from greenroom.project.front.facts import Expression
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project

_SOCKETS = frozenset({"WebSocket", "window.WebSocket", "globalThis.WebSocket"})
_ENDS = frozenset({"close", "error"})
_PAGES = (".html", ".htm", ".jinja", ".jinja2", ".j2")
_LISTENS = frozenset({"addEventListener", "on", "once"})
_AGAIN = re.compile(
    r"set(?:Timeout|Interval)|re_?(?:connect|try|start|open)|back_?off|poll|heart_?beat|alive", re.IGNORECASE
)
"""Words of a file in which somebody thought of a connection that ends."""


def detect_sockets_for_once(project: Project) -> Iterator[Sighting]:
    """Every socket that a page listens to, and whose end nobody in the file hears; those that a task follows once."""
    yield from find_followed_once(project)
    for file in project.front.files.values():
        if file.kind is FrontKind.PRODUCTION and "WebSocket" in file.words and not _thinks_of_the_end(file):
            yield from _of(project, file)


def _of(project: Project, file: FrontFile) -> Iterator[Sighting]:
    if any(part.local == "WebSocket" for part in file.imports):
        return
    for index, call in enumerate(file.calls):
        if not call.is_new or call.callee not in _SOCKETS:
            continue
        names = {
            binding.name for binding in file.bindings if binding.value == index and type(binding.value) is int
        }
        if names and _is_heard(file, names, "message") and not _is_handed_on(file, names):
            yield Sighting(
                place=Place(
                    path=file.path, line=call.line, symbol=file.name_at(call.function), column=call.column
                ),
                message="nothing happens when this socket closes: what it should have brought stays away, and nobody sees it",
                severity=Severity.MEDIUM,
                confidence=Confidence.PROBABLE if _is_on_a_page(project, file) else Confidence.POSSIBLE,
                subject="WebSocket",
                reach=Reach.ROUTE,
            )


def _is_on_a_page(project: Project, file: FrontFile) -> bool:
    """Whether a page is known to load the file; where no page can be told, a plain script is loaded by what names it."""
    loaded = project.front.mounting.loaded
    if loaded:
        return file.path in loaded
    name = file.path.rpartition("/")[2]
    return bool(file.imports or file.exports) or any(
        name in project.inventory.read_text(path)
        for path in (*project.inventory.other, *project.inventory.documents)
        if path.endswith(_PAGES)
    )


def _thinks_of_the_end(file: FrontFile) -> bool:
    """Whether something tries again, or some socket of the file has a handler that does more than log."""
    if any(_AGAIN.search(word) for word in file.words | file.mentioned):
        return True
    return any(_does_something(file, handler) for end in _ENDS for _, handler in _handlers(file, end))


def _handlers(file: FrontFile, event: str) -> Iterator[tuple[str, Expression]]:
    """Whose handlers of an event they are: `socket.onclose = …`, `socket.addEventListener("close", …)`."""
    for binding in file.bindings:
        owner, _, last = binding.name.rpartition(".")
        if last == f"on{event}":
            yield owner, binding.value
    for call in file.calls:
        if facts.last_name(call.callee) in _LISTENS and facts.constant((*call.arguments, None)[0]) == event:
            yield str(call.callee).rpartition(".")[0], call.arguments[-1]


def _does_something(file: FrontFile, handler: Expression) -> bool:
    """Whether it is more than `null`, or a function that only writes to the console."""
    if handler == (facts.CONSTANT, None):
        return False
    if not (isinstance(handler, tuple) and handler[0] == facts.FUNCTION):
        return True
    inside = {number for number in range(len(file.functions)) if handler[1] in file.enclosing(number)}
    if any(binding.function in inside for binding in file.bindings):
        return True
    return any(call.function in inside and not str(call.callee).startswith("console.") for call in file.calls)


def _is_heard(file: FrontFile, names: set[str], event: str) -> bool:
    return any(owner in names for owner, _ in _handlers(file, event))


def _is_handed_on(file: FrontFile, names: set[str]) -> bool:
    """Whether somebody else gets it, who may listen to its end."""
    given = [part for call in file.calls for part in call.arguments]
    given += [part for function in file.functions for part in function.returns]
    given += [value for element in file.elements for _, value in element.attributes]
    given += [part.local for part in file.exports]
    given += [binding.value for binding in file.bindings]
    return any(part in names for value in given for part in facts.walk(value) if isinstance(part, str))


MODE = FailureMode(
    code="WSK002",
    name="no-reconnect",
    family=Family.WEBSOCKET,
    summary="a page or a task opens a WebSocket, and nothing happens when it closes",
    consequence="after a deployment, a time limit of a proxy or a tunnel the page looks alive and shows what was true before",
    remedy="handle `close`: connect again with a growing delay, ask for what was missed, and say so meanwhile",
    source="WHATWG WebSockets Standard: a closed WebSocket is never opened again by itself",
    detector=detect_sockets_for_once,
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
