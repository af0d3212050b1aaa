"""An application that has not been started, and a few things to put into it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from fastapi import FastAPI
from fastapi.testclient import TestClient

from helpdesk.application import create_app
from helpdesk.schemas import TicketView
from helpdesk.settings import Settings

CONFIGURATION = Path(__file__).parents[2] / "config" / "test.env"


@pytest.fixture
def settings() -> Settings:
    """The test configuration."""
    return Settings(_env_file=CONFIGURATION)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The application, without its start."""
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A client inside this process, with an agent's token."""
    return TestClient(app, headers={"Authorization": "Bearer agent-for-tests"})


@pytest.fixture
def ticket() -> TicketView:
    """Some ticket."""
    return TicketView(
        id=7,
        customer_id=1,
        subject="Printer",
        body="The printer says no",
        status="open",
        priority="normal",
        created_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    )


@pytest.fixture
def redis_client(settings: Settings) -> Iterator[redis.Redis]:
    """The Redis of the developer's machine."""
    client = redis.Redis(
        host=settings.redis_host, db=15, socket_timeout=1, socket_connect_timeout=1
    )
    try:
        client.ping()
    except redis.ConnectionError:
        pytest.skip("Redis is not running")
    with client:
        yield client
