"""The import path of a project."""

from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from tests.conftest import WriteProject
from tests.project.files.inventories import inventory

CODE = "x = 1\n"


def roots(root: Path) -> tuple[str, ...]:
    return inventory(root).source_roots


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["lib"]\n'),
        ("pyproject.toml", '[tool.setuptools.package-dir]\n"" = "lib"\n'),
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["lib"]\n'),
        ("pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["lib/desk"]\n'),
        ("pyproject.toml", '[tool.hatch.build.targets.wheel]\nsources = ["lib"]\n'),
        ("pyproject.toml", '[[tool.poetry.packages]]\ninclude = "desk"\nfrom = "lib"\n'),
        ("pyproject.toml", '[tool.pdm.build]\npackage-dir = "lib"\n'),
        ("pyproject.toml", '[tool.uv.build-backend]\nmodule-root = "lib"\n'),
        ("pyproject.toml", '[tool.mypy]\nmypy_path = "$MYPY_CONFIG_FILE_DIR/lib"\n'),
        ("setup.cfg", "[options]\npackage_dir =\n    = lib\n"),
        ("setup.cfg", "[options.packages.find]\nwhere = lib\n"),
        ("setup.py", "from setuptools import setup\nsetup(package_dir={'': 'lib'})\n"),
        ("setup.py", "from setuptools import setup, find_packages\nsetup(packages=find_packages('lib'))\n"),
        ("pytest.ini", "[pytest]\npythonpath = lib\n"),
        ("tox.ini", "[pytest]\npythonpath = lib\n"),
        ("Dockerfile", "FROM python:3.12\nCOPY . /srv\nENV PYTHONPATH=/srv/lib\n"),
        ("Dockerfile", 'FROM python:3.12\nENV PYTHONPATH "/srv/lib:${PYTHONPATH}"\n'),
        ("compose.yaml", "services:\n  web:\n    environment:\n      PYTHONPATH: /code/lib\n"),
        ("compose.yaml", "services:\n  web:\n    environment:\n      - PYTHONPATH=./lib\n"),
        (
            ".github/workflows/ci.yml",
            "env:\n  PYTHONPATH: ${{ github.workspace }}/lib\njobs: {}\n",
        ),
        ("Makefile", "test:\n\tPYTHONPATH=lib pytest\n"),
        ("scripts/test.sh", "#!/bin/sh\nexport PYTHONPATH=$PWD/lib\npytest\n"),
        (".env", "PYTHONPATH=lib\n"),
    ],
)
def test_declared_or_set(name: str, text: str, write_project: WriteProject) -> None:
    root = write_project(
        {"lib/desk/__init__.py": CODE, "lib/desk/main.py": CODE, "main.py": CODE, name: text}
    )

    assert roots(root) == ("lib", ".")


def test_src_beside_a_manifest(write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": "[project]\n", "src/desk/__init__.py": CODE})

    assert roots(root) == ("src", ".")


def test_a_package_called_src_is_a_package(write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": "[project]\n", "src/__init__.py": CODE, "src/main.py": CODE})

    assert roots(root) == (".",)


def test_every_service_of_a_monorepo_has_its_root(write_project: WriteProject) -> None:
    root = write_project(
        {
            "services/api/pyproject.toml": "[project]\n",
            "services/api/api/__init__.py": CODE,
            "services/mail/requirements.txt": "fastapi\n",
            "services/mail/mail/__init__.py": CODE,
        }
    )

    assert set(roots(root)) == {"services/api", "services/mail", "."}


def test_the_folder_of_manage_py_is_a_root_although_it_is_a_package(write_project: WriteProject) -> None:
    root = write_project(
        {"backend/__init__.py": "", "backend/manage.py": CODE, "backend/api/models.py": CODE}
    )

    assert roots(root) == ("backend", ".")


def test_imports_prove_a_root_that_nobody_declares(write_project: WriteProject) -> None:
    root = write_project(
        {
            "backend/app/__init__.py": CODE,
            "backend/app/store.py": CODE,
            "backend/app/main.py": "from app.store import x\n",
        }
    )

    assert roots(root) == ("backend", ".")


def test_a_module_called_after_the_library_that_it_wraps_proves_nothing(write_project: WriteProject) -> None:
    root = write_project(
        {
            "desk/__init__.py": CODE,
            "desk/runners/__init__.py": CODE,
            "desk/runners/redis.py": "import redis\n",
            "desk/runners/main.py": "import redis\n",
        }
    )

    assert roots(root) == (".",)


def test_folders_called_after_required_libraries_prove_no_root(write_project: WriteProject) -> None:
    root = write_project(
        {
            "pyproject.toml": '[project]\nname = "chat"\ndependencies = ["openai>=2", "google-genai==1.5"]\n',
            "chat/__init__.py": CODE,
            "chat/models/__init__.py": CODE,
            "chat/models/openai/__init__.py": CODE,
            "chat/models/google/__init__.py": CODE,
            "chat/models/choice.py": "from google import genai\nfrom openai import OpenAI\n",
        }
    )

    assert roots(root) == (".",)


def test_what_the_user_says_is_all(write_project: WriteProject) -> None:
    root = write_project({"pyproject.toml": "[project]\n", "src/a.py": CODE, "lib/b.py": CODE})

    assert inventory(root, Settings(source_roots=("lib",))).source_roots == ("lib",)


def test_what_production_imports_from_nowhere_is_no_folder_of_the_tests(write_project: WriteProject) -> None:
    root = write_project(
        {
            "src/serve/run.py": "from circus.watcher import Watcher\n",
            "tests/unit/circus/test_watch.py": "from circus.client import Client\n",
            "pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["src/serve"]\n',
        }
    )

    assert roots(root) == ("src", ".")


def test_modules_that_import_what_they_are_called_after_prove_no_root(write_project: WriteProject) -> None:
    root = write_project(
        {
            "desk/wrapped/__init__.py": "",
            "desk/wrapped/keras.py": "import keras\nimport flax\n",
            "desk/wrapped/flax.py": "import flax\nimport keras\n",
            "desk/__init__.py": "",
        }
    )

    assert roots(root) == (".",)


def test_a_folder_without_most_of_what_is_imported_of_a_name_is_no_root(write_project: WriteProject) -> None:
    root = write_project(
        {
            "app/__init__.py": CODE,
            "app/schema/__init__.py": "from graphql.language import ast\nfrom graphql.type import GraphQLSchema\n",
            "app/controllers/graphql/__init__.py": CODE,
            "app/controllers/graphql/utils.py": "from graphql import GraphQLError\n",
            "tests/test_schema.py": "from graphql.language import ast\n",
        }
    )

    assert roots(root) == (".",)


def test_a_folder_with_a_module_of_its_own_name_is_no_root(write_project: WriteProject) -> None:
    root = write_project(
        {
            "voice/voice.py": CODE,
            "voice/azure/__init__.py": CODE,
            "voice/azure/reader.py": "import azure.cognitiveservices\n",
            "voice/speech.py": "import azure\n",
        }
    )

    assert roots(root) == (".",)


def test_what_several_folders_have_and_production_imports_from_elsewhere_is_a_library(
    write_project: WriteProject,
) -> None:
    root = write_project(
        {
            "main.py": "import linkai\n",
            "models/linkai/bot.py": "import linkai\n",
            "sounds/linkai/reader.py": "import linkai\n",
        }
    )

    assert roots(root) == (".",)


def test_a_relative_import_that_leaves_the_project_proves_nothing(write_project: WriteProject) -> None:
    root = write_project(
        {
            "shop/__init__.py": "",
            "shop/core/__init__.py": "",
            "shop/queue.py": CODE,
            "shop/channel/__init__.py": "",
            "shop/channel/tasks.py": "from ...core import db\nfrom ...queue import app\n",
        }
    )

    assert roots(root) == (".",)


def test_a_package_in_which_tests_are_started_is_a_root_for_one_name(write_project: WriteProject) -> None:
    files = {
        "backend/__init__.py": CODE,
        "backend/app/__init__.py": CODE,
        "backend/app/main.py": CODE,
        "backend/tests/test_main.py": "from app.main import x\n",
    }

    assert roots(write_project(files)) == (".",)
    assert roots(write_project({**files, "backend/pytest.ini": "[pytest]\n"})) == ("backend", ".")
