"""What of the deployment some test or CI job really uses: as coverage bars, n of m, and which."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.model.score import Bar
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.settings.compose import ComposeFile, Service
from greenroom.project.settings.declaration import stage_of
from greenroom.project.startup.own_processes import is_known_to_tests, own_processes
from greenroom.project.startup.run_by import StartRuns
from greenroom.project.startup.sequence import find_sequences

_CI: Final = re.compile(
    r"(?:^|/)\.(?:github|circleci|ci|buildkite)/|gitlab-ci|jenkinsfile|azure-pipelines",
    re.IGNORECASE,
)
_DEPLOYS: Final = re.compile(r"deploy|release|publish", re.IGNORECASE)
_UP: Final = re.compile(r"docker[- ]compose\b(?P<before>[^\n;&|]*?)\s(?:up|run|start)\b(?P<after>[^\n;&|]*)")
_NAMED: Final = re.compile(r"(?:-f|--file)[ =]([^\s]+)")
_DEFAULT: Final = frozenset({"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"})
_IN_TESTS: Final = (
    b"DockerCompose",
    b"docker-compose",
    b"docker compose",
    b"docker_compose_file",
    b"docker_services",
)
_SETTINGS_CLASS: Final = re.compile(
    r"^(?:Prod|Production)\w*(?:Config|Configuration|Settings)$|^(?:Config|Settings)Prod\w*$"
)


def deployment_bars(project: Project) -> tuple[Bar, Bar, Bar]:
    """Infrastructure configuration, production configuration, full initialisation."""
    return (
        _bar("infrastructure configuration", _infrastructure(project)),
        _bar("production configuration", _production(project)),
        _bar("full initialisation", _initialisation(project)),
    )


def _bar(name: str, listed: Iterator[tuple[str, bool]]) -> Bar:
    found = dict(listed)
    covered = tuple(thing for thing, is_covered in found.items() if is_covered)
    return Bar(
        name=name, achieved=len(covered), total=len(found), covered=covered,
        missing=tuple(thing for thing, is_covered in found.items() if not is_covered),
    )  # fmt: skip


# infrastructure


def _infrastructure(project: Project) -> Iterator[tuple[str, bool]]:
    """Services of compose files with what they declare, and whether a CI job or a test starts them."""
    for compose in project.configuration.compose.values():
        if compose.stage in ("test", "development"):
            continue
        started = _started(project, compose)
        for service in compose.services.values():
            for part in _parts(service):
                yield f"{compose.path}: {part}", service.name in started


def _parts(service: Service) -> Iterator[str]:
    yield f"service {service.name}"
    if service.healthcheck.get("test").value:
        yield f"health check of {service.name}"
    yield from (f"port {port} of {service.name}" for port in service.ports)
    yield from (f"volume {volume} of {service.name}" for volume in service.volumes if volume)


def _started(project: Project, compose: ComposeFile) -> set[str]:
    """The services that a job or a test brings up, with those that they depend on."""
    named: set[str] = set()
    for path in project.inventory.other:
        if _CI.search(path) and not _DEPLOYS.search(path):
            for found in _UP.finditer(project.inventory.read_text(path)):
                named |= _named_services(compose, found["before"], found["after"])
    if any(needle in module.packed_bodies for module in _tests(project) for needle in _IN_TESTS):
        named |= set(compose.services) if compose.path.rpartition("/")[2] in _DEFAULT else set()
    queue = list(named)
    for name in queue:
        service = compose.services.get(name)
        queue.extend(part.name for part in service.depends_on if part.name not in queue) if service else None
    return set(queue)


def _named_services(compose: ComposeFile, before: str, after: str) -> set[str]:
    files = _NAMED.findall(before)
    name = compose.path.rpartition("/")[2]
    if not (any(file.rpartition("/")[2] == name for file in files) if files else name in _DEFAULT):
        return set()
    chosen = {word for word in after.split() if word in compose.services}
    return chosen or set(compose.services)


# production settings


def _production(project: Project) -> Iterator[tuple[str, bool]]:
    """Files, modules and classes that are called after production, and whether a test names or imports them."""
    tests = list(_tests(project))
    for path in project.configuration.env_files:
        if stage_of(path) == "production":
            yield path, _mentions(tests, path.rpartition("/")[2].encode())
    for module in project.production():
        if _is_settings(module.path) and stage_of(module.path) == "production":
            yield module.path, _mentions(tests, module.name.encode()) or is_known_to_tests(project, module)
        for scope in module.scopes:
            if scope.kind == "class" and _SETTINGS_CLASS.search(scope.name):
                imported = any(part.name == scope.name for test in tests for part in test.imports)
                yield f"{module.path}: {scope.name}", imported or _mentions(tests, scope.name.encode())


def _is_settings(path: str) -> bool:
    return any(part in ("settings", "config", "conf") for part in re.split(r"[/._]", path))


def _tests(project: Project) -> Iterator[Module]:
    yield from (module for module in project.modules.values() if module.kind is FileKind.TEST)


def _mentions(tests: list[Module], needle: bytes) -> bool:
    return any(needle in module.packed_bodies for module in tests)


# the start


def _initialisation(project: Project) -> Iterator[tuple[str, bool]]:
    """Phases of the applications' starts, and processes of the project's own, and whether a test runs them unmocked."""
    runs = StartRuns(project)
    for sequence in find_sequences(project):
        if not sequence.phases:
            yield sequence.name, bool(runs.tests_of(sequence))
        for phase in sequence.phases:
            yield f"{sequence.name}: {phase.name}", bool(runs.tests_of_phase(sequence, phase))
    for process, module in own_processes(project):
        yield f"{process.path}: {process.spelled}", is_known_to_tests(project, module)
