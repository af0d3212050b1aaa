"""A whole system: one Redis and one model server for all tests, an application for each module.

Modules share the servers and the database, and no data: tickets have numbers, conversations have
names, and who stops or freezes a server has it running again at its end.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.suite_real.processes import ROOT, RedisServer
from tests.suite_real.served import Helpdesk, ModelServer
from tests.suite_real.waiting import CERTIFICATES

AGENT = {"Authorization": "Bearer agent-for-tests"}
LEAD = {"Authorization": "Bearer lead-for-tests"}


def production_like(redis: RedisServer, model: ModelServer, folder: Path) -> dict[str, str]:
    """The variables of the test configuration, with the addresses of this run."""
    lines = (ROOT / "config" / "test.env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines)
    database = os.environ.get("HELPDESK_TEST_DATABASE_URL")
    settings |= {
        "HELPDESK_DATABASE_URL": database or f"sqlite+aiosqlite:///{folder}/helpdesk.db",
        "HELPDESK_REDIS_HOST": "127.0.0.1",
        "HELPDESK_REDIS_PORT": str(redis.port),
        "HELPDESK_ASSISTANT_URL": model.url,
        "HELPDESK_ASSISTANT_DEADLINE": "10",
        "HELPDESK_ASSISTANT_IDLE_LIMIT": "2",
        "HELPDESK_RATE_LIMIT_PER_MINUTE": "60",
    }
    roles = ("CACHE", "PRESENCE", "JOBS", "FEED")
    urls = {
        f"HELPDESK_{role}_URL": f"redis://127.0.0.1:{redis.port}/{number}"
        for number, role in enumerate(roles)
    }
    return settings | urls


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers keep their files."""
    return tmp_path_factory.mktemp("system")


@pytest.fixture(scope="session")
def redis_binary() -> str:
    """The program; without it there is nothing to test."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.fail("redis-server is not on the PATH; install it, these tests need it")
    return binary


@pytest.fixture(scope="session")
def redis_server(redis_binary: str, folder: Path) -> Iterator[RedisServer]:
    """A running Redis."""
    with RedisServer(redis_binary, log=folder / "redis.log").running() as server:
        yield server


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    """A running model server."""
    with ModelServer().running() as server:
        yield server


@pytest.fixture(scope="session")
def settings(redis_server: RedisServer, model_server: ModelServer, folder: Path) -> dict[str, str]:
    """The settings of the application."""
    return production_like(redis_server, model_server, folder)


@pytest.fixture(scope="module")
def helpdesk(settings: dict[str, str]) -> Iterator[Helpdesk]:
    """The running application."""
    with Helpdesk(settings).running() as server:
        yield server


@pytest.fixture
def well_behaved_model(model_server: ModelServer) -> Iterator[ModelServer]:
    """The model server, behaving well before and after the test."""
    model_server.behave("good")
    yield model_server
    model_server.behave("good")


@pytest.fixture
def http(helpdesk: Helpdesk) -> Iterator[httpx.Client]:
    """A client with an agent's token."""
    with httpx.Client(
        base_url=helpdesk.url, headers=AGENT, timeout=15, verify=CERTIFICATES
    ) as client:
        yield client


@pytest.fixture
def new_ticket(http: httpx.Client) -> Callable[..., int]:
    """Creates a ticket; returns its number."""

    def create(subject: str = "Printer", body: str = "The printer says no") -> int:
        draft = {"customer_id": 7, "subject": subject, "body": body}
        response = http.post("/api/tickets", json=draft)
        assert response.status_code == 201, response.text
        return int(response.json()["id"])

    return create
