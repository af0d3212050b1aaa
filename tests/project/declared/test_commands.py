"""The commands by which a project runs its tests."""

from pathlib import Path

import pytest

from greenroom.project.declared.commands import TestCommand, read_commands
from tests.conftest import WriteProject
from tests.project.files.inventories import inventory


def commands(root: Path) -> list[TestCommand]:
    return list(read_commands(inventory(root)))


@pytest.mark.parametrize(
    ("name", "text", "source", "line"),
    [
        (
            ".github/workflows/ci.yml",
            "jobs:\n  test:\n    steps:\n      - run: pytest tests -q\n",
            "ci",
            4,
        ),
        (
            ".github/workflows/ci.yml",
            "jobs:\n  test:\n    steps:\n      - run: |\n          pip install .\n          pytest tests -q\n",
            "ci",
            6,
        ),
        (".gitlab-ci.yml", "test:\n  script:\n    - pip install pytest\n    - pytest tests -q\n", "ci", 4),
        (".gitlab-ci.yml", "default:\n  before_script:\n    - pytest tests -q\n", "ci", 3),
        ("Jenkinsfile", "node {\n  sh 'pytest tests -q'\n}\n", "ci", 2),
        ("Makefile", "ARGS = -q\ntest:\n\t@pytest tests $(ARGS)\n", "makefile", 3),
        ("justfile", "args := '-q'\n\ntest:\n    pytest tests -q\n", "makefile", 4),
        ("tox.ini", "[testenv]\ncommands =\n    pytest tests {posargs:-q}\n", "tox", 3),
        (
            "pyproject.toml",
            '[tool.poe.tasks]\ntest = "pytest tests -q"\n',
            "package",
            2,
        ),
        ("package.json", '{\n  "scripts": {\n    "test": "pytest tests -q"\n  }\n}\n', "package", 3),
        ("noxfile.py", 'def tests(session):\n    session.run("pytest", "tests", "-q")\n', "nox", 2),
        ("tasks.py", 'def test(c):\n    c.run("pytest tests -q")\n', "script", 2),
        ("scripts/test.sh", "#!/bin/sh\nset -e\npytest tests -q\n", "script", 3),
        ("bin/test", "#!/usr/bin/env bash\npytest tests -q\n", "script", 2),
        ("Dockerfile", 'FROM python\nCMD ["pytest", "tests", "-q"]\n', "docker", 2),
        ("compose.yaml", "services:\n  test:\n    command: [pytest, tests, -q]\n", "docker", 3),
        ("README.md", "# Desk\n\n```sh\n$ pytest tests -q\n```\n", "readme", 4),
        ("README.rst", "Desk\n====\n\n::\n\n    pytest tests -q\n", "readme", 6),
    ],
)
def test_wherever_it_is_written(
    name: str, text: str, source: str, line: int, write_project: WriteProject
) -> None:
    root = write_project({"main.py": "", name: text})

    (command,) = commands(root)

    assert (command.path, command.line, command.source) == (name, line, source)
    assert (command.runner, command.arguments, command.directory) == ("pytest", ("tests", "-q"), ".")


@pytest.mark.parametrize(
    ("line", "runner", "arguments"),
    [
        ("python -m pytest -x", "pytest", ("-x",)),
        ("uv run --with httpx pytest -x", "pytest", ("-x",)),
        ("poetry run pytest", "pytest", ()),
        ("coverage run -m pytest -x", "pytest", ("-x",)),
        ("docker compose run --rm api pytest tests/", "pytest", ("tests/",)),
        ("bash -c 'pytest -x && echo done'", "pytest", ("-x",)),
        ("if ! pytest -x > log 2>&1; then exit 1; fi", "pytest", ("-x",)),
        ("python -m unittest discover -s tests", "unittest", ("discover", "-s", "tests")),
        ("python manage.py test desk", "django", ("test", "desk")[1:]),
        (
            "desk test --keepdb --settings=settings desk",
            "django",
            ("--keepdb", "--settings=settings", "desk"),
        ),
        ("tox -e py312", "tox", ("-e", "py312")),
        ("timeout 60 pytest --maxfail=1 'tests/a b.py'", "pytest", ("--maxfail=1", "tests/a b.py")),
    ],
)
def test_however_it_is_called(
    line: str, runner: str, arguments: tuple[str, ...], write_project: WriteProject
) -> None:
    root = write_project({"main.py": "", "scripts/test.sh": f"#!/bin/sh\n{line}\n"})

    (command,) = commands(root)

    assert (command.runner, command.arguments, command.text) == (runner, arguments, line)


@pytest.mark.parametrize(
    "line",
    [
        "pip install pytest",
        "poetry add --group dev pytest",
        "echo run pytest to see",
        "which pytest",
        "# pytest -x",
        "cat pytest.ini",
        "uv pip install pytest-cov",
        "grep -r pytest .",
    ],
)
def test_what_only_mentions_it_is_no_run(line: str, write_project: WriteProject) -> None:
    root = write_project({"main.py": "", "scripts/setup.sh": f"#!/bin/sh\n{line}\n"})

    assert commands(root) == []


def test_prose_is_no_command(write_project: WriteProject) -> None:
    text = (
        "# Desk\n\nWe test with pytest.\n\n```python\nimport pytest\n```\n\n    the pytest way of testing\n"
    )
    root = write_project({"main.py": "", "README.md": text})

    assert commands(root) == []


def test_where_it_is_run_and_with_which_variables(write_project: WriteProject) -> None:
    workflow = (
        "defaults:\n  run:\n    working-directory: backend\n"
        "jobs:\n  test:\n    steps:\n"
        "      - run: DATABASE_URL=sqlite:// pytest\n"
        "      - run: cd ../e2e && pytest\n"
        "      - working-directory: tools\n        run: pytest\n"
    )
    root = write_project({"main.py": "", ".github/workflows/ci.yml": workflow})

    found = commands(root)

    assert [command.directory for command in found] == ["backend", "e2e", "tools"]
    assert found[0].variables == {"DATABASE_URL": "sqlite://"}


def test_each_job_of_a_matrix_is_a_command(write_project: WriteProject) -> None:
    workflow = (
        "jobs:\n  test:\n    strategy:\n      matrix:\n        python: ['3.12']\n        package: [api, packages/sync]\n"
        "        include:\n          - package: tools\n"
        "    steps:\n"
        "      - run: cd ${{ matrix.package }} && pytest\n"
        "      - working-directory: ${{ matrix.package }}\n        run: pytest tests\n"
        "      - run: pytest ${{ matrix.other }}\n"
    )
    root = write_project({"main.py": "", ".github/workflows/ci.yml": workflow})

    found = [(command.directory, command.arguments) for command in commands(root)]

    assert found == [
        ("api", ()),
        ("packages/sync", ()),
        ("tools", ()),
        ("api", ("tests",)),
        ("packages/sync", ("tests",)),
        ("tools", ("tests",)),
        (".", ("${{matrix.other}}",)),
    ]


def test_continuous_integration_comes_first(write_project: WriteProject) -> None:
    root = write_project(
        {
            "main.py": "",
            "README.md": "```\npytest a\n```\n",
            "Makefile": "test:\n\tpytest b\n",
            ".github/workflows/ci.yml": "jobs:\n  t:\n    steps:\n      - run: pytest c\n",
        }
    )

    assert [command.arguments for command in commands(root)] == [("c",), ("b",), ("a",)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".github/workflows/ci.yml", "jobs: [pytest\n"),
        ("helm/templates/job.yaml", "{{- if .Values.pytest }}\nkind: Job\n"),
        ("tox.ini", "[testenv\ncommands = pytest\n"),
        ("pyproject.toml", "[tool.poe.tasks\ntest = 'pytest'\n"),
        ("package.json", '{"scripts": "pytest"'),
        ("noxfile.py", "def tests(session:\n    session.run('pytest')\n"),
    ],
)
def test_a_file_that_cannot_be_read_says_nothing(name: str, text: str, write_project: WriteProject) -> None:
    root = write_project({"main.py": "", name: text})

    assert commands(root) == []
