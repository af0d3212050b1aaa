"""What `python -m unittest` collects, by its own loader, against what we say."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

CASE = (
    "import unittest\n\n\nclass Sums(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n\n"
    "    def test_b(self):\n        self.assertEqual(2, 2)\n"
)
FILES = {
    "checks/__init__.py": "",
    "checks/prices_test.py": CASE,
    "checks/test_orders.py": CASE,
    "checks/more/__init__.py": "",
    "checks/more/test_late.py": CASE,
}


@pytest.mark.parametrize(
    "arguments",
    [
        "checks.prices_test",
        "checks.prices_test.Sums",
        "checks.prices_test.Sums.test_b checks.test_orders",
        "checks/test_orders.py",
        "discover",
        "discover checks",
        "discover -s checks -p *_test.py",
        "discover checks *_test.py",
        "discover --start-directory=checks --pattern=test_l*.py -t .",
    ],
)
def test_we_collect_what_unittest_collects(arguments: str, write_project: WriteProject) -> None:
    root = write_project(
        {**FILES, ".github/workflows/test.yml": f"jobs:\n  test:\n    steps:\n      - run: python -m unittest {arguments}\n"}
    )  # fmt: skip

    found = {test.id for test in read_project(root, Settings()).suite.tests if test.collected}

    assert found == ran(root, arguments)


def test_a_program_that_loads_modules_by_their_names(write_project: WriteProject) -> None:
    program = (
        "import unittest\n\nMODULES = ['checks.prices_test']\n\n\ndef everything():\n"
        "    return unittest.defaultTestLoader.loadTestsFromNames(MODULES)\n"
    )
    pipeline = "jobs:\n  test:\n    steps:\n      - run: cd checks && python -m unittest test_orders\n"
    root = write_project({**FILES, "checks/runtests.py": program, ".github/workflows/test.yml": pipeline})

    collected = {test.path for test in read_project(root, Settings()).suite.tests if test.collected}

    assert collected == {"checks/prices_test.py", "checks/test_orders.py"}


@pytest.mark.parametrize(
    "option", ["-p '*_tests.py'", "--pattern='*_tests.py'", "--pattern '*_tests.py' shop", ""]
)
def test_we_collect_what_the_runner_of_django_collects(option: str, write_project: WriteProject) -> None:
    case = "from django.test import SimpleTestCase\n\n\nclass Case(SimpleTestCase):\n    def test_it(self):\n        assert 1\n"
    root = write_project(
        {
            "manage.py": "import sys\nfrom django.conf import settings\n\nsettings.configure()\n"
            "from django.core.management import execute_from_command_line\n\nexecute_from_command_line(sys.argv)\n",
            "shop/__init__.py": "",
            "shop/prices_tests.py": case,
            "shop/test_orders.py": case,
            "Makefile": f"test:\n\tpython manage.py test {option}\n",
        }
    )
    collected = {test.id for test in read_project(root, Settings()).suite.tests if test.collected}

    assert collected == _ran_by_django(root, option)


def _ran_by_django(root: Path, option: str) -> set[str]:
    command = [sys.executable, "-B", "manage.py", "test", "-v", "2", *shlex.split(option)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    lines = [line.split("(")[1].split(")")[0] for line in done.stderr.splitlines() if line.endswith("... ok")]
    assert lines, done.stderr
    return {node(root, line) for line in lines}


def ran(root: Path, arguments: str) -> set[str]:
    """Ids of the tests that ran, in pytest's spelling."""
    command = [sys.executable, "-m", "unittest", *arguments.split(), "-v"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    lines = [line.split("(")[1].split(")")[0] for line in done.stderr.splitlines() if line.endswith("... ok")]
    assert lines, done.stderr
    return {node(root, line) for line in lines}


def node(root: Path, dotted: str) -> str:
    module, owner, method = dotted.rsplit(".", 2)
    (path,) = (
        part for part in root.rglob("*.py")
        if part.relative_to(root).with_suffix("").as_posix().replace("/", ".").endswith(module)
    )  # fmt: skip
    return f"{path.relative_to(root).as_posix()}::{owner}::{method}"
