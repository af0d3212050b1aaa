import os
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from greenroom.cli.options import FLAGS
from greenroom.model.settings import Settings
from greenroom.project.declared.configuration import load_settings
from tests.conftest import RunGreenroom, WriteProject


def test_appends_a_section_and_keeps_the_rest(greenroom: RunGreenroom, write_project: WriteProject) -> None:
    before = '[project]\nname = "shop"  # ours\n'
    root = write_project({"pyproject.toml": before})

    outcome = greenroom("init", root)

    after = (root / "pyproject.toml").read_text()
    assert outcome.code == 0
    assert after.startswith(before)
    assert tomllib.loads(after)["tool"]["greenroom"] == {}


def test_a_project_without_pyproject_gets_a_file_of_its_own(
    greenroom: RunGreenroom, write_project: WriteProject
) -> None:
    root = write_project({})

    assert greenroom("init", root).code == 0
    assert tomllib.loads((root / "greenroom.toml").read_text()) == {}
    assert not (root / "pyproject.toml").exists()


def test_each_example_is_valid_once_uncommented(greenroom: RunGreenroom, write_project: WriteProject) -> None:
    root = write_project({"backend/app.py": "", "src/app.py": ""})
    greenroom("init", root)
    file = root / "greenroom.toml"
    lines = file.read_text().splitlines()

    file.write_text("\n".join(_uncommented(line) for line in lines))

    settings = load_settings(root, {}, {})
    assert settings.select == ("EVL", "DEP001")
    assert settings.per_file_ignores == {"legacy/**": ("EVL",)}
    assert settings.source_roots == ("backend", "src")


def test_every_setting_has_a_flag_and_no_flag_is_left_over() -> None:
    assert {flag.name for flag in FLAGS} == {field.name for field in fields(Settings)}


def test_refuses_to_write_twice(greenroom: RunGreenroom, write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": '[tool.greenroom]\nselect = ["TST"]\n'})

    outcome = greenroom("init", root)

    assert outcome.code == 2
    assert "nothing was changed" in outcome.err
    assert (root / "pyproject.toml").read_text() == '[tool.greenroom]\nselect = ["TST"]\n'


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"[project\n", ":1"),
        (b"x = 1\ny =\n", ":2"),
        (b"x = 1\ny = [\n", ":2"),
        (b"x = 1\n\nname = 'caf\xe9'\n", ":3"),
        (b"x = " + b"[" * 20_000, ""),
        (b"x = " + b"1" * 5_000, ""),
    ],
    ids=["unclosed", "nothing", "end", "encoding", "depth", "number"],
)
def test_leaves_an_invalid_file_alone_and_says_where_it_is_wrong(
    greenroom: RunGreenroom, write_project: WriteProject, content: bytes, where: str
) -> None:
    root = write_project({})
    (root / "pyproject.toml").write_bytes(content)

    outcome = greenroom("init", root)

    assert outcome.code == 2
    assert outcome.err.startswith(f"greenroom: {root / 'pyproject.toml'}{where}: this is not valid TOML: ")
    assert outcome.err.endswith(f"Nothing was changed. Correct the file, then: greenroom init {root}\n")
    assert (root / "pyproject.toml").read_bytes() == content
    assert os.listdir(root) == ["pyproject.toml"]  # noqa: PTH208


def test_no_such_folder(greenroom: RunGreenroom, tmp_path: Path) -> None:
    assert greenroom("init", tmp_path / "nowhere").code == 2


def _uncommented(line: str) -> str:
    setting = line.removeprefix("# ").partition(" = ")[0]
    known = {flag.setting for flag in FLAGS}
    return line.removeprefix("# ") if setting in known and " = " in line else line
