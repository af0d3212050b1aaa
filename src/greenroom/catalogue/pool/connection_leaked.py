"""POL001: a connection, session or client that is not given back on every path."""

import re
from collections.abc import Iterator

from greenroom.catalogue.pool.custody import Keeper
from greenroom.catalogue.pool.never_released import NEVER_RELEASE, OPEN_WITHOUT_CLOSE
from greenroom.catalogue.pool.paths import Exit, Paths
from greenroom.catalogue.pool.taken_once import is_taken_once
from greenroom.catalogue.pool.taking import Taken, bound_name, callers_of, find_factories, taken_in
from greenroom.detect.live import Live
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.classes import decorator_names
from greenroom.project.calls.values import CERTAIN, PROBABLE
from greenroom.project.code.facts import spell
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

# What these open outlives the name: a pool, an event loop, a thread, a process or a cycle of objects keeps hold of it.
# Whatever holds nothing but a socket (`socket.socket`, `requests.Session`, psycopg2, smtplib …) is closed with the last
# name (measured with CPython), and so is a connection of asyncpg, aiomysql or psycopg's `AsyncConnection` that no pool has (measured).
_OUTLIVES_ITS_NAME = (
    "sqlalchemy.", "sqlmodel.", "psycopg2.pool.", "psycopg_pool.", "redis.", "neo4j.",
    "aiosqlite.", "aioredis.", "aiohttp.", "httpx.Async", "httpx.Client.send",
    "aio_pika.", "aiokafka.", "aiobotocore.", "asyncssh.", "nats.", "websockets.", "asyncio.",
    "paramiko.", "websocket.", "pika.", "playwright.", "selenium.",
)  # fmt: skip
# A request that fails leaves nothing open, and the collector closes what an odd answer does (measured); `start()` of
# aiokafka closes what it opened when no broker answers.
_CLOSED_BY_FAILURE = ("httpx.AsyncClient", "aiokafka.AIOKafkaConsumer", "aiokafka.AIOKafkaProducer")
_PARAMIKO = 5
_COMES_AGAIN = (Reach.ROUTE, Reach.SOCKET, Reach.WORKER)
_CONFIDENCE = (Confidence.POSSIBLE, Confidence.PROBABLE, Confidence.DEFINITE)


def detect_leaks(project: Project) -> Iterator[Sighting]:
    """Everything that is taken in production code and held on some way out."""
    factories = find_factories(project)
    keeper, callers = Keeper(project, factories), callers_of(project, factories)
    worth = {*project.graph.asking(FileKind.PRODUCTION), *callers}
    for module in project.production():
        for scope in module.scopes:
            if scope not in worth or not scope.is_function:
                continue
            for taken in taken_in(project, scope, factories, callers):
                sighting = _judge(project, keeper, taken)
                if sighting is not None:
                    yield sighting


def _judge(project: Project, keeper: Keeper, taken: Taken) -> Sighting | None:
    name = bound_name(taken)
    if not name:
        dropped = "used once and never given back"
        return _sighting(project, taken, None, dropped, never=True) if keeper.is_dropped(taken) else None
    custody = keeper.custody(taken, name)
    if custody is None:
        return None
    paths = Paths(taken.scope.body, custody)
    exits = paths.open_exits()
    if taken.is_stream and keeper.is_read(taken, name):
        exits = tuple(part for part in exits if part.how != "end")
    if not exits:
        generator = keeper.careless(taken, name)
        return _abandoned(project, taken, generator) if generator is not None else None
    never = not keeper.is_ever_given_back(taken, name)
    surest = min(exits, key=_order)
    if not never:
        surest = paths.cause(surest)
    risky = sum(part.how == "error" for part in exits)
    how = _how(taken, surest, never=never, custom=keeper.is_given_in(taken.scope), risky=risky)
    return _sighting(project, taken, surest, how, never=never)


def _abandoned(project: Project, taken: Taken, generator: Scope) -> Sighting:
    call, scope = taken.written, taken.scope
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"the {_thing(taken)} that `{spell(call.callee, scope.body.calls)}` gives is given back by "
        f"`{generator.name}` only when it is read to its end: a reader that goes before leaves it open",
        severity=_severity(project, taken),
        confidence=Confidence.PROBABLE,
        sites=(Place(path=generator.path, line=generator.line, symbol=generator.qualname),),
        subject=taken.effect.symbol,
        remedy="give it back in a `finally` around the loop of the generator",
    )


def _thing(taken: Taken) -> str:
    return {"session": "session", "connection": "connection"}.get(taken.effect.acquires, "client")


def _order(part: Exit) -> tuple[int, int]:
    """The surest way out first."""
    ways = ("return", "raise", "thrown", "left", "again", "end", "error", "passed")
    return ways.index(_known(part.how)), part.line


def _known(how: str) -> str:
    return "end" if how in ("break", "continue") else how


def _sighting(project: Project, taken: Taken, leak: Exit | None, how: str, *, never: bool) -> Sighting:
    call, scope = taken.written, taken.scope
    what = f"`{spell(call.callee, scope.body.calls)}`"
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"the {_thing(taken)} that {what} gives is {how}",
        severity=_severity(project, taken),
        confidence=_confidence(project, taken, leak, never=never),
        sites=(Place(path=scope.path, line=leak.line, symbol=scope.qualname),) if leak and not never else (),
        subject=taken.effect.symbol,
        cause=f"{scope.path}:{scope.index}:{bound_name(taken) or taken.call}",
    )


def _how(taken: Taken, leak: Exit, *, never: bool, custom: bool, risky: int) -> str:
    where = "the request fails" if custom else "the block fails"
    if never and leak.how == "thrown":
        return "yielded and never given back"
    if never:
        return "never given back"
    match leak.how:
        case "return":
            return f"not given back where line {leak.line} returns"
        case "raise" | "passed":
            return f"not given back where line {leak.line} raises"
        case "thrown":
            return f"given back only if all goes well: when {where}, the error is thrown into the `yield` of line {leak.line}"
        case "left":
            return f"not given back when the reader of the generator goes at the `yield` of line {leak.line}"
        case "again":
            return "taken again by the next turn of the loop, before it is given back"
        case "error" if leak.call is not None:
            text = spell(leak.call.callee, taken.scope.body.calls)
            later = ", or a call after it," if risky > 1 else ""
            return f"not given back when `{text}` in line {leak.line}{later} raises: no `finally`, no `with`"
        case _:
            return "not given back on every path"


def _severity(project: Project, taken: Taken) -> Severity:
    if _is_script(project, taken.scope):
        return Severity.LOW
    return Severity.HIGH if taken.is_pooled else Severity.MEDIUM


def _confidence(project: Project, taken: Taken, leak: Exit | None, *, never: bool) -> Confidence:
    if not taken.is_pooled and not taken.effect.symbol.startswith(_OUTLIVES_ITS_NAME):
        return Confidence.POSSIBLE
    if leak is not None and not never and leak.how == "error" and _is_slight(taken):
        return Confidence.POSSIBLE
    if leak is not None and leak.how == "passed":
        return (
            Confidence.POSSIBLE
        )  # nobody knows whether what fails raises the one error that its handler lets pass
    if project.once(Live).serves and project.entries.reach(taken.scope) not in _COMES_AGAIN:
        return Confidence.POSSIBLE  # nobody is known to come again and again
    if not taken.is_pooled and (
        project.entries.reach(taken.scope) is Reach.LIFESPAN
        or is_taken_once(project, taken.scope, taken.call)
    ):
        return Confidence.POSSIBLE  # once in a process
    if taken.effect.symbol.startswith("paramiko.SSHClient") and not _is_paramiko_5(project, taken.scope):
        return Confidence.POSSIBLE  # which closes its transport when nobody has it any more
    if _is_script(project, taken.scope):
        return Confidence.POSSIBLE  # what a process holds is given back when it ends
    if _thing(taken) == "client" and (never or _is_closed_nowhere(taken, leak)):
        return (
            Confidence.POSSIBLE
        )  # mostly somebody else's, or collected at once: of seven at first sight, none was true
    sure = (
        CERTAIN
        if (never and leak is not None and leak.how != "left")
        or leak is None
        or leak.how in ("return", "raise", "thrown")
        else PROBABLE
    )
    if taken.factory is not None:
        sure = min(sure, PROBABLE)
    return _CONFIDENCE[min(sure, taken.certainty)]


def _is_paramiko_5(project: Project, scope: Scope) -> bool:
    """From version 5 on a client that is dropped closes nothing; where no version is written, nobody knows."""
    manifest = project.manifest.near(scope.path)
    written = manifest.versions.get("paramiko", "") or manifest.specifiers.get("paramiko", "")
    major = re.search(r"\d+", written)
    return major is not None and int(major[0]) >= _PARAMIKO


def _is_closed_nowhere(taken: Taken, leak: Exit | None) -> bool:
    """Whether the way of the reader who goes is no worse than any other: no line closes the client by its name."""
    name = bound_name(taken)
    closing = {f"{name}.close", f"{name}.aclose"}
    return (
        leak is not None
        and leak.how == "left"
        and all(call.callee not in closing for call in taken.scope.body.calls)
    )


def _is_slight(taken: Taken) -> bool:
    """Whether little stays open when a call fails: what fails with it, or the session of a factory made on the spot."""
    return isinstance(taken.written.callee, int) or taken.effect.symbol in _CLOSED_BY_FAILURE


def _is_script(project: Project, scope: Scope) -> bool:
    """Whether only commands lead here, that end soon after."""
    reach = project.entries.reach(scope)
    if reach is not Reach.UNREACHED:
        return reach is Reach.SCRIPT
    callers = [
        edge.caller for edge in project.graph.callers(scope) if edge.caller.module.kind is not FileKind.TEST
    ]
    return "command" in decorator_names(scope) or (
        bool(callers) and all("command" in decorator_names(caller) for caller in callers)
    )


MODE = FailureMode(
    code="POL001",
    name="connection-leaked",
    family=Family.POOL,
    summary="a connection, session or client is taken and not given back on every path",
    consequence="each time that path is taken one connection stays out until a garbage collection happens to find it; "
    "under load the pool or the server has none left before, and requests wait or fail",
    remedy="take it in a `with` block, or give it back in a `finally`",
    source="SQLAlchemy documentation, Connection Pooling: Connection Pool Configuration, “QueuePool limit … reached”",
    detector=detect_leaks,
    operators=(NEVER_RELEASE, OPEN_WITHOUT_CLOSE),
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
