"""CFG001: a variable without which the code does not run, and that no environment of the project declares."""

from collections import defaultdict
from collections.abc import Iterator

from greenroom.catalogue.config.front_variables import FrontVariable, find_front_variables
from greenroom.catalogue.config.lines import place_of
from greenroom.catalogue.config.lost_default import ENV_DEFAULT_LOST
from greenroom.catalogue.config.misread_switch import BOOL_ENV
from greenroom.catalogue.config.not_given import NotGiven, find_not_given
from greenroom.catalogue.config.other_letters import OtherLetters, find_other_letters
from greenroom.catalogue.config.undeclared import Undeclared
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.variable_read import VariableRead

_MOST_NAMED = 3
_AT_THE_START = (Reach.PROJECT, Reach.LIFESPAN, Reach.SCRIPT)


def detect_undeclared_variables(project: Project) -> Iterator[Sighting]:
    """One sighting for each function, class or module that requires some: its variables have one cause."""
    groups: dict[tuple[Scope, Confidence], list[VariableRead]] = defaultdict(list)
    for read, confidence in Undeclared(project).find():
        groups[read.scope, confidence].append(read)
    for (scope, confidence), reads in groups.items():
        yield _sighting(project, scope, confidence, reads)
    told = {scope for scope, confidence in groups if confidence is not Confidence.POSSIBLE}
    for missing in find_not_given(project):
        if missing.scope not in told:
            yield _of_service(project, missing)
    for variable in find_front_variables(project):
        yield _of_front(variable)
    for other in find_other_letters(project):
        yield _of_other_letters(project, other)


def _sighting(project: Project, scope: Scope, confidence: Confidence, reads: list[VariableRead]) -> Sighting:
    names = list(dict.fromkeys(read.name for read in reads))
    places = [place_of(project, read) for read in reads]
    at_start = scope.kind in ("module", "class") or project.entries.reach(scope) in _AT_THE_START
    return Sighting(
        place=places[0],
        message=f"{_listed(names)} required here, and no environment, compose, deployment or template file of the "
        "project declares it",
        severity=Severity.HIGH if at_start else Severity.MEDIUM,
        confidence=confidence,
        consequence=_AT_START if at_start else "the first call of this function ends in an error",
        sites=tuple(dict.fromkeys(places[1:])),
        subject=names[0],
        cause=f"{scope.path}:{scope.qualname}:{confidence}",
    )


def _of_service(project: Project, missing: NotGiven) -> Sighting:
    names = [read.name for read in missing.reads]
    places = [place_of(project, read) for read in missing.reads]
    service = missing.service
    return Sighting(
        place=places[0],
        message=f"{_listed(names)} required here, and the service `{service.name}` of {service.path} is given "
        f"{missing.given} others that this class requires, but not {'these' if len(names) > 1 else 'this'}",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        consequence=_AT_START,
        sites=(*dict.fromkeys(places[1:]), Place(path=service.path, line=service.line)),
        subject=names[0],
        cause=f"{missing.scope.path}:{missing.scope.qualname}:{service.path}",
    )


def _of_other_letters(project: Project, other: OtherLetters) -> Sighting:
    places = [place_of(project, read) for read in other.reads]
    name, declared = other.reads[0].name, other.declared
    falls_back = not any(read.required for read in other.reads)
    return Sighting(
        place=places[0],
        message=f"`{name}` is read here, and {declared.path} sets `{declared.name}`: on Linux these are two variables, "
        f"and {'the default counts' if falls_back else 'the read fails'}",
        severity=Severity.HIGH,
        confidence=Confidence.PROBABLE,
        consequence="what the deployment says is not heard; on a developer's machine, where the default is right, all is well",
        remedy=f"read `{declared.name}`, in the letters in which it is set",
        sites=(*dict.fromkeys(places[1:]), Place(path=declared.path, line=declared.line)),
        subject=name,
        cause=f"letters:{name}",
    )


def _of_front(variable: FrontVariable) -> Sighting:
    places = [Place(path=path, line=line) for path, line in variable.sites]
    return Sighting(
        place=places[0],
        message=f"`{variable.name}` is read here without a default, and no environment, deployment or build file of the project "
        "declares it",
        severity=Severity.MEDIUM,
        confidence=variable.confidence,
        consequence="a build by the project's own files writes `undefined` in its place, and nothing fails before a user meets it",
        remedy="declare it where its neighbours are declared, or give it a default that holds in production",
        sites=tuple(places[1:]),
        subject=variable.name,
        cause=f"front:{places[0].path}:{variable.confidence}",
    )


_AT_START = "the process that a deployment starts by these files ends before its first request"


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        shown = f"{shown} and {len(names) - _MOST_NAMED} more"
    return f"{shown} {'are' if len(names) > 1 else 'is'}"


MODE = FailureMode(
    code="CFG001",
    name="variable-undeclared",
    family=Family.CONFIG,
    summary="a variable that the code requires, and that no environment, template or deployment file declares",
    consequence="a deployment by the project's own files does not come up, or fails at the first use",
    remedy="declare it in the template and in each deployment, or give it a default that holds in production",
    source="The Twelve-Factor App, III. Config; FIELD reports 1 and 2: variables missing in production",
    detector=detect_undeclared_variables,
    surest=Confidence.PROBABLE,
    operators=(ENV_DEFAULT_LOST, BOOL_ENV),
    needs_deployment=True,
)
