"""STA004: a service that is started before what its start needs is ready."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from greenroom.catalogue.config.containers import Containers
from greenroom.catalogue.startup.address_unread import is_told_to_nobody
from greenroom.catalogue.startup.asked_at_import import asked_at_import, makes_tables
from greenroom.catalogue.startup.passed_over import MIGRATES, passed_over
from greenroom.catalogue.startup.skipped_startup import DROP_READINESS, SWAP_STARTUP
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.addresses import store_of_image, target_of
from greenroom.project.settings.compose import ComposeFile, Service, is_for_developers
from greenroom.project.settings.layers import Layers
from greenroom.project.settings.processes import Process
from greenroom.project.startup.sequence import Sequence, find_sequences

_WAITS: Final = re.compile(
    r"wait[-_]?for|wait_until|dockerize|\bnc\s+-z|pg_isready|\buntil\b|\bwhile\b|wait4|waitfor|check_db|db_ready|/dev/tcp|\bretry\b|"
    r"\bsleep\b|prestart|pre_start"
)
_COMMENT: Final = re.compile(r"(?m)^\s*#.*$")
_STOPS: Final = re.compile(
    r"(?m)^\s*set\b[^\n#]*\s(?:-\w*e|errexit)|^#![^\n]*\s-\w*e|\btrap\b[^\n]*\bERR\b|\$\?"
)
"""What makes a script end at the first command that fails, or asks how it went."""
_SHELL_STOPS: Final = re.compile(r"\b(?:ba|da|z|a)?sh\s+-\w*e")
_HANGS_ON: Final = re.compile(r"&&|\|\||^(?:if|elif|while|until|exec)\b")
_IMPORTED: Final = " as "
_RETRIES: Final = {"tenacity", "backoff", "stamina", "retry", "retrying"}
_STORES_OF: Final = {"database": ("postgres", "mysql", "mongodb"), "cache": ("redis", "memcached"), "broker": ("rabbitmq", "kafka", "redis"),
                     "queue": ("rabbitmq", "kafka", "redis"), "search": ("elasticsearch",)}  # fmt: skip


def detect_wrong_order(project: Project) -> Iterator[Sighting]:
    """`depends_on` of compose files, held against what the starts need."""
    processes = project.processes
    sequences = find_sequences(project)
    containers = project.once(Containers)
    yield from passed_over(project, processes)
    for compose in project.configuration.compose.values():
        if compose.stage in ("test", "development"):
            continue
        for service in compose.services.values():
            if service.build and containers.runs_python(service):
                started = [part for part in processes if _is_of(part, service)]
                yield from _of_service(project, compose, service, started, sequences)


def _is_of(process: Process, service: Service) -> bool:
    if process.service:
        return process.service == service.name and process.path == service.path
    return process.path == service.dockerfile and not service.command.value


def _of_service(
    project: Project,
    compose: ComposeFile,
    service: Service,
    started: list[Process],
    sequences: tuple[Sequence, ...],
) -> Iterator[Sighting]:
    text = _text_of(project, started)
    if _WAITS.search(text):
        return
    yield from _of_unnamed(project, compose, service, started, sequences)
    for dependency in service.depends_on:
        other = compose.services.get(dependency.name)
        kind = store_of_image(other.image) if other is not None else ""
        if other is None or not kind or dependency.condition != "service_started":
            continue
        why = _need(project, kind, text, started, sequences)
        if why:
            said = f"the service `{service.name}` is started once `{other.name}` is started, not once it is ready"
            found = _sighting(service, other, dependency.line, said, why)
            unread = is_told_to_nobody(project, service, other)
            unsure = (
                unread
                or _goes_on_after(project, started)
                or (_IMPORTED in why and is_for_developers(service))
            )
            yield replace(found, confidence=Confidence.POSSIBLE) if unsure else found


def _of_unnamed(
    project: Project,
    compose: ComposeFile,
    service: Service,
    started: list[Process],
    sequences: tuple[Sequence, ...],
) -> Iterator[Sighting]:
    """Stores of the file that its variables lead to, and that it waits for in no way."""
    layers, text = Layers(service, project.configuration), _text_of(project, started)
    if service.links or service.network_mode == "host":
        return
    known = _waited_for(compose, service)
    for name in layers.names():
        layer = layers.last(name)
        target = target_of(name, layer.value) if layer is not None and layer.value else None
        other = compose.answering(target.host) if target is not None else None
        if other is None or other.name in known or other.profiles - service.profiles:
            continue
        known.add(other.name)
        why = _need(project, store_of_image(other.image), text, started, sequences)
        if why:
            said = f"the service `{service.name}` is started beside `{other.name}`, and not after it"
            found = _sighting(service, other, service.line, said, why)
            unsure = (
                is_for_developers(service)
                or is_told_to_nobody(project, service, other)
                or _goes_on_after(project, started)
            )
            yield replace(found, confidence=Confidence.POSSIBLE) if unsure else found


def _waited_for(compose: ComposeFile, service: Service) -> set[str]:
    """Itself, and whatever is started before it, through others as well."""
    found, queue = {service.name}, [service]
    while queue:
        for needed in queue.pop().depends_on:
            if needed.name not in found:
                found.add(needed.name)
                queue += [compose.services[needed.name]] if needed.name in compose.services else []
    return found


def _text_of(project: Project, started: list[Process]) -> str:
    """Commands and the scripts that they run."""
    words = [" ".join(part.words) for part in started]
    scripts = [project.inventory.read_text(path) for part in started for path in part.scripts]
    return "\n".join([*words, *(_COMMENT.sub("", text) for text in scripts)])


def _need(
    project: Project, kind: str, text: str, started: list[Process], sequences: tuple[Sequence, ...]
) -> str:
    """What of the start asks the store; empty where nothing is known to."""
    migrates = MIGRATES.search(text)
    if migrates and kind in _STORES_OF["database"]:
        return f"`{' '.join(migrates[0].split())}`"
    modules = [part.module for part in started if part.module is not None]
    for sequence in sequences:
        served = any(module.path.split("/")[0] == sequence.handler.path.split("/")[0] for module in modules)
        tables = {"database"} if served and any(map(makes_tables, sequence.path)) else set()
        if served and _is_one_of(kind, sequence.needs | tables) and not any(map(_retries, sequence.path)):
            return f"`{sequence.handler.qualname}`"
    for module in dict.fromkeys(modules):
        for asked in asked_at_import(project, module):
            if _is_one_of(kind, asked.kinds) and not any(map(_retries, asked.path)):
                return f"`{asked.name}`{_IMPORTED}`{asked.module.path}` is imported"
    return ""


def _is_one_of(kind: str, needs: Iterable[str]) -> bool:
    return any(kind in _STORES_OF.get(need, ()) for need in needs)


def _goes_on_after(project: Project, started: list[Process]) -> bool:
    """Whether a script migrates and goes on whether that fails or not: the process does not end by it."""
    if any(_SHELL_STOPS.search(" ".join(part.words)) for part in started):
        return False
    texts = [project.inventory.read_text(path) for part in started for path in part.scripts]
    if any(_STOPS.search(text) for text in texts):
        return False
    return any(map(_follows, texts))


def _follows(text: str) -> bool:
    """Whether a line that migrates stands by itself, and others come after it."""
    lines = [line.strip() for line in _COMMENT.sub("", text).replace("\\\n", " ").splitlines()]
    lines = [line for line in lines if line]
    return any(MIGRATES.search(line) and not _HANGS_ON.search(line) for line in lines[:-1])


def _retries(scope: Scope) -> bool:
    """Whether a failure leads to another attempt, or to a start without the store."""
    if any(part.module.split(".", 1)[0] in _RETRIES for part in scope.module.imports):
        return True
    return any(block.kind == "except" for block in scope.body.blocks) or any(
        "retry" in facts.last_name(call.callee) for call in scope.body.calls
    )


def _sighting(service: Service, other: Service, line: int, said: str, why: str) -> Sighting:
    comes_back = service.restart not in ("", "no", "none")
    watched = bool(other.healthcheck.value)
    return Sighting(
        place=Place(path=service.path, line=line),
        message=f"{said}, and its start ({why}) asks it",
        severity=Severity.LOW if comes_back else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE if comes_back else Confidence.PROBABLE,
        remedy="wait with `condition: service_healthy`"
        if watched
        else f"give `{other.name}` a health check, and wait for it with `condition: service_healthy`",
        sites=(Place(path=other.path, line=other.line),),
        subject=f"{service.name}:{other.name}",
        cause=f"{service.path}:order",
    )


MODE = FailureMode(
    code="STA004",
    name="startup-order",
    family=Family.STARTUP,
    summary="a service is started before what its start needs is ready",
    consequence="on a cold start the first connection is refused and the process ends, now and then",
    remedy="wait for what is needed by a health condition, or try again with a limit",
    source="Docker documentation, Control startup and shutdown order in Compose",
    detector=detect_wrong_order,
    operators=(DROP_READINESS, SWAP_STARTUP),
)
