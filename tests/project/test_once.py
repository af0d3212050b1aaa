"""What is made of a project, once for all who ask."""

from dataclasses import replace
from pathlib import Path

from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project


class _Answers:
    def __init__(self, project: Project) -> None:
        self.project = project


def test_all_who_ask_get_the_same(tmp_path: Path) -> None:
    project = _read(tmp_path)

    assert project.once(_Answers) is project.once(_Answers)


def test_another_project_gets_its_own(tmp_path: Path) -> None:
    project = _read(tmp_path)
    other = replace(project, deletions=())

    assert project.once(_Answers).project is project
    assert other.once(_Answers).project is other


def _read(folder: Path) -> Project:
    (folder / "app.py").write_text("import os\n", encoding="utf-8")
    return read_project(folder, Settings())
