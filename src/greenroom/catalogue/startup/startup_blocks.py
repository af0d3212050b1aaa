"""STA003: a phase of the start that waits without a limit."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.compose import is_for_developers
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.processes import Process
from greenroom.project.startup.sequence import find_sequences

_LOOP: Final = re.compile(
    r"^[ \t]*(?:while|until)\b(?P<test>.*?)(?:;[ \t]*|\n[ \t]*)do\b(?P<body>.*?)[ \t;]*\bdone\b",
    re.DOTALL | re.MULTILINE,
)
_ASKS: Final = re.compile(
    r"\bnc\b|\bncat\b|netcat|pg_isready|\bcurl\b|\bwget\b|redis-cli|mysqladmin|\bmysql\b|\bpsql\b|/dev/tcp|mongo(?:sh)?\b|rabbitmq|"
    r"check_db|wait_for|db_ready|\bcheck\b|python3?\s+-c|showmigrations|migrate\s+--check|\bping\b"
)
_LIMITED: Final = re.compile(
    r"-lt\b|-gt\b|-le\b|-ge\b|-eq\b|\bbreak\b|\bexit\b|\breturn\b|\btimeout\b|\(\(|\bseq\b|\bexpr\b|SECONDS|retries|RETRIES|attempt|ATTEMPT|COUNT|count"
)
_TIMED: Final = re.compile(r"^[^#\n]*(?<![\w-])timeout\s+[\d\"'$-]", re.MULTILINE)
"""A command that is run with a limit: it may be the loop."""
_LIMIT: Final = re.compile(
    r"time_?out|deadline|expire|elapsed|remain|attempt|retries|tries|budget|stop", re.IGNORECASE
)
_DEPLOYED_ELSEWHERE: Final = re.compile(
    r"\.tf$|(?:^|/)(?:Chart\.yaml|(?:k8s|kubernetes|helm|charts|manifests|kustomize)/.+\.ya?ml)$"
)
"""Files of those who deploy images without compose."""
_RELOADS: Final = frozenset({"runserver", "--reload"})
_SLEEPS: Final = {"sleep"}
_BOUNDS: Final = {"<", ">", "<=", ">="}
_REMEDY: Final = "give up after a limit, with an exit code and a message that names what did not answer"


def detect_blocking_starts(project: Project) -> Iterator[Sighting]:
    """Loops of the scripts that containers start with, and of the handlers that run before the first request."""
    processes = project.processes
    deployed = [process for process in processes if not _is_of_developers(project, process)]
    served = any(process.is_server for process in deployed)
    started = {path for process in deployed for path in process.scripts}
    wrapped = _wrapped_by_compose(project, processes)
    for path in dict.fromkeys(path for process in processes for path in process.scripts):
        if stage_of(path) not in ("test", "development") and not _runs_beside(project, processes, path):
            idle = (served and path not in started) or path in wrapped
            for found in _of_script(path, project.inventory.read_text(path)):
                yield replace(found, confidence=Confidence.POSSIBLE) if idle else found
    for sequence in find_sequences(project):
        for scope in sequence.path:
            yield from _of_scope(scope)


def _is_of_developers(project: Project, process: Process) -> bool:
    """Whether it is a server for development, or a service that runs the sources of whoever works on them."""
    compose = project.configuration.compose.get(process.path)
    service = compose.services.get(process.service) if compose is not None else None
    return (service is not None and is_for_developers(service)) or bool(_RELOADS.intersection(process.words))


def _wrapped_by_compose(project: Project, processes: tuple[Process, ...]) -> set[str]:
    """Scripts that only services of compose put before the start that the image has: whoever deploys the image may have that one."""
    inventory = project.inventory
    elsewhere = any(_DEPLOYED_ELSEWHERE.search(path) for path in (*inventory.other, *inventory.documents))
    own = {process.path: process.scripts for process in processes if not process.service}
    found: set[str] = set()
    for process in processes:
        compose = project.configuration.compose.get(process.path)
        service = compose.services.get(process.service) if compose is not None else None
        if compose is None or (compose.stage == "production" and not elsewhere):
            continue
        if service is not None and own.get(service.dockerfile):
            found.update(process.scripts)
    return found - {path for scripts in own.values() for path in scripts}


def _runs_beside(project: Project, processes: tuple[Process, ...], path: str) -> bool:
    """Whether all that start a script put it in the background, `./configure.sh & exec server`: the start waits for nothing."""
    name = re.escape(path.rpartition("/")[2])
    started = re.compile(rf"(?<![\w.-]){name}(?![\w.-])(?:>&|&>|[^\n;&|])*(?P<end>&&?)?")
    texts = [
        text
        for process in processes
        if path in process.scripts
        for text in (
            " ".join(process.words),
            *(project.inventory.read_text(other) for other in process.scripts if other != path),
        )
    ]
    ends = [found["end"] for text in texts for found in started.finditer(text)]
    return bool(ends) and all(end == "&" for end in ends)


def _of_script(path: str, text: str) -> Iterator[Sighting]:
    limited = _TIMED.search(text) is not None
    for found in _LOOP.finditer(text):
        if (
            _ASKS.search(found["test"])
            and not _LIMITED.search(found["test"] + found["body"])
            and "sleep" in found["body"]
        ):
            yield Sighting(
                place=Place(path=path, line=text.count("\n", 0, found.start()) + 1),
                message="the container asks here until something answers, without a limit: it neither starts nor fails",
                severity=Severity.MEDIUM,
                confidence=Confidence.POSSIBLE if limited else Confidence.PROBABLE,
                remedy=_REMEDY,
                subject="wait",
                cause=f"script:{path}",
                reach=Reach.LIFESPAN,
            )


def _of_scope(scope: Scope) -> Iterator[Sighting]:
    """`while not await ready(): await sleep(1)`."""
    body = scope.body
    flow = Flow(body)
    for number, block in enumerate(body.blocks):
        if block.kind != "while" or not any(
            facts.last_name(call.callee) in _SLEEPS for call in flow.calls_in(number)
        ):
            continue
        if _is_for_its_own(scope, flow, number):
            continue
        if not _is_limited(scope, flow, number, block):
            yield Sighting(
                place=Place(path=scope.path, line=block.line, symbol=scope.qualname),
                message=f"`{scope.qualname}` runs before the first request, and waits here without a limit",
                severity=Severity.HIGH,
                confidence=Confidence.PROBABLE,
                remedy=_REMEDY,
                subject=scope.qualname,
                reach=Reach.LIFESPAN,
            )


def _is_for_its_own(scope: Scope, flow: Flow, number: int) -> bool:
    """Whether the loop only reads anew what the function itself sets outside of it: it waits for a twin of its own, who is at it."""
    statements = scope.body.statements
    inside = [part for part in statements if flow.inside(part.block, number)]
    outside = {
        target
        for part in statements
        if part.kind == "assign" and part not in inside
        for target in part.target
        if isinstance(target, str) and "." in target
    }
    return any(part.kind == "assign" and part.value in outside for part in inside) and all(
        facts.last_name(call.callee) in _SLEEPS for call in flow.calls_in(number)
    )


def _is_limited(scope: Scope, flow: Flow, number: int, block: Block) -> bool:
    body = scope.body
    if any(part.kind == "raise" and flow.inside(part.block, number) for part in body.statements):
        return True
    if any(
        facts.last_name(call.callee) in ("exit", "_exit", "wait_for", "timeout")
        for call in flow.calls_in(number)
    ):
        return True
    if any(part.kind == "yield" and flow.inside(part.block, number) for part in body.statements):
        return True
    tests = [block.detail, *(inner.detail for index, inner in enumerate(body.blocks)
                             if inner.kind in ("if", "while") and flow.inside(index, number))]  # fmt: skip
    if any(_compares_numbers(test) or _LIMIT.search(_spelled(test, scope)) for test in tests):
        return True
    around = [other for other in body.enclosing(block.parent) if other.kind in ("with", "async-with")]
    return any(
        facts.last_name(body.calls[expression].callee)
        in ("timeout", "fail_after", "move_on_after", "timeout_at")
        for other in around
        for expression, _ in other.detail
        if type(expression) is int
    )


def _spelled(test: Expression, scope: Scope) -> str:
    """The names in a condition, called or not."""
    return " ".join(
        part if isinstance(part, str) else facts.spell(part, scope.body.calls)
        for part in facts.walk(test)
        if isinstance(part, str | int)
    )


def _compares_numbers(test: object) -> bool:
    return any(
        isinstance(part, tuple) and part and part[0] == facts.COMPARE and not _BOUNDS.isdisjoint(part[1])
        for part in facts.walk(test)
    )


MODE = FailureMode(
    code="STA003",
    name="startup-blocks",
    family=Family.STARTUP,
    summary="a phase of the start that waits without a limit",
    consequence="a dependency that is away leaves a container that is neither up nor down, and that nobody restarts",
    remedy=_REMEDY,
    source="FIELD reports 1 and 2: start-up blocked for 30 s and more, a database handle taken with no time limit",
    detector=detect_blocking_starts,
    surest=Confidence.PROBABLE,  # of thirteen definite ones in six rounds nine were true
)
