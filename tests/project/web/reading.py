"""Small projects as files, read as a user's are."""

from pathlib import Path
from textwrap import dedent

from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project


def read(folder: Path, files: dict[str, str]) -> Project:
    """Write the files and read them as a project."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return read_project(folder, Settings())


def table(folder: Path, files: dict[str, str]) -> list[tuple[str, str, str]]:
    """Method, path and symbol of every route; an uncertain path ends in ` ?`."""
    return [
        (route.method, route.path if route.certain else f"{route.path} ?", route.symbol)
        for route in read(folder, files).routes
    ]


def ways_in(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """Per function: reach and label of its strongest entry."""
    project = read(folder, files)
    found = {}
    for module in project.production():
        for scope in module.scopes:
            if scope.kind in ("function", "lambda"):
                entry = project.entries.entry(scope)
                found[scope.qualname] = f"{entry.reach}: {entry.label}" if entry is not None else "unreached"
    return found
