"""CFG002: one setting with two values, of which only one can be meant."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from greenroom.catalogue.config.credentials import find_mismatches
from greenroom.catalogue.config.deployed_compose import is_deployed
from greenroom.catalogue.config.file_over_environment import find_overriding
from greenroom.catalogue.config.lines import place_of
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.addresses import target_of
from greenroom.project.settings.declaration import is_template, stage_of
from greenroom.project.settings.env_files import Line
from greenroom.project.settings.layers import Layer, Layers
from greenroom.project.settings.terraform.environments import Given
from greenroom.project.settings.variable_read import VariableRead

_OF_EACH_PROCESS: Final = re.compile(
    r"(?:^|_)(?:PORT|HOST|HOSTNAME|WORKERS|THREADS|CONCURRENCY|NAME|TITLE|ROLE|QUEUE|QUEUES|COMMAND|MODE|LEVEL|PREFIX|VERSION|"
    r"DEVICE|SETTINGS_MODULE|MODEL|MODEL_NAME|MODEL_ID)$|^(?:DEBUG|HOME|PATH|USER|HOST|PORT)$"
)
_ALTERNATIVES: Final = re.compile(
    r"(?:^|/)(?:providers?|backends?|drivers?|adapters?|stores?|connectors?|plugins?|integrations?|engines?)/"
)
_TO_FILL_IN: Final = re.compile(r"<[^>]*>|\byour\b|xxx|\.\.\.|changeme|\{\{", re.IGNORECASE)
_BRANCH: Final = re.compile(r"\{%|\{\{[-#~]?\s*(?:if|range|else|end)\b")
"""Of a template engine: one of two lines is left out."""
_TWICE: Final = 2
_SECTION: Final = 4
"""Names that a file says again, from which on they are a section of its own."""
_FALSE: Final = {"", "0", "false", "no", "off", "none", "null"}
_TRUE: Final = {"1", "true", "yes", "on"}


def detect_drift(project: Project) -> Iterator[Sighting]:
    """Within files, between layers, between reads, between a store and who opens it."""
    given = _given_to_services(project)
    for path, lines in project.configuration.env_files.items():
        if _BRANCH.search(project.inventory.read_text(path)) is None:
            text = project.inventory.read_text(path).splitlines()
            yield from _twice(path, lines, text, is_live=stage_of(path) == "production" or path in given)
    yield from _twice_in_terraform(project)
    yield from _overridden(project)
    yield from _two_defaults(project)
    yield from _over_the_environment(project)
    for compose in project.configuration.compose.values():
        yield from find_mismatches(compose, project)


def _given_to_services(project: Project) -> set[str]:
    """The environment files that services of a deployment have."""
    return {
        path
        for compose in project.configuration.compose.values()
        if is_deployed(compose)
        for service in compose.services.values()
        for path, _ in service.env_files
    }


def _twice(path: str, lines: Iterable[Line], text: list[str], *, is_live: bool) -> Iterator[Sighting]:
    first: dict[str, Line] = {}
    lines = tuple(lines)
    chosen = is_template(path) or _has_sections(lines)
    for line in lines:
        known = first.setdefault(line.name, line)
        if _grows(line):
            first[line.name] = line
            continue
        if plain(known.value) != plain(line.value) and not _TO_FILL_IN.search(f"{known.value} {line.value}"):
            yield Sighting(
                place=Place(path=path, line=line.line),
                message=f"`{line.name}` is set twice in this file, to different values: the line further down wins",
                severity=Severity.MEDIUM,
                confidence=Confidence.PROBABLE
                if is_live and known.value and line.value and not (chosen or _is_in_a_branch(text, line))
                else Confidence.POSSIBLE,
                remedy="keep one of the two lines",
                sites=(Place(path=path, line=known.line),),
                subject=line.name,
                cause=f"{path}:twice",
            )


def _twice_in_terraform(project: Project) -> Iterator[Sighting]:
    """Two entries of one list, of which a process gets one: a map that is merged over another is no such list."""
    first: dict[tuple[str, int, str], Given] = {}
    for environment in project.configuration.terraform:
        for part in environment.given:
            if not part.listed or part.value is None:
                continue
            known = first.setdefault((part.path, part.listed, part.name), part)
            if known.line != part.line and plain(known.value or "") != plain(part.value):
                yield Sighting(
                    place=Place(path=part.path, line=part.line),
                    message=f"`{part.name}` is given to `{environment.owner}` twice, with different values, of which one can hold",
                    severity=Severity.MEDIUM,
                    confidence=Confidence.PROBABLE,
                    remedy="keep one of the two entries",
                    sites=(Place(path=part.path, line=known.line),),
                    subject=part.name,
                    cause=f"{part.path}:twice",
                )


def _is_in_a_branch(text: list[str], line: Line) -> bool:
    """Whether a shell comes there under a condition only, as the indentation says."""
    return text[line.line - 1 : line.line] != [] and text[line.line - 1][:1] in (" ", "\t")


def _grows(line: Line) -> bool:
    """`PYTHONPATH=$PWD/tests:$PYTHONPATH`: the shell that reads it keeps what stood there."""
    return re.search(rf"\$\{{?{re.escape(line.name)}\b", line.value) is not None


def _has_sections(lines: Iterable[Line]) -> bool:
    """Whether a file says one name three times, or many names again: alternatives, of which one is copied."""
    times = Counter(line.name for line in lines)
    return (
        any(count > _TWICE for count in times.values())
        or sum(count == _TWICE for count in times.values()) >= _SECTION
    )


# layers of a deployment


def _overridden(project: Project) -> Iterator[Sighting]:
    """A value of an environment file that no container ever sees."""
    seen: set[tuple[str, int]] = set()
    for compose in project.configuration.compose.values():
        for service in compose.services.values():
            layers = Layers(service, project.configuration)
            for name in layers.names():
                pair = _dead_value(layers.of(name))
                if pair is None or (pair[0].path, pair[0].line) in seen:
                    continue
                seen.add((pair[0].path, pair[0].line))
                yield _override(name, *pair, is_live=is_deployed(compose))


def _dead_value(layers: list[Layer]) -> tuple[Layer, Layer] | None:
    """A file's value and the stronger one that hides it, where both are written and differ."""
    if len(layers) < 2 or layers[-1].source != "environment":
        return None
    file, strongest = layers[-2], layers[-1]
    if file.source != "file" or not file.value or not strongest.value or "$" in strongest.value + file.value:
        return None
    return (file, strongest) if plain(file.value) != plain(strongest.value) else None


def _override(name: str, file: Layer, strongest: Layer, *, is_live: bool) -> Sighting:
    target = target_of(name, file.value or "")
    meant = stage_of(file.path) == "production" and not (target is not None and target.is_local)
    return Sighting(
        place=Place(path=strongest.path, line=strongest.line),
        message=f"`{name}` has another value here than in {file.path}:{file.line}, and `environment` wins over `env_file`: the "
        "file's value never holds",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE if meant and is_live else Confidence.POSSIBLE,
        remedy="say it once, in the file or under `environment`",
        sites=(Place(path=file.path, line=file.line),),
        subject=name,
        cause=f"{strongest.path}:{file.path}",
    )


def _over_the_environment(project: Project) -> Iterator[Sighting]:
    """`load_dotenv(override=True)` with a file of the repository."""
    for found in find_overriding(project):
        if plain(found.line.value) != plain(found.hidden.value or ""):
            yield Sighting(
                place=Place(path=found.scope.path, line=found.call.line, symbol=found.scope.qualname),
                message=f"`override=True` lets {found.path} win over the environment: `{found.line.name}`, which {found.hidden.path} "
                "sets, never holds where the file is",
                severity=Severity.MEDIUM,
                confidence=Confidence.POSSIBLE,
                remedy="leave `override` out, so that the file only fills in what the deployment does not say",
                sites=(
                    Place(path=found.path, line=found.line.line),
                    Place(path=found.hidden.path, line=found.hidden.line),
                ),
                subject=found.line.name,
                cause=f"override:{found.scope.path}:{found.path}",
            )


# defaults in code


def _two_defaults(project: Project) -> Iterator[Sighting]:
    """The same variable with two fallbacks: who asks first decides."""
    by_hand = project.once(ByHand)
    reads: dict[str, list[VariableRead]] = defaultdict(list)
    for read in project.configuration.reads:
        # A settings class that derives from another means the default that it changes.
        usable = (
            read.default not in (None, "")
            and read.how != "settings"
            and stage_of(read.scope.path) not in ("test", "development")
        )
        if (
            usable
            and not _OF_EACH_PROCESS.search(read.name)
            and not by_hand.is_run_by_hand(read.scope.module)
        ):
            reads[read.name].append(read)
    for name, listed in reads.items():
        for group in _programs(listed).values():
            different = [read for read in group if not _means_the_same(read.default, group[0].default)]
            different = [read for read in different if not _belong_together(project, read, group[0])]
            if different:
                yield _drifting(project, name, group[0], different)


def _belong_together(project: Project, one: VariableRead, other: VariableRead) -> bool:
    """Whether they stand in one file, are alternatives, or one takes over all of the other to change some of it."""
    first, second = one.scope.module, other.scope.module
    alternatives = first.folder == second.folder and _ALTERNATIVES.search(first.path) is not None
    return (
        alternatives
        or first is second
        or any(
            part.name == "*"
            and project.symbols.imported_module(module, part.level, part.module) in (first, second)
            for module in (first, second)
            for part in module.imports
        )
    )


def _programs(reads: list[VariableRead]) -> dict[str, list[VariableRead]]:
    """By what is deployed together: packages below one source root and name."""
    found: dict[str, list[VariableRead]] = defaultdict(list)
    for read in reads:
        module = read.scope.module
        root = module.path.removesuffix(".py").removesuffix("/__init__")
        root = root.removesuffix(module.name.replace(".", "/"))
        found[f"{root}:{module.name.split('.', 1)[0] if '.' in module.name else ''}"].append(read)
    return found


def _drifting(project: Project, name: str, first: VariableRead, others: list[VariableRead]) -> Sighting:
    places = [place_of(project, read) for read in others]
    where = place_of(project, first)
    declared = name in project.configuration.mentioned
    return Sighting(
        place=places[0],
        message=f"`{name}` falls back to another value here than in {where.path}:{where.line}: where nobody sets it, one "
        "program has two settings of one name",
        severity=Severity.LOW if declared else Severity.MEDIUM,
        confidence=Confidence.POSSIBLE,  # each use may have chosen its own, each branch its mode
        remedy="read the variable in one place, and import the setting from there",
        sites=(where, *places[1:]),
        subject=name,
        cause=f"{name}:{where.path}",
    )


def _means_the_same(one: Any, other: Any) -> bool:
    return plain(str(one)) == plain(str(other))


def plain(value: str) -> str:
    """Spelled alike: `True`, `1` and `yes` are one value, `30` and `30.0` another."""
    text = value.strip().lower().rstrip("/")
    if text in _FALSE:
        return "false"
    if text in _TRUE:
        return "true"
    try:
        return str(float(text))
    except ValueError:
        return ",".join(part.strip() for part in text.split(","))


MODE = FailureMode(
    code="CFG002",
    name="configuration-drift",
    family=Family.CONFIG,
    summary="one setting with conflicting values, or layers of which the wrong one wins",
    consequence="what is tested and what runs, or two parts of what runs, go by different values",
    remedy="say each setting in one place per environment",
    source="FIELD report 1: configuration conflicts; Docker documentation, Environment variables precedence",
    detector=detect_drift,
    surest=Confidence.PROBABLE,
)
