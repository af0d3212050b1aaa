"""EVL001: a synchronous call that holds the event loop."""

from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.dependency.lent_to_tests import LentToTests
from greenroom.catalogue.event_loop.blocked_loop import BLOCK_LOOP, UN_OFFLOAD
from greenroom.catalogue.event_loop.circumstances import (
    beside,
    is_called_by_nobody,
    is_for_other_platform,
    is_in_memory,
    is_known_way,
    is_stand_in,
    is_switched_off,
    is_there_already,
    may_be_another,
    may_be_passed_on,
    runs_alone,
)
from greenroom.catalogue.event_loop.developer import is_for_developers
from greenroom.catalogue.event_loop.either_kind import is_for_other_kind
from greenroom.catalogue.event_loop.generators import is_only_made
from greenroom.catalogue.event_loop.given_text import is_given_text
from greenroom.catalogue.event_loop.last_pause import is_before_the_end
from greenroom.catalogue.event_loop.never_runs import never_runs
from greenroom.catalogue.event_loop.not_taken import (
    depends_on_settings,
    is_given_another_session,
    is_seldom_taken,
)
from greenroom.catalogue.event_loop.optional_library import is_left_out
from greenroom.catalogue.event_loop.plain_handler import REMEDY, PlainHandlers
from greenroom.catalogue.event_loop.private_loop import is_on_private_loop, is_run_by_plain_code
from greenroom.catalogue.event_loop.proxied import goes_elsewhere
from greenroom.catalogue.event_loop.read_from import ReadFrom
from greenroom.catalogue.event_loop.small_work import is_small
from greenroom.detect.ascent import ascend, hop, weakest
from greenroom.detect.by_method import ByMethod
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code.facts import COMPARE, CONSTANT, Block, Body, constant
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.library import Effect
from greenroom.project.project import Project
from greenroom.project.web.entry import Entry

_CONFIDENCE = (Confidence.POSSIBLE, Confidence.PROBABLE, Confidence.DEFINITE)
_SEVERITY = {
    "network": Severity.HIGH,
    "process": Severity.HIGH,
    "sleep": Severity.HIGH,
    "dns": Severity.HIGH,
    "terminal": Severity.HIGH,
    "lock": Severity.MEDIUM,
    "cpu": Severity.MEDIUM,
    "disk": Severity.MEDIUM,
}
# Questions to the file system that its cache answers in microseconds: true, and no reason to act.
_METADATA = {
    "exists", "isfile", "isdir", "islink", "is_file", "is_dir", "is_symlink", "stat", "lstat", "getsize",
    "getmtime", "realpath", "resolve", "mkdir", "makedirs", "unlink", "remove", "touch", "rename", "access",
    "expanduser", "cwd", "getcwd", "home", "chmod", "rmdir", "samefile", "abspath", "listdir",
    "replace", "symlink_to", "readlink", "which", "mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile",
    "TemporaryDirectory",
}  # fmt: skip
# Over in no time as a rule: a lock is held for an assignment (what waits for another's work is `wait` and `get`),
# where nothing was written there is nothing to take back, and whose ports are tried is mostly this machine.
_SHORT = {
    "lock": {"acquire", "__enter__", "__exit__", "release"},
    "disk": _METADATA,
    "network": {"rollback", "connect_ex"},
}
_PEERS = {
    "cache": "the cache", "database": "the database", "search": "the search engine", "queue": "the broker",
    "object-store": "the object store", "llm": "the model", "vector-store": "the vector store",
    "mail": "the mail server", "registry": "the service registry",
}  # fmt: skip
_WORDS = {
    "network": "waits for the network",
    "process": "waits for a process",
    "sleep": "sleeps",
    "dns": "waits for a name server",
    "terminal": "waits for the keyboard",
    "lock": "waits for another thread",
    "cpu": "computes for long",
    "disk": "waits for the disk",
}
_READS = "reads a file or an address"
_CACHES = {"cache", "lru_cache", "cached"}
_NEAR = 2
_FAR = 3
"""Each call beyond is one more place for conditions that nobody has checked."""
_SHORTEST_SLEEP = 0.02
_CONSEQUENCE_AT_START = (
    "the start or stop of this process stands still with it, and with that all that it has started already"
)
_CONSEQUENCE_WHERE_REFUSED = (
    "the library refuses the call there, and who made it gets the exception; where a setting allows it (as "
    "DJANGO_ALLOW_ASYNC_UNSAFE does), every other request waits with it instead"
)
_CONSEQUENCE_IN_SCRIPT = "while it waits, every other task of this script waits too"


def detect_blocking_calls(project: Project) -> Iterator[Sighting]:
    """Every blocking leaf, with the calls on the loop that lead to it; less sure where only test cases come there."""
    lent = project.once(LentToTests)
    for sighting in _on_loop(project):
        if any(lent.holds(place.path) for place in (sighting.place, *sighting.chain)):
            yield replace(sighting, confidence=Confidence.POSSIBLE)
        else:
            yield sighting


def _on_loop(project: Project) -> Iterator[Sighting]:
    for scope in project.graph.asking(FileKind.PRODUCTION):
        leaves = [edge for edge in project.graph.effects(scope) if _blocks(edge)]
        if not leaves or scope.kind in ("module", "class"):
            continue
        if scope.is_async:
            for leaf in leaves:
                cause = f"{scope.path}:{scope.index}:{leaf.effect.touches if leaf.effect else ''}"
                yield _sighting(project, (leaf,), cause)
            continue
        above = ascend(project.graph, scope, lambda caller: caller.is_async)
        paths = [path for path in above if path[0].caller.module.kind is FileKind.PRODUCTION]
        cause = _cause(paths)
        for path in paths:
            ways = ((*path, leaf) for leaf in leaves)
            yield from (_sighting(project, way, cause) for way in ways if not is_switched_off(way))


def _cause(paths: list[tuple[Edge, ...]]) -> str:
    """Leaves that the loop reaches at the very same places are one cause: wrap these, and all are gone."""
    return "|".join(sorted({f"{path[0].caller.path}:{path[0].line}" for path in paths}))


def _blocks(edge: Edge) -> bool:
    effect = edge.effect
    if effect is None or not effect.blocks or edge.awaited:
        return False
    if edge.call < 0:
        return True
    if (
        is_in_memory(edge)
        or is_small(edge)
        or is_given_text(edge)
        or (effect.touches == "lock" and is_there_already(edge))
    ):
        return False
    call = edge.caller.body.calls[edge.call]
    if effect.touches == "sleep":
        if is_before_the_end(edge):
            return False
        duration = constant(call.arguments[0]) if call.arguments else None
        return not (isinstance(duration, int | float) and duration <= _SHORTEST_SLEEP)
    return effect.waits(call)


def _sighting(project: Project, path: tuple[Edge, ...], cause: str) -> Sighting:
    boundary, leaf = path[0], path[-1]
    on_loop = boundary.caller
    reach = beside(project, on_loop)
    shown = any(edge.caller.module.kind is FileKind.EXAMPLE for edge in project.entries.path(on_loop))
    if shown:
        reach = Reach.UNREACHED  # who uses the example's way is not known
    # An import runs no coroutine: it hands a handler to a framework.
    entry = project.entries.path(on_loop) if reach is not Reach.PROJECT and not shown else ()
    hops = (*entry, *path)
    chain = tuple(hop(edge) for edge in hops) if len(hops) > 1 else ()
    once = any(_runs_once(edge) for edge in path)
    effect = project.once(ReadFrom).effect(leaf) or Effect(symbol=leaf.symbol)
    severity = _severity(effect, reach, once=once)
    last = Place(path=leaf.caller.path, line=leaf.line, symbol=leaf.caller.qualname, column=leaf.column)
    return Sighting(
        place=Place(path=on_loop.path, line=boundary.line, symbol=on_loop.qualname, column=boundary.column),
        message=_message(project, path, effect, reach, once=once),
        severity=severity,
        confidence=Confidence.POSSIBLE
        if is_for_developers(project, hops)
        else _confidence(project, path, effect, severity, reach),
        consequence=_consequence(project, on_loop, effect),
        remedy=REMEDY if project.once(PlainHandlers).may_be_plain(on_loop) else "",
        chain=chain,
        sites=(last,) if len(path) > 1 else (),
        subject=effect.symbol,
        cause=cause,
    )


def _message(project: Project, path: tuple[Edge, ...], effect: Effect, reach: Reach, *, once: bool) -> str:
    on_loop = path[0].caller
    entry = project.entries.entry(on_loop)
    where = f"`async def {on_loop.name}`"
    if entry is not None and entry.reach is not Reach.PROJECT and reach is not Reach.UNREACHED:
        label = _label(project, (*project.entries.path(on_loop), *path), entry)
        where += f" ({label})" if entry.scope is on_loop else f", reached from {label},"
    when = " on its first call" if once else ""
    through = f" through {len(path) - 1} call{'s' if len(path) > 2 else ''}" if len(path) > 1 else ""
    waiting = _READS if project.once(ReadFrom).is_either(path[-1]) else _waiting(effect)
    return f"`{effect.symbol}` {waiting} on the event loop{when}: {where} runs it{through}"


def _label(project: Project, hops: tuple[Edge, ...], entry: Entry) -> str:
    """What the way begins with: of a handler that asks for the method of its requests, one that goes it."""
    first = next((edge for edge in hops if edge.caller is entry.scope and edge.call >= 0), None)
    if first is None:
        return entry.label
    call = first.caller.body.calls[first.call]
    return project.once(ByMethod).label(first.caller, call, entry.label) or entry.label


def _waiting(effect: Effect) -> str:
    if effect.refused_on_loop:
        return f"raises {effect.refused_on_loop}"
    if effect.touches == "network" and effect.kind in _PEERS:
        return f"waits for {_PEERS[effect.kind]}"
    return _WORDS[effect.touches]


def _severity(effect: Effect, reach: Reach, *, once: bool) -> Severity:
    if effect.severity:
        return Severity(effect.severity)
    severity = _SEVERITY[effect.touches]
    if reach in (Reach.SCRIPT, Reach.WORKER) or (once and severity is Severity.MEDIUM):
        return Severity.LOW
    if once or reach in (Reach.LIFESPAN, Reach.UNREACHED, Reach.PROJECT):
        return Severity.MEDIUM if severity is Severity.HIGH else Severity.LOW
    return severity


def _confidence(
    project: Project, path: tuple[Edge, ...], effect: Effect, severity: Severity, reach: Reach
) -> Confidence:
    on_loop = path[0].caller
    if effect.symbol.rsplit(".", 1)[-1] in _SHORT.get(effect.touches, ()):
        return Confidence.POSSIBLE
    if is_only_made(path) or is_for_other_platform(path) or may_be_another(project, path[-1]):
        return Confidence.POSSIBLE
    if is_left_out(project, path[-1]) or any(map(is_for_other_kind, path)):
        return Confidence.POSSIBLE
    if is_stand_in(on_loop) or (effect.touches == "disk" and any(map(_runs_once, path))):
        return Confidence.POSSIBLE
    way = project.entries.path(on_loop)
    if not _others_wait(project, on_loop, effect, reach) or _is_handed_on(way):
        return Confidence.POSSIBLE
    if any(never_runs(project, edge) or goes_elsewhere(project, edge) for edge in (*way, *path)):
        return Confidence.POSSIBLE
    if is_seldom_taken(project, (*way, *path)) or is_given_another_session(project, path):
        return Confidence.POSSIBLE
    if is_switched_off((*way, *path)) or may_be_passed_on(project, way):
        return Confidence.POSSIBLE
    sure = severity is not Severity.LOW and reach in (Reach.ROUTE, Reach.SOCKET, Reach.TASK)
    certainty = weakest(path) if sure else min(weakest(path), PROBABLE)
    certainty = max(certainty - max(len(path) - _FAR, 0), 0)
    if any(edge.how == "reference" for edge in way) or depends_on_settings((*way, *path)):
        certainty = min(certainty, PROBABLE)  # who is handed it may keep it, or run it elsewhere
    # Behind two calls are conditions that nobody has checked, and in background work seldom somebody who waits:
    # at first sight 16 of 33 such were true, of those in the handler itself or one call below 29 of 32.
    near = len(way) + len(path) <= _NEAR and reach is Reach.ROUTE
    confidence = _CONFIDENCE[certainty if near else min(certainty, PROBABLE)]
    # Slight and not sure: of 34 such on projects that the rule had not seen, 13 were worth acting on.
    is_slight = severity is Severity.LOW and confidence is Confidence.PROBABLE
    return Confidence.POSSIBLE if is_slight else confidence


def _is_handed_on(way: tuple[Edge, ...]) -> bool:
    """Whether code that is on no loop hands the coroutine function to somebody: on which loop he runs it, is his."""
    return bool(way) and way[-1].how == "reference" and not way[-1].caller.is_async


def _others_wait(project: Project, on_loop: Scope, effect: Effect, reach: Reach) -> bool:
    """As far as the code shows: something else is on the loop when the function runs."""
    if project.entries.entry(on_loop) is None:
        return False  # it may run on a loop of its own, as in a worker: of 14 that were judged, 8 were true
    if reach in (Reach.UNREACHED, Reach.PROJECT):
        # A framework that we do not know may run it.
        if effect.touches != "network" or is_called_by_nobody(project, on_loop):
            return False
        return not is_run_by_plain_code(project, on_loop)
    if reach is Reach.SCRIPT or runs_alone(project, on_loop):
        return False
    if effect.kind == "file" and not is_known_way(project, on_loop):
        return False
    return not is_on_private_loop(project, on_loop)


def _consequence(project: Project, on_loop: Scope, effect: Effect) -> str:
    """Empty where requests wait."""
    if effect.refused_on_loop:
        return _CONSEQUENCE_WHERE_REFUSED
    if project.entries.reach(on_loop) is Reach.SCRIPT:
        return _CONSEQUENCE_IN_SCRIPT
    if project.entries.reach(on_loop) is Reach.LIFESPAN and runs_alone(project, on_loop):
        return _CONSEQUENCE_AT_START
    return ""


def _runs_once(edge: Edge) -> bool:
    """Under `if self.x is None: self.x = …`, or into a function that remembers its result."""
    if edge.call >= 0:
        body = edge.caller.body
        if Flow(body).first_only(body.calls[edge.call].block) or _is_behind_guard(body, edge.line):
            return True
    return edge.target is not None and _remembers(edge.target)


def _is_behind_guard(body: Body, line: int) -> bool:
    """Behind `if cls.one is not None: return cls.one`, or `if self.done: return`, in a function that sets it."""
    given = {
        (part.block, part.value)
        for part in body.statements
        if part.kind == "return" and isinstance(part.value, str) and "." in part.value and part.line < line
    }
    given |= {
        (part.block, body.blocks[part.block].detail)
        for part in body.statements
        if part.kind == "return" and part.value is None and part.line < line
    }
    return any(
        _asks_for(body.blocks[block], name)
        and any(part.kind == "assign" and name in part.target for part in body.statements)
        for block, name in given
    )


def _asks_for(block: Block, name: str) -> bool:
    """The guard `if name:` or `if name is not None:`."""
    if block.kind != "if" or block.parent != 0:
        return False
    return bool(block.detail in (name, (COMPARE, ("is not",), (name, (CONSTANT, None)))))


def _remembers(function: Scope) -> bool:
    return not function.parameters and not _CACHES.isdisjoint(decorator_names(function))


MODE = FailureMode(
    code="EVL001",
    name="blocking-call-in-async",
    family=Family.EVENT_LOOP,
    summary="a synchronous, possibly slow call runs on the event loop",
    consequence="while it waits, every other request, socket and health check of this process waits too",
    remedy="await an async client, or hand the call to a thread: `await asyncio.to_thread(…)`",
    source="Python documentation, Developing with asyncio: Running Blocking Code",
    detector=detect_blocking_calls,
    operators=(UN_OFFLOAD, BLOCK_LOOP),
)
