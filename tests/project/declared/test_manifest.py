"""What a project says it needs."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenroom.project.declared.declarations import read_source
from greenroom.project.declared.manifest import Manifest, read_manifest
from tests.conftest import WriteProject
from tests.project.files.inventories import inventory

SETUP = """\
from setuptools import setup

REQUIRED = ["FastAPI>=0.110,<1", "redis==5.0.1"]

setup(
    name="desk",
    python_requires=">=3.11",
    install_requires=REQUIRED,
    extras_require={"test": ["pytest"]},
    entry_points={"console_scripts": ["desk = desk.main:run"]},
)
"""
SETUP_CFG = """\
[options]
python_requires = >=3.11
install_requires =
    FastAPI>=0.110,<1
    redis==5.0.1

[options.extras_require]
test =
    pytest

[options.entry_points]
console_scripts =
    desk = desk.main:run
"""
PROJECT = """\
[project]
name = "desk"
requires-python = ">=3.11"
dependencies = ["FastAPI >=0.110, <1", "redis==5.0.1"]

[project.scripts]
desk = "desk.main:run"
"""
POETRY = """\
[tool.poetry.dependencies]
python = ">=3.11"
FastAPI = ">=0.110,<1"
redis = "5.0.1"

[tool.poetry.group.dev.dependencies]
pytest = "*"

[tool.poetry.scripts]
desk = "desk.main:run"
"""


def manifest(root: Path) -> Manifest:
    return read_manifest(inventory(root))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.py", SETUP),
        ("setup.cfg", SETUP_CFG),
        ("pyproject.toml", PROJECT + '\n[project.optional-dependencies]\ntest = ["pytest"]\n'),
        ("pyproject.toml", PROJECT + '\n[dependency-groups]\ndev = ["pytest"]\n'),
        ("pyproject.toml", PROJECT + '\n[tool.uv]\ndev-dependencies = ["pytest"]\n'),
        ("pyproject.toml", PROJECT + '\n[tool.pdm.dev-dependencies]\ntest = ["pytest"]\n'),
        ("pyproject.toml", POETRY),
    ],
)
def test_every_kind_of_manifest(name: str, text: str, write_project: WriteProject) -> None:
    found = manifest(write_project({"main.py": "", name: text}))

    assert found.runtime == {"fastapi", "redis"}
    assert found.declared == {"fastapi", "redis", "pytest"}
    assert found.specifiers["fastapi"] == ">=0.110,<1"
    assert found.versions == {"redis": "5.0.1"}
    assert found.requires_python == ">=3.11"
    assert found.scripts == {"desk": "desk.main:run"}
    assert found.has_any


def test_a_pipfile(write_project: WriteProject) -> None:
    text = (
        '[packages]\nfastapi = ">=0.110"\nredis = {version = "==5.0.1", extras = ["hiredis"]}\n'
        '[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.11"\n'
    )

    found = manifest(write_project({"main.py": "", "Pipfile": text}))

    assert found.runtime == {"fastapi", "redis"}
    assert found.declared == {"fastapi", "redis", "pytest"}
    assert (found.versions, found.requires_python) == ({"redis": "5.0.1"}, "==3.11.*")


def test_requirements_with_all_that_they_include(write_project: WriteProject) -> None:
    root = write_project(
        {
            "main.py": "",
            "requirements.txt": (
                "-r requirements/base.txt\n-c constraints.txt\n--index-url https://index.test/simple\n"
                "# a comment\nhttpx[http2]>=0.27 ; python_version > '3.8'  # why\n"
                "desk @ git+https://git.test/desk.git\ngit+https://git.test/x.git#egg=Some_Lib\n"
                "uvicorn==0.30.0 \\\n    --hash=sha256:0000\n"
            ),
            "requirements/base.txt": "-r ../requirements.txt\nfastapi\n",
            "requirements/dev.txt": "pytest\n",
            "constraints.txt": "fastapi==0.110.0\nnever-asked-for==1.0\n",
        }
    )

    found = manifest(root)

    assert found.runtime == {"fastapi", "httpx", "desk", "some-lib", "uvicorn"}
    assert found.declared - found.runtime == {"pytest"}
    assert found.specifiers["httpx"] == ">=0.27"
    assert found.versions["fastapi"] == "0.110.0"
    assert found.versions["uvicorn"] == "0.30.0"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("poetry.lock", '[[package]]\nname = "FastAPI"\nversion = "0.110.3"\n'),
        ("uv.lock", 'version = 1\n\n[[package]]\nname = "fastapi"\nversion = "0.110.3"\n'),
        ("pdm.lock", '[[package]]\r\nname = "fastapi"\r\nversion = "0.110.3"\r\n'),
        ("pylock.toml", '[[packages]]\nname = "fastapi"\nversion = "0.110.3"\n'),
        ("Pipfile.lock", '{"default": {"fastapi": {"version": "==0.110.3"}}}'),
    ],
)
def test_a_lock_file_knows_better_than_a_pin(name: str, text: str, write_project: WriteProject) -> None:
    root = write_project({"main.py": "", "requirements.txt": "fastapi==0.100.0\n", name: text})

    found = manifest(root)

    assert found.versions == {"fastapi": "0.110.3"}
    assert found.runtime == {"fastapi"}


@pytest.mark.parametrize(
    ("written", "specifier"),
    [
        ('"^1.2.3"', ">=1.2.3,<2"),
        ('"^0.2.3"', ">=0.2.3,<0.3"),
        ('"^0.0.3"', ">=0.0.3,<0.0.4"),
        ('"~1.2.3"', ">=1.2.3,<1.3"),
        ('"~1"', ">=1,<2"),
        ('"1.4.*"', "==1.4.*"),
        ('">= 1.0, < 2"', ">=1.0,<2"),
        ('"~=1.4"', "~=1.4"),
        ('"*"', ""),
        ('"^1 || ^2"', ""),
        ('{git = "https://git.test/x.git"}', ""),
        ('[{version = "^1", python = "<3.12"}, {version = "^2"}]', ">=1,<2"),
    ],
)
def test_poetry_s_own_spelling(written: str, specifier: str, write_project: WriteProject) -> None:
    text = f"[tool.poetry.dependencies]\nredis = {written}\n"

    assert manifest(write_project({"main.py": "", "pyproject.toml": text})).specifiers == {"redis": specifier}


def test_conda(write_project: WriteProject) -> None:
    text = "dependencies:\n  - python=3.11\n  - conda-forge::numpy=1.26=py311\n  - pip:\n      - fastapi>=0.110\n"

    found = manifest(write_project({"main.py": "", "environment.yml": text}))

    assert found.specifiers == {"numpy": "==1.26.*", "fastapi": ">=0.110"}
    assert found.requires_python == "==3.11.*"


def test_what_is_near_counts_in_a_monorepo(write_project: WriteProject) -> None:
    root = write_project(
        {
            "requirements.txt": "httpx==0.27.0\n",
            "api/requirements.txt": "fastapi\nhttpx==0.28.0\n",
            "api/main.py": "",
            "mail/requirements.txt": "celery\n",
            "mail/main.py": "",
        }
    )
    found = manifest(root)

    assert found.declared == {"httpx", "fastapi", "celery"}
    assert found.near("api/main.py").declared == {"httpx", "fastapi"}
    assert found.near("api/main.py").versions == {"httpx": "0.28.0"}
    assert found.near("mail/main.py").versions == {"httpx": "0.27.0"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "project = 3\n"),
        ("pyproject.toml", "[tool.poetry]\ngroup = 3\n"),
        ("pyproject.toml", '[project]\ndependencies = "fastapi"\n[project.optional-dependencies]\nx = 3\n'),
        ("setup.cfg", "[options\n"),
        ("setup.py", "setup(\n"),
        ("setup.py", "from setuptools import setup\nsetup(install_requires=read('x'), extras_require=3)\n"),
        ("Pipfile", "[packages\n"),
        ("Pipfile.lock", "[]"),
        ("environment.yml", "dependencies: [\n"),
        ("environment.yml", "dependencies: [2024-13-45]\n"),
        ("setup.py", "from setuptools import setup\nsetup(extras_require={[]: 1})\n"),
        ("requirements.txt", "-r requirements.txt\n-r nowhere.txt\n-r ../../etc/passwd\n"),
    ],
)
def test_what_nobody_can_read_declares_nothing(name: str, text: str, write_project: WriteProject) -> None:
    found = manifest(write_project({"main.py": "", name: text}))

    assert found.declared - {"fastapi"} == set()


def test_no_manifest(write_project: WriteProject) -> None:
    assert not manifest(write_project({"main.py": ""})).has_any


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
JSON_FILES = ("pyproject.toml", "Pipfile", "Pipfile.lock", "environment.yml")
KEYS = (
    "project", "dependencies", "optional-dependencies", "scripts", "requires-python", "dependency-groups", "tool",
    "poetry", "group", "dev-dependencies", "uv", "pdm", "packages", "dev-packages", "requires", "default", "version",
    "pip", "python",
)  # fmt: skip
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(document=st.dictionaries(st.sampled_from(KEYS), documents), name=st.sampled_from(JSON_FILES))
def test_no_shape_of_a_manifest_ends_the_audit(document: dict[str, object], name: str) -> None:
    # JSON is YAML, and its tables are what TOML would give.
    text = json.dumps(document) if name in ("Pipfile.lock", "environment.yml") else as_toml(document)

    read_source(name, lambda _path: text)


def as_toml(document: dict[str, object]) -> str:
    """Inline tables only: ugly, and enough for a parser."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in document.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps("" if value is None else value if abs(_size(value)) < 2**63 else 0)


def _size(value: object) -> int:
    return value if isinstance(value, int) else 0
