"""The phases of a start, which tests run them, and what of the deployment is used: as bars that name which."""

from pathlib import Path

import pytest

from greenroom.detect.deployment_bars import deployment_bars
from greenroom.model.score import Bar
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from greenroom.project.startup.sequence import find_sequences
from tests.conftest import WriteProject

APP = """\
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI


async def open_database():
    return await asyncpg.connect("postgresql://db/desk", timeout=5)


async def load_words():
    return ["a"]


async def tidy():
    return None


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.database = await open_database()
    app.state.words = await load_words()
    later = tidy()
    yield
    await close()


async def close():
    return None


app = FastAPI(lifespan=lifespan)
"""
BARE = "from fastapi.testclient import TestClient\nfrom desk.main import app\n\n\ndef test_a():\n    assert TestClient(app).get('/').status_code\n"
ENTERED = "from fastapi.testclient import TestClient\nfrom desk.main import app\n\n\ndef test_a():\n    with TestClient(app) as client:\n        assert client.get('/').status_code\n"
KEPT = "from fastapi.testclient import TestClient\nfrom desk.main import app\n\n\ndef test_a():\n    client = TestClient(app)\n    with client:\n        assert client.get('/').status_code\n"
PATCHED = "from unittest.mock import patch\n\nfrom fastapi.testclient import TestClient\nfrom desk.main import app\n\n\ndef test_a():\n    with patch('desk.main.open_database'), TestClient(app) as client:\n        assert client.get('/').status_code\n"
MANAGED = "import asgi_lifespan\nfrom desk.main import app\n\n\nasync def test_a():\n    async with asgi_lifespan.LifespanManager(app):\n        assert app.state.words\n"


def bars(root: Path) -> dict[str, Bar]:
    return {bar.name: bar for bar in deployment_bars(read_project(root, Settings()))}


def test_the_phases_in_their_order(write_project: WriteProject) -> None:
    root = write_project({"desk/__init__.py": "", "desk/main.py": APP})

    (sequence,) = find_sequences(read_project(root, Settings()))

    assert [(phase.name, set(phase.needs)) for phase in sequence.phases] == [
        ("open_database", {"database"}),
        ("load_words", set()),
    ]
    assert sequence.needs == {"database"}


@pytest.mark.parametrize(
    ("test", "covered"),
    [
        (BARE, []),
        (ENTERED, ["open_database", "load_words"]),
        (KEPT, ["open_database", "load_words"]),
        (PATCHED, ["load_words"]),
        (MANAGED, ["open_database", "load_words"]),
        (
            "from desk.main import load_words\n\n\nasync def test_a():\n    assert await load_words()\n",
            ["load_words"],
        ),
    ],
    ids=["bare", "entered", "entered later", "patched", "managed", "called alone"],
)
def test_which_phases_a_test_runs(test: str, covered: list[str], write_project: WriteProject) -> None:
    root = write_project(
        {"desk/__init__.py": "", "desk/main.py": APP, "tests/test_main.py": test, "pytest.ini": "[pytest]\nasyncio_mode = auto\n",
         "requirements.txt": "pytest-asyncio\n"}
    )  # fmt: skip

    bar = bars(root)["full initialisation"]

    assert bar.total == 2
    assert [name.rpartition(": ")[2] for name in bar.covered] == covered


def test_infrastructure_that_a_job_starts(write_project: WriteProject) -> None:
    compose = "services:\n  app:\n    build: .\n    ports: ['80:80']\n    depends_on: [db]\n  db:\n    image: postgres\n    volumes: ['data:/data']\n  web:\n    image: nginx\n"
    workflow = "jobs:\n  test:\n    steps:\n      - run: docker compose -f deploy/compose.yaml up -d app\n"
    root = write_project(
        {"main.py": "", "deploy/compose.yaml": compose, ".github/workflows/test.yml": workflow}
    )

    bar = bars(root)["infrastructure configuration"]

    assert bar.missing == ("deploy/compose.yaml: service web",)
    assert (bar.achieved, bar.total) == (4, 5)


def test_a_job_that_deploys_is_no_test(write_project: WriteProject) -> None:
    root = write_project(
        {"main.py": "", "compose.yaml": "services:\n  app:\n    image: desk\n",
         ".github/workflows/deploy.yml": "jobs:\n  run:\n    steps:\n      - run: docker compose up -d\n"}
    )  # fmt: skip

    assert bars(root)["infrastructure configuration"].achieved == 0


def test_production_settings_that_tests_load(write_project: WriteProject) -> None:
    root = write_project(
        {
            "desk/__init__.py": "",
            "desk/settings/__init__.py": "",
            "desk/settings/production.py": "DEBUG = False\n",
            "desk/config.py": "class ProductionConfig:\n    DEBUG = False\n\n\nclass ProdSettings:\n    LIMIT = 1\n",
            "config/production.env": "A=1\n",
            "tests/test_config.py": "from desk.config import ProductionConfig\n\n\ndef test_a():\n    assert not ProductionConfig.DEBUG\n",
        }
    )

    bar = bars(root)["production configuration"]

    assert bar.covered == ("desk/config.py: ProductionConfig",)
    assert set(bar.missing) == {
        "config/production.env",
        "desk/config.py: ProdSettings",
        "desk/settings/production.py",
    }
