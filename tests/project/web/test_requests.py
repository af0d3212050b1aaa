"""Which routes the suite's requests name, read from small projects on disk."""

from pathlib import Path
from textwrap import dedent

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import Project, read_project

APP = """
    from fastapi import APIRouter, FastAPI, WebSocket

    router = APIRouter(prefix="/api/tickets")


    @router.get("")
    async def listed(): ...


    @router.get("/mine")
    async def mine(): ...


    @router.get("/{ticket_id}")
    async def read(ticket_id: int): ...


    @router.post("/{ticket_id}/close")
    async def close(ticket_id: int): ...


    app = FastAPI()
    app.include_router(router)


    @app.websocket("/ws/{room}")
    async def chat(socket: WebSocket, room: str): ...


    @app.get("/{path:path}")
    async def front_end(path: str): ...
"""


def read(root: Path, test: str, **files: str) -> Project:
    (root / "app").mkdir()
    (root / "tests").mkdir()
    (root / "app" / "main.py").write_text(dedent(APP))
    (root / "tests" / "test_app.py").write_text(dedent(test))
    for name, text in files.items():
        (root / "tests" / f"{name}.py").write_text(dedent(text))
    return read_project(root, Settings())


def reached(project: Project) -> set[str]:
    return {f"{route.method} {route.path}" for route in project.routes if project.requests.of(route)}


@pytest.mark.parametrize(
    ("request_", "route"),
    [
        ('client.get("/api/tickets")', "GET /api/tickets"),
        ('client.get("/api/tickets/")', "GET /api/tickets"),
        ('client.get("/api/tickets?page=2")', "GET /api/tickets"),
        ('client.get("/api/tickets/7")', "GET /api/tickets/{ticket_id}"),
        ('client.get("/api/tickets/mine")', "GET /api/tickets/mine"),
        ('client.get(f"/api/tickets/{number}")', "GET /api/tickets/{ticket_id}"),
        ('client.get("/api/tickets/" + str(number))', "GET /api/tickets/{ticket_id}"),
        ('client.get("/api/tickets/%s" % number)', "GET /api/tickets/{ticket_id}"),
        ('client.get("http://testserver/api/tickets/7")', "GET /api/tickets/{ticket_id}"),
        ('client.get(f"{base_url}/api/tickets/mine")', "GET /api/tickets/mine"),
        ('client.get(url="/api/tickets/mine")', "GET /api/tickets/mine"),
        ('client.request("POST", "/api/tickets/7/close")', "POST /api/tickets/{ticket_id}/close"),
        ('client.request(method="post", url="/api/tickets/7/close")', "POST /api/tickets/{ticket_id}/close"),
        ('client.stream("GET", "/api/tickets/mine")', "GET /api/tickets/mine"),
        ('client.websocket_connect("/ws/lobby")', "WEBSOCKET /ws/{room}"),
        ('connect(f"ws://127.0.0.1:{number}/ws/{number}")', "WEBSOCKET /ws/{room}"),
    ],
)
def test_the_route_that_would_serve_a_request(tmp_path: Path, request_: str, route: str) -> None:
    project = read(tmp_path, f"def test_it(client, connect, base_url, number):\n    assert {request_}\n")

    assert reached(project) == {route}


@pytest.mark.parametrize(
    "request_",
    [
        'client.post("/api/tickets/7")',  # no such method
        'client.get("/api/tickets/7/reopen")',
        'client.get("/nowhere")',  # served by the catch-all, which is no route of its own
        'client.put("/api/tickets/mine")',
        'headers.get("tickets")',
    ],
)
def test_requests_that_no_route_serves(tmp_path: Path, request_: str) -> None:
    project = read(tmp_path, f"def test_it(client, headers):\n    assert {request_}\n")

    assert reached(project) == set()


def test_a_path_may_be_a_constant_or_come_through_a_helper(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        """
        from tests.paths import MINE, ticket


        def fetch(client, path):
            return client.get(path)


        def test_mine(client):
            assert fetch(client, MINE)


        def test_close(client):
            assert client.post(ticket(7) + "/close")
        """,
        paths="""
        API = "/api"
        MINE = f"{API}/tickets/mine"


        def ticket(number):
            return f"{API}/tickets/{number}"
        """,
    )

    assert reached(project) == {"GET /api/tickets/mine", "POST /api/tickets/{ticket_id}/close"}


def test_a_helper_that_is_told_method_and_path_asks_for_each_pair(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        """
        from tests.paths import Desk


        def test_mine(client):
            desk = Desk(client)
            assert desk.mine()
            assert desk.close(7)
        """,
        paths="""
        class Desk:
            def __init__(self, client):
                self.client = client

            def _request(self, method, path):
                return self.client.request(method, f"/api{path}")

            def mine(self):
                return self._request("GET", "/tickets/mine")

            def close(self, number):
                return self._request("post", f"/tickets/{number}/close")
        """,
    )

    assert reached(project) == {"GET /api/tickets/mine", "POST /api/tickets/{ticket_id}/close"}


def test_a_client_of_the_project_asks_what_tests_ask_of_it(tmp_path: Path) -> None:
    (tmp_path / "sdk.py").write_text(
        dedent(
            """
            import httpx


            class Desk:
                def __init__(self, transport):
                    self._http = httpx.Client(base_url="http://desk", transport=transport)

                def _request(self, method, path):
                    return self._http.request(method, f"/api{path}").json()

                def mine(self):
                    return self._request("GET", "/tickets/mine")

                def close(self, number):
                    return self._request("POST", f"/tickets/{number}/close")
            """
        )
    )
    project = read(
        tmp_path,
        """
        from sdk import Desk


        def test_mine(transport):
            assert Desk(transport).mine() == []
        """,
    )

    through = project.requests.through_clients
    assert {f"{route.method} {route.path}" for route in through} == {"GET /api/tickets/mine"}


def test_what_nothing_runs_requests_nothing(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        """
        import pytest


        @pytest.mark.skip(reason="slow")
        def test_mine(client):
            assert client.get("/api/tickets/mine")


        def test_one(client):
            assert client.get("/api/tickets/7")
        """,
    )

    assert reached(project) == {"GET /api/tickets/{ticket_id}"}


def test_a_test_that_comes_in_by_a_route_meets_what_lies_behind_it(tmp_path: Path) -> None:
    project = read(
        tmp_path,
        """
        def test_balance(client):
            assert client.get("/balance").status_code == 200
        """,
    )
    (tmp_path / "app" / "balance.py").write_text(
        dedent(
            """
            import redis

            from app.main import app

            store = redis.Redis(socket_timeout=1)


            @app.get("/balance")
            def balance():
                return store.get("balance")
            """
        )
    )
    project = read_project(tmp_path, Settings())

    (point,) = project.integration_points
    assert (point.name, point.tests_real) == ("redis", ("tests/test_app.py::test_balance",))
