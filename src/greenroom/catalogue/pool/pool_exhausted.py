"""POL002: more work in front of a pool than it has connections, or connections that are held too long."""

from collections.abc import Iterator
from dataclasses import replace

from greenroom.catalogue.pool.fan_out import FanOut, fan_outs, limits, may_fan_out
from greenroom.catalogue.pool.held_by_socket import held_by_sockets
from greenroom.catalogue.pool.one_at_a_time import comes_one_at_a_time
from greenroom.catalogue.pool.pools import Pool, Pools, Take, region
from greenroom.catalogue.pool.resized_pool import SHRINK_POOL
from greenroom.detect.ascent import hop, weakest
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code.facts import Call, spell
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_CONFIDENCE = (Confidence.POSSIBLE, Confidence.PROBABLE, Confidence.DEFINITE)
_ELSEWHERE = frozenset({"http", "llm", "object-store", "mail", "rpc", "ssh"})
_RESTS = frozenset({"commit", "rollback", "close"})
_COMES_AT_ONCE = (".accept", ".close")
"""The request for a socket has come already, and a farewell is not waited for long."""
_IDLE = frozenset({"add", "add_all", "begin", "expunge", "expunge_all", "expire", "expire_all"})
_RUNS = frozenset({"call", "construct", "enter", "property", "iterate"})
_DEEPEST = 4
_DIRECT = 2


def detect_exhaustion(project: Project) -> Iterator[Sighting]:
    """A second connection while holding one, a slow call while holding one, one for each of many."""
    pools = Pools(project)
    asking, starting = set(project.graph.asking(FileKind.PRODUCTION)), may_fan_out(project.production())
    for module in project.production():
        if not {"alembic", "migrations"}.isdisjoint(module.path.split("/")):
            continue  # one run, by one person
        for scope in module.scopes:
            is_worth = scope in asking or scope in starting
            if not is_worth or project.entries.reach(scope) in (Reach.SCRIPT, Reach.LIFESPAN):
                continue
            for take in pools.takes(scope):
                held = region(take)
                if held >= 0:
                    yield from _while_held(project, pools, take, held)
            for place in fan_outs(scope) if scope in starting else ():
                yield from _many(project, pools, place)
    yield from held_by_sockets(project, pools)


def _while_held(project: Project, pools: Pools, take: Take, held: int) -> Iterator[Sighting]:
    scope = take.edge.caller
    flow = Flow(scope.body)
    second = slow = False
    for edge in project.graph.edges(scope):
        if edge.call < 0 or edge.certainty < PROBABLE or edge.call == take.edge.call:
            continue
        call = scope.body.calls[edge.call]
        if not flow.inside(call.block, held) or edge.how not in _RUNS or not _holds(take, held, call):
            continue
        if (
            not second
            and not _hands_on(take, held, call)
            and (way := _takes_again(pools, take, edge)) is not None
        ):
            second = True
            yield _judged(project, take, way, _nested(take, way))
        if not slow and (way := _goes_elsewhere(project, edge)) is not None:
            slow = True
            found = _judged(project, take, way, _slow(take, way))
            alone = comes_one_at_a_time(project, scope, take.edge.call)
            yield replace(found, confidence=Confidence.POSSIBLE) if alone else found


def _hands_on(take: Take, held: int, call: Call) -> bool:
    """Whether the connection is an argument: who is given one takes a second only where it was given none."""
    body = take.edge.caller.body
    names = [target for _, target in body.blocks[held].detail if isinstance(target, str)]
    given = (*call.arguments, *(value for _, value in call.keywords))
    return any(part in names for part in given if isinstance(part, str))


def _holds(take: Take, held: int, call: Call) -> bool:
    """Whether the connection is held at a call: a session has one from its first statement to its commit."""
    if take.edge.effect is None or take.edge.effect.acquires != "session":
        return True
    body = take.edge.caller.body
    names = [
        target
        for expression, target in body.blocks[held].detail
        if expression == take.edge.call and target is not None
    ]
    holds = False
    for part in body.calls:
        base, _, method = part.callee.rpartition(".") if isinstance(part.callee, str) else ("", "", "")
        if base in names and part.line < call.line:
            holds = method not in _RESTS if method in _RESTS or method not in _IDLE else holds
    return holds


def _takes_again(pools: Pools, take: Take, edge: Edge) -> tuple[Edge, ...] | None:
    """The way to a second connection from the same pool."""
    for other in pools.takes(edge.caller):
        if other.edge.call == edge.call and other.pool == take.pool:
            return (edge,)
    if edge.target is not None and take.pool.is_shared:
        for way, other in pools.below(edge):
            if other.pool == take.pool:
                return (*way, other.edge)
    return None


def _goes_elsewhere(project: Project, edge: Edge) -> tuple[Edge, ...] | None:
    """The way to a call over the network to something else than the database."""
    seen: set[Scope] = set()
    ways: list[tuple[Edge, ...]] = [(edge,)]
    while ways:
        way = ways.pop(0)
        last = way[-1]
        effect = last.effect
        if (
            effect is not None
            and effect.touches == "network"
            and effect.kind in _ELSEWHERE
            and not last.symbol.endswith(_COMES_AT_ONCE)
        ):
            return way
        if last.target is None or last.target in seen or len(way) > _DEEPEST:
            continue
        seen.add(last.target)
        ways.extend(
            (*way, part)
            for part in project.graph.edges(last.target)
            if part.how in _RUNS and part.certainty >= CERTAIN
        )
    return None


def _many(project: Project, pools: Pools, place: FanOut) -> Iterator[Sighting]:
    for edge in project.graph.edges(place.scope):
        if edge.call != place.work or edge.certainty < PROBABLE or edge.how != "call":
            continue
        pool = pools.client(edge) if edge.effect is not None and edge.effect.touches == "network" else None
        if pool is not None:
            yield _crowded(place, edge, *pool)
        for way, take in pools.below(edge):
            if any(part.target is not None and limits(part.target) for part in way):
                continue
            yield _fanned(place, (*way, take.edge), take)
            return


def _nested(take: Take, way: tuple[Edge, ...]) -> Sighting:
    size = f" of {take.size}" if take.size else ""
    return _sighting(
        take,
        way,
        f"a second connection of {_named(take.pool)}{size} is taken while the first is held: as many callers as there "
        f"are connections wait for each other, and each {take.waits}",
        Severity.HIGH,
        "hand the connection on that is held already",
    )


def _slow(take: Take, way: tuple[Edge, ...]) -> Sighting:
    last = way[-1]
    what = last.symbol or spell(last.caller.body.calls[last.call].callee, last.caller.body.calls)
    size = f" of {take.size}" if take.size else ""
    return _sighting(
        take,
        way,
        f"a connection of {_named(take.pool)}{size} is held while `{what}` waits for something else: "
        f"when that is slow, who needs a connection {take.waits}",
        Severity.MEDIUM,
        "make the remote call before the connection is taken, or after it is given back",
    )


def _judged(project: Project, take: Take, way: tuple[Edge, ...], found: Sighting) -> Sighting:
    """Surer where both stand in one function to which requests come, which are as many at once as there are clients.

    Of ten that were judged with calls in between, or with jobs or the start before it, one was true.
    """
    is_sure = (
        len(way) == 1
        and min(weakest(way), take.edge.certainty) >= CERTAIN
        and project.entries.reach(take.edge.caller) in (Reach.ROUTE, Reach.SOCKET)
    )
    return replace(found, confidence=Confidence.PROBABLE) if is_sure else found


def _sighting(take: Take, way: tuple[Edge, ...], message: str, severity: Severity, remedy: str) -> Sighting:
    first = way[0]
    scope = take.edge.caller
    return Sighting(
        place=Place(path=scope.path, line=first.line, symbol=scope.qualname, column=first.column),
        message=message,
        severity=severity,
        confidence=Confidence.POSSIBLE,
        chain=tuple(hop(edge) for edge in way) if len(way) > 1 else (),
        sites=(
            Place(path=scope.path, line=take.edge.line, symbol=scope.qualname, note="takes the connection"),
        ),
        subject=way[-1].symbol,
        remedy=remedy,
    )


def _crowded(place: FanOut, edge: Edge, name: str, size: str) -> Sighting:
    scope = place.scope
    return Sighting(
        place=Place(path=scope.path, line=place.call.line, symbol=scope.qualname, column=place.call.column),
        end_line=place.call.end_line,
        message=f"`{edge.symbol}` is called once for each thing of a collection, all at the same time, on the "
        f"{size} connections of `{name}`: what comes after them waits or is refused",
        severity=Severity.MEDIUM,
        confidence=_CONFIDENCE[min(edge.certainty, PROBABLE)],
        subject=edge.symbol,
        remedy="ask for all in one command, or let a semaphore that is smaller than the pool through",
    )


def _fanned(place: FanOut, way: tuple[Edge, ...], take: Take) -> Sighting:
    scope = place.scope
    what = spell(scope.body.calls[place.work].callee, scope.body.calls)
    size = f" of {take.size}" if take.size else ""
    return Sighting(
        place=Place(path=scope.path, line=place.call.line, symbol=scope.qualname, column=place.call.column),
        end_line=place.call.end_line,
        message=f"`{what}` is started once for each thing of a collection, all at the same time, and each takes a "
        f"connection of {_named(take.pool)}{size}: who finds it empty {take.waits}",
        severity=Severity.MEDIUM,
        # Behind several layers stands one short query: they take turns, and that is all.
        confidence=_CONFIDENCE[min(weakest(way), PROBABLE) if len(way) <= _DIRECT else 0],
        chain=tuple(hop(edge) for edge in way),
        subject=take.edge.symbol,
        remedy="let a semaphore that is smaller than the pool through, or work in batches",
    )


def _named(pool: Pool) -> str:
    return (
        f"the pool `{pool.name}`" if pool.name else f"the pool that `{getattr(pool.owner, 'name', '')}` gives"
    )


MODE = FailureMode(
    code="POL002",
    name="pool-exhausted",
    family=Family.POOL,
    summary="more work in front of a pool than it has connections, or connections that are held too long",
    consequence="under load every connection is taken, and requests that only want to read one row wait or fail",
    remedy="hold a connection for the query alone, and limit how many ask for one at once",
    source="Nygard, Release It!, 2nd ed., chapter 4, Blocked Threads; asyncpg and SQLAlchemy documentation of their pools",
    detector=detect_exhaustion,
    operators=(SHRINK_POOL,),
    surest=Confidence.PROBABLE,
)
