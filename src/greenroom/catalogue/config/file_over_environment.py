"""A file of the repository that the program lets win over what its deployment sets."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.declaration import Declaration, is_template, stage_of
from greenroom.project.settings.env_files import Line

_LOADS: Final = words("load_dotenv")
_DEPLOYS: Final = frozenset({"compose", "kubernetes", "image", "systemd", "terraform"})


class Overriding(NamedTuple):
    """A call of `load_dotenv(override=True)`, and a value of the deployment that it puts aside."""

    scope: Scope
    call: Call
    line: Line
    """Of the file."""
    path: str
    """Of the file."""
    hidden: Declaration


def find_overriding(project: Project) -> Iterator[Overriding]:
    """Every variable of such a file that a deployment sets to something, whatever it is."""
    declared = [
        part
        for part in project.configuration.declarations
        if part.source in _DEPLOYS and part.value and "$" not in part.value and not _is_passing(part)
    ]
    for scope in mentioning(project.production(), _LOADS):
        for call in scope.body.calls:
            path = _file(project, scope, call) if _overrides(project, scope, call) else ""
            for line in project.configuration.env_files.get(path, ()):
                for part in declared:
                    if part.name == line.name and line.value:
                        yield Overriding(scope, call, line, path, part)


def _overrides(project: Project, scope: Scope, call: Call) -> bool:
    return (
        type(call.callee) is str
        and facts.constant(call.keyword("override")) is True
        and project.symbols.dotted(scope.module, call.callee)
        in ("dotenv.load_dotenv", "dotenv.main.load_dotenv")
    )


def _file(project: Project, scope: Scope, call: Call) -> str:
    """The file of the repository that is read: the nearest of its name, from the code upwards."""
    given = call.arguments[0] if call.arguments else call.keyword("dotenv_path")
    texts = [text for part in facts.walk(given) if isinstance(text := facts.constant(part), str)]
    if given is not None and not texts:
        return ""
    name = PurePosixPath(texts[-1]).name if texts else ".env"
    folders = (parent.as_posix() for parent in PurePosixPath(scope.path).parents)
    paths = (name if folder == "." else f"{folder}/{name}" for folder in folders)
    found = next((path for path in paths if path in project.configuration.env_files), "")
    return "" if is_template(found) else found


def _is_passing(part: Declaration) -> bool:
    return stage_of(part.path) in ("test", "development")
