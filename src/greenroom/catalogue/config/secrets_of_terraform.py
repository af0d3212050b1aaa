"""Secrets that files of Terraform write out: in an environment, as the default of a variable, in a file of values."""

from collections.abc import Iterator
from typing import NamedTuple

from greenroom.catalogue.config.refusals import Refusals
from greenroom.catalogue.config.secret_names import Kind, is_placeholder, kind_of
from greenroom.model.finding import Confidence
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.declaration import is_template, stage_of


class Held(NamedTuple):
    """One secret; its value is never told."""

    place: Place
    name: str
    kind: Kind
    owner: str
    """What is given it, as Terraform names it."""
    confidence: Confidence


def secrets_of_terraform(project: Project) -> Iterator[Held]:
    """One for each place where a value stands, whoever is given it."""
    refusals = project.once(Refusals)
    read = {name.upper() for part in project.configuration.reads for name in part.names}
    told: set[tuple[str, int]] = set()
    for environment in project.configuration.terraform:
        for part in environment.given:
            kind = kind_of(part.name)
            if kind is None or part.value is None or part.written in told or is_placeholder(kind, part.value):
                continue
            path, line = part.written
            passing = any(stage_of(each) in ("test", "development") for each in (path, part.path))
            if passing or is_template(path) or refusals.is_compared(part.value):
                continue
            told.add(part.written)
            ours = part.name.upper() in read and kind is not Kind.STORE
            sure = Confidence.PROBABLE if ours else Confidence.POSSIBLE
            yield Held(Place(path=path, line=line), part.name, kind, environment.owner, sure)
