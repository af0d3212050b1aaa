"""The start as production does it."""

from pathlib import Path

import httpx

from tests.suite_real.processes import Helpdesk, RedisServer, free_port, wait_until


def test_it_is_ready_after_the_start(http: httpx.Client) -> None:
    response = http.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": "up", "redis": "up"}


def test_it_ends_with_an_error_when_redis_is_missing(
    settings: dict[str, str], folder: Path
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    server = Helpdesk({**settings, "HELPDESK_CACHE_URL": nowhere}, log=folder / "no-redis.log")
    server.launch()
    try:
        wait_until(lambda: server.exit_code() is not None, "the help desk gives up")
        assert server.exit_code() != 0
        assert "Connect" in server.output
    finally:
        server.stop()


def test_it_names_the_variable_that_is_missing(settings: dict[str, str], folder: Path) -> None:
    incomplete = {name: value for name, value in settings.items() if "PAGER" not in name}
    server = Helpdesk(incomplete, log=folder / "no-pager.log")
    server.launch()
    try:
        wait_until(lambda: server.exit_code() is not None, "the help desk gives up")
        assert server.exit_code() != 0
        assert "pager_url" in server.output
    finally:
        server.stop()


def test_presence_is_empty_after_a_restart(
    helpdesk: Helpdesk, redis_server: RedisServer, http: httpx.Client
) -> None:
    with redis_server.client(1) as presence:
        presence.set("presence:agent", "here")
    assert http.get("/api/presence", params={"agents": "agent"}).json() == {"online": ["agent"]}

    helpdesk.stop()
    helpdesk.start()

    assert http.get("/api/presence", params={"agents": "agent"}).json() == {"online": []}
