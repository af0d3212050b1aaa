"""Small projects as files, and their call graph as lines that a reader can check."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from greenroom.model.settings import Settings
from greenroom.project.calls.graph import Edge
from greenroom.project.code.module import Scope
from greenroom.project.project import Project, read_project

CERTAINTY = ("possible", "probable", "certain")


def read(root: Path, files: Mapping[str, str]) -> Project:
    """Write the files and read them as a project; `main.py` may be given alone as a text."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return read_project(root, Settings())


def scope(project: Project, name: str) -> Scope:
    """`main.py::Class.method`, or `Class.method` where only one has that name."""
    path, _, qualname = name.rpartition("::")
    (found,) = (
        part
        for module in project.modules.values()
        if path in ("", module.path)
        for part in module.scopes
        if part.qualname == qualname
    )
    return found


def edges(project: Project, name: str) -> list[Edge]:
    return list(project.graph.edges(scope(project, name)))


def told(edge: Edge) -> str:
    """`call Store.load certain`; a library's symbol as it is."""
    target = edge.target.qualname if edge.target is not None else edge.symbol
    return f"{edge.how} {target} {CERTAINTY[edge.certainty]}"


def calls(project: Project, name: str = "main.py::run") -> set[str]:
    """What a function runs or hands over."""
    return {told(edge) for edge in edges(project, name)}
