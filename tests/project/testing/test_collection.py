"""Our collection against pytest's own: the same projects, the same commands, the same tests."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project
from tests.conftest import WriteProject
from tests.project.testing.projects import COMMANDS, CONFIGURATION, NAMES, TEST, Sample

NODE = re.compile(r"^\S+\.py::\S+")


def collected_by_pytest(root: Path, arguments: tuple[str, ...] = ()) -> set[str]:
    """Node ids without parameters, as a fresh pytest without plugins lists them."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        f"--rootdir={root}",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "GREENROOM"))
    }
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 2, 5), done.stdout + done.stderr
    lines = [line.split("[")[0] for line in done.stdout.splitlines() if NODE.match(line)]
    return {(root / line).as_posix() for line in lines}


def collected_by_us(root: Path) -> set[str]:
    project = read_project(root, Settings())
    return {(root / test.id).as_posix() for test in project.suite.tests if test.collected}


def write_sample(sample: Sample, write_project: WriteProject) -> Path:
    """With a pipeline that starts the tests as the sample says."""
    files = dict(sample.files)
    if sample.arguments:
        command = shlex.join(("pytest", *sample.arguments))
        files[".github/workflows/test.yml"] = f"jobs:\n  test:\n    steps:\n      - run: {command}\n"
    return write_project(files)


@pytest.mark.parametrize(
    "sample", [pytest.param(sample, id=sample.name) for sample in (*CONFIGURATION, *NAMES, *COMMANDS)]
)
def test_we_collect_what_pytest_collects(sample: Sample, write_project: WriteProject) -> None:
    root = write_sample(sample, write_project)

    expected = collected_by_pytest(root, sample.arguments)

    assert expected
    assert collected_by_us(root) == expected


def test_files_of_one_name_without_packages(write_project: WriteProject) -> None:
    """pytest stops at the second of them; the suite must not be called green."""
    root = write_project(
        {
            "a/test_same.py": TEST,
            "b/test_same.py": TEST,
            ".github/workflows/test.yml": "jobs:\n  test:\n    steps:\n      - run: pytest\n",
        }
    )

    assert collected_by_us(root) == collected_by_pytest(root)
    assert hidden_kinds(read_project(root, Settings())) == {"b/test_same.py::test_a": "basename"}


def test_a_marker_that_is_registered_nowhere(write_project: WriteProject) -> None:
    root = write_project(
        {
            "pytest.ini": "[pytest]\naddopts = --strict-markers\nmarkers =\n    known: is known\n",
            "test_a.py": "import pytest\n\n\n@pytest.mark.known\ndef test_a():\n    assert 1\n",
            "test_b.py": "import pytest\n\n\n@pytest.mark.unknown\ndef test_b():\n    assert 1\n",
        }
    )

    assert collected_by_us(root) == collected_by_pytest(root)
    assert hidden_kinds(read_project(root, Settings())) == {"test_b.py::test_b": "marker"}


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        pytest.param(
            {"test_a.py": f"{TEST}\n\ndef test_a():\n    assert 2\n"}, {"test_a.py::test_a": "duplicate"},
            id="duplicate",
        ),
        pytest.param(
            {"test_a.py": "class TestA:\n    def __init__(self):\n        pass\n\n    def test_a(self):\n        assert 1\n"},
            {"test_a.py::TestA::test_a": "constructor"},
            id="constructor",
        ),
        pytest.param({"tests/a_tests.py": TEST}, {"tests/a_tests.py::test_a": "file-name"}, id="file name"),
        pytest.param(
            {"tests/test_a.py": TEST, "other/test_b.py": TEST, "pytest.ini": "[pytest]\ntestpaths = tests\n"},
            {"other/test_b.py::test_a": "outside"},
            id="outside",
        ),
    ],
)  # fmt: skip
def test_what_is_lost_has_a_reason(
    files: dict[str, str], kinds: dict[str, str], write_project: WriteProject
) -> None:
    assert hidden_kinds(read_project(write_project(files), Settings())) == kinds


def hidden_kinds(project: Project) -> dict[str, str]:
    return {item.id: item.hidden.kind for item in project.suite.items if item.hidden is not None}


def test_a_project_inside_the_repository_of_which_no_command_is_known(write_project: WriteProject) -> None:
    """Somebody runs it in its own folder; not what a command leaves out of its own project."""
    root = write_project(
        {
            "Makefile": "test:\n\tcd api && pytest tests\n",
            "api/pyproject.toml": '[project]\nname = "api"\n',
            "api/tests/test_a.py": TEST,
            "api/more/test_b.py": TEST,
            "mail/pyproject.toml": '[project]\nname = "mail"\n\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
            "mail/tests/test_c.py": TEST,
            "mail/more/test_d.py": TEST,
            "examples/shop/pyproject.toml": '[project]\nname = "shop"\n',
            "examples/shop/tests/test_e.py": TEST,
        }
    )

    found = {test.id: test.collected for test in read_project(root, Settings()).suite.tests}

    assert found == {
        "examples/shop/tests/test_e.py::test_a": False,
        "api/tests/test_a.py::test_a": True,
        "api/more/test_b.py::test_a": False,
        "mail/tests/test_c.py::test_a": True,
        "mail/more/test_d.py::test_a": False,
    }
