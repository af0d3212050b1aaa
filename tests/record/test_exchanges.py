from greenroom.model.evidence import TestEvidence
from greenroom.model.test_case import Interface
from tests.record.suites import Recorded, Suite

REAL, IN_PROCESS, DIRECT = Interface.REAL, Interface.IN_PROCESS, Interface.DIRECT

FASTAPI = """\
import asyncio
from fastapi import APIRouter, FastAPI, HTTPException, WebSocket
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

inner = APIRouter(prefix="/things")


@inner.get("/{thing}")
async def read(thing: int):
    if thing == 404:
        raise HTTPException(404)
    if thing == 500:
        raise LookupError(thing)
    return thing


@inner.post("/{thing}")
def write(thing: int):
    return thing


@inner.websocket("/{thing}/events")
async def events(websocket: WebSocket, thing: int):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close(4001)


async def plain(request):
    return PlainTextResponse("ok")


async def add(request, call_next):
    return await call_next(request)


app = FastAPI()
outer = APIRouter()
outer.include_router(inner, prefix="/v1")
app.include_router(outer, prefix="/api")
admin = FastAPI(routes=[Route("/users/{name:path}", plain)])
app.mount("/admin", admin)
app.add_middleware(BaseHTTPMiddleware, dispatch=add)
"""

SERVER = """\
import contextlib
import threading
import time
import uvicorn


@contextlib.contextmanager
def serving(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield "http://127.0.0.1:%d" % server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
"""


def record(suite: Suite, **variables: str) -> Recorded:
    ran = suite.record(PYTHONPATH=str(suite.root), **variables)
    assert ran.code == 0, ran.out
    assert ran.recording.run.notes == ()
    return ran


def seen(test: TestEvidence) -> list[tuple[str, str, Interface, int, str]]:
    return [
        (each.method, each.route, each.interface, each.status, each.failure)
        for each in test.exchanges
        for _ in range(each.times)
    ]


def test_fastapi_in_process_and_over_a_socket(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "app.py": FASTAPI,
                "tests/serving.py": SERVER,
                "tests/test_app.py": """\
                import asyncio
                import pytest
                import httpx
                from fastapi.testclient import TestClient
                import websockets.sync.client
                import app
                from serving import serving

                @pytest.fixture(scope="session")
                def address():
                    with serving(app.app) as address:
                        yield address

                def test_client():
                    client = TestClient(app.app, raise_server_exceptions=False)
                    assert client.get("/api/v1/things/1").status_code == 200
                    assert client.get("/api/v1/things/2").status_code == 200
                    assert client.get("/api/v1/things/404").status_code == 404
                    assert client.get("/api/v1/things/500").status_code == 500
                    assert client.get("/admin/users/a/b").status_code == 200
                    assert client.get("/nowhere").status_code == 404

                def test_socket_client():
                    with TestClient(app.app).websocket_connect("/api/v1/things/3/events") as socket:
                        socket.send_text("x")
                        socket.receive_text()

                def test_transport():
                    async def go():
                        transport = httpx.ASGITransport(app=app.app)
                        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                            return await client.post("/api/v1/things/1")

                    assert asyncio.run(go()).status_code == 200

                def test_server(address):
                    assert httpx.get(address + "/api/v1/things/1").status_code == 200
                    assert httpx.get(address + "/api/v1/things/500").status_code == 500

                def test_socket(address):
                    with websockets.sync.client.connect(address.replace("http", "ws") + "/api/v1/things/1/events") as socket:
                        socket.send("x")
                        assert socket.recv() == "x"
                        with pytest.raises(websockets.ConnectionClosed):
                            socket.recv()

                def test_function():
                    assert asyncio.run(app.read(3)) == 3
                    assert app.write(4) == 4

                def test_nothing():
                    pass
                """,
            }
        )
    )

    thing = "/api/v1/things/{thing}"
    assert seen(ran.test("test_client")) == [
        ("GET", thing, IN_PROCESS, 200, ""),
        ("GET", thing, IN_PROCESS, 200, ""),
        ("GET", thing, IN_PROCESS, 404, ""),
        ("GET", thing, IN_PROCESS, 500, "LookupError"),
        ("GET", "/admin/users/{name:path}", IN_PROCESS, 200, ""),
        ("GET", "", IN_PROCESS, 404, ""),
    ]
    assert seen(ran.test("test_socket_client")) == [("WEBSOCKET", f"{thing}/events", IN_PROCESS, 4001, "")]
    assert seen(ran.test("test_transport")) == [("POST", thing, IN_PROCESS, 200, "")]
    assert seen(ran.test("test_server")) == [
        ("GET", thing, REAL, 200, ""),
        ("GET", thing, REAL, 500, "LookupError"),
    ]
    assert seen(ran.test("test_socket")) == [("WEBSOCKET", f"{thing}/events", REAL, 4001, "")]
    assert sorted(seen(ran.test("test_function"))) == [
        ("GET", thing, DIRECT, 0, ""),
        ("POST", thing, DIRECT, 0, ""),
    ]
    assert seen(ran.test("test_nothing")) == []


def test_a_server_in_another_process(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "app.py": FASTAPI,
                "tests/test_app.py": """\
                import subprocess
                import sys
                import time
                import httpx
                import socket

                def test_server():
                    with socket.socket() as probe:
                        probe.bind(("127.0.0.1", 0))
                        port = probe.getsockname()[1]
                    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "error"]
                    with subprocess.Popen(command) as server:
                        try:
                            while True:
                                try:
                                    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/things/7")
                                    break
                                except httpx.ConnectError:
                                    time.sleep(0.05)
                        finally:
                            server.terminate()
                    assert answer.json() == 7
                """,
            }
        )
    )

    assert seen(ran.test("test_server")) == [("GET", "/api/v1/things/{thing}", REAL, 200, "")]


def test_flask(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "app.py": """\
                from flask import Blueprint, Flask, abort

                shop = Blueprint("shop", __name__, url_prefix="/shop")

                @shop.route("/<int:thing>", methods=["GET", "POST"])
                def buy(thing):
                    if thing == 404:
                        abort(404)
                    if thing == 500:
                        raise LookupError(thing)
                    return str(thing)

                def create():
                    app = Flask(__name__)
                    app.register_blueprint(shop)
                    return app
                """,
                "tests/test_app.py": """\
                import threading
                import httpx
                import pytest
                from werkzeug.serving import make_server
                import app

                def test_client():
                    client = app.create().test_client()
                    assert client.get("/shop/1").status_code == 200
                    assert client.get("/shop/404").status_code == 404
                    assert client.post("/shop/500").status_code == 500
                    assert client.get("/nowhere").status_code == 404

                def test_raised():
                    made = app.create()
                    made.testing = True
                    with pytest.raises(LookupError):
                        made.test_client().get("/shop/500")

                def test_server():
                    server = make_server("127.0.0.1", 0, app.create())
                    thread = threading.Thread(target=server.serve_forever)
                    thread.start()
                    assert httpx.get(f"http://127.0.0.1:{server.server_port}/shop/1").text == "1"
                    server.shutdown()
                    thread.join()
                    server.server_close()

                def test_function():
                    made = app.create()
                    with made.test_request_context():
                        made.test_client().get("/shop/1")
                        assert app.buy(2) == "2"
                """,
            }
        )
    )

    rule = "/shop/<int:thing>"
    assert seen(ran.test("test_client")) == [
        ("GET", rule, IN_PROCESS, 200, ""),
        ("GET", rule, IN_PROCESS, 404, ""),
        ("POST", rule, IN_PROCESS, 500, "LookupError"),
        ("GET", "", IN_PROCESS, 404, ""),
    ]
    (raised,) = seen(ran.test("test_raised"))
    assert (raised[1], raised[4]) == (rule, "LookupError")
    assert seen(ran.test("test_server")) == [("GET", rule, REAL, 200, "")]
    direct = {each for each in seen(ran.test("test_function")) if each[2] is DIRECT}
    assert direct == {("GET", rule, DIRECT, 0, ""), ("POST", rule, DIRECT, 0, "")}


def test_django(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "site_settings.py": """\
                SECRET_KEY = "x"
                ALLOWED_HOSTS = ["*"]
                ROOT_URLCONF = "site_urls"
                DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
                """,
                "site_urls.py": """\
                from django.http import Http404, HttpResponse
                from django.urls import include, path, re_path
                from django.views import View

                def show(request, number):
                    if number == 404:
                        raise Http404
                    if number == 500:
                        raise LookupError(number)
                    return HttpResponse(str(number))

                async def late(request, slug):
                    return HttpResponse(slug)

                class Things(View):
                    def get(self, request):
                        return HttpResponse("1")

                    def post(self, request):
                        return HttpResponse(status=201)

                api = [path("things/", Things.as_view()), path("notes/<int:number>/", show), re_path("^late/(?P<slug>[a-z]+)/$", late)]
                urlpatterns = [path("api/", include(api))]
                """,
                "tests/test_app.py": """\
                import asyncio
                import threading
                from wsgiref.simple_server import make_server
                import django
                import httpx
                import pytest
                from django.core.wsgi import get_wsgi_application
                from django.db import connection
                from django.test import AsyncClient, Client, RequestFactory
                from django.test.utils import setup_test_environment
                import site_urls

                django.setup()

                def test_client():
                    client = Client(raise_request_exception=False)
                    assert client.get("/api/notes/3/").status_code == 200
                    assert client.get("/api/notes/404/").status_code == 404
                    assert client.get("/api/notes/500/").status_code == 500
                    assert client.get("/api/late/abc/").status_code == 200
                    assert client.get("/nowhere").status_code == 404

                def test_async_client():
                    assert asyncio.run(AsyncClient().get("/api/late/abc/")).status_code == 200

                def test_server():
                    server = make_server("127.0.0.1", 0, get_wsgi_application())
                    server.RequestHandlerClass.log_message = lambda *_: None
                    thread = threading.Thread(target=server.serve_forever)
                    thread.start()
                    assert httpx.get(f"http://127.0.0.1:{server.server_port}/api/notes/1/").text == "1"
                    server.shutdown()
                    thread.join()
                    server.server_close()

                def test_function():
                    assert site_urls.show(RequestFactory().get("/"), 3).content == b"3"

                def test_class():
                    assert site_urls.Things.as_view()(RequestFactory().get("/")).content == b"1"

                @pytest.mark.django_db
                def test_database():
                    with connection.cursor() as cursor:
                        cursor.execute("select 1")
                """,
            }
        ),
        DJANGO_SETTINGS_MODULE="site_settings",
    )

    note, late = "/api/notes/<int:number>/", "/api/late/<slug>/"
    assert seen(ran.test("test_client")) == [
        ("GET", note, IN_PROCESS, 200, ""),
        ("GET", note, IN_PROCESS, 404, ""),
        ("GET", note, IN_PROCESS, 500, "LookupError"),
        ("GET", late, IN_PROCESS, 200, ""),
        ("GET", "", IN_PROCESS, 404, ""),
    ]
    assert seen(ran.test("test_async_client")) == [("GET", late, IN_PROCESS, 200, "")]
    assert seen(ran.test("test_server")) == [("GET", note, REAL, 200, "")]
    assert seen(ran.test("test_function")) == [("*", note, DIRECT, 0, "")]
    assert seen(ran.test("test_class")) == [("GET", "/api/things/", DIRECT, 0, "")]
    assert {(each.library, each.peer) for each in ran.test("test_database").crossings} == {
        ("django", "sqlite:file:memorydb_default?mode=memory&cache=shared")
    }


def test_urls_that_cannot_be_loaded_are_said_and_all_else_is_still_seen(suite: Suite) -> None:
    written = suite.write(
        {
            "views.py": """\
                from django.http import HttpResponse

                def show(request):
                    return HttpResponse("3")
                """,
            "service.py": """\
                import flask

                app = flask.Flask(__name__)

                @app.get("/notes")
                def notes():
                    return "1"
                """,
            "tests/test_app.py": """\
                import django.core.handlers.base
                from django.conf import settings
                from django.test import RequestFactory
                import service
                import views

                settings.configure(ROOT_URLCONF="nowhere", ALLOWED_HOSTS=["*"])

                def test_function():
                    assert views.show(RequestFactory().get("/")).content == b"3"

                def test_client():
                    assert service.app.test_client().get("/notes").text == "1"
                """,
        }
    )
    ran = written.record(PYTHONPATH=str(written.root))

    assert ran.code == 0, ran.out
    assert ran.test("test_function").assertions == 1
    assert seen(ran.test("test_client")) == [("GET", "/notes", IN_PROCESS, 200, "")]
    assert ran.recording.run.notes == ("exchanges: ModuleNotFoundError: No module named 'nowhere'",)


def test_aiohttp(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "app.py": """\
                from aiohttp import web

                async def show(request):
                    number = int(request.match_info["number"])
                    if number == 404:
                        raise web.HTTPNotFound
                    if number == 500:
                        raise LookupError(number)
                    return web.Response(text=str(number))

                async def events(request):
                    socket = web.WebSocketResponse()
                    await socket.prepare(request)
                    await socket.send_str("x")
                    await socket.close()
                    return socket

                def create():
                    inner = web.Application()
                    inner.router.add_get("/things/{number}", show)
                    inner.router.add_get("/events", events)
                    app = web.Application()
                    app.add_subapp("/api", inner)
                    return app
                """,
                "tests/test_app.py": """\
                import asyncio
                import aiohttp
                from aiohttp import web
                from aiohttp.test_utils import TestClient, TestServer
                import app

                def test_client():
                    async def go():
                        async with TestClient(TestServer(app.create())) as client:
                            codes = []
                            for number in (1, 404, 500):
                                async with client.get(f"/api/things/{number}") as answer:
                                    codes.append(answer.status)
                            async with client.ws_connect("/api/events") as socket:
                                assert await socket.receive_str() == "x"
                                await socket.receive()
                            return codes

                    assert asyncio.run(go()) == [200, 404, 500]

                def test_server():
                    async def go():
                        runner = web.AppRunner(app.create())
                        await runner.setup()
                        site = web.TCPSite(runner, "127.0.0.1", 0)
                        await site.start()
                        port = runner.addresses[0][1]
                        async with aiohttp.ClientSession() as session:
                            async with session.get(f"http://127.0.0.1:{port}/api/things/1") as answer:
                                status = answer.status
                        await runner.cleanup()
                        return status

                    assert asyncio.run(go()) == 200
                """,
            }
        )
    )

    thing = "/api/things/{number}"
    assert seen(ran.test("test_client")) == [
        ("GET", thing, IN_PROCESS, 200, ""),
        ("GET", thing, IN_PROCESS, 404, ""),
        ("GET", thing, IN_PROCESS, 500, "LookupError"),
        ("WEBSOCKET", "/api/events", IN_PROCESS, 1000, ""),
    ]
    assert ran.test("test_client").crossings == ()
    assert seen(ran.test("test_server")) == [("GET", thing, REAL, 200, "")]
    assert [each.library for each in ran.test("test_server").crossings] == ["aiohttp"]


def test_a_handler_is_known_before_its_application_has_answered_anybody(suite: Suite) -> None:
    ran = record(
        suite.write(
            {
                "on_fastapi.py": """\
                from fastapi import FastAPI

                app = FastAPI()

                @app.get("/fastapi")
                async def show():
                    return 1
                """,
                "on_flask.py": """\
                from flask import Flask

                app = Flask(__name__)

                @app.get("/flask")
                def show():
                    return "1"
                """,
                "on_aiohttp.py": """\
                from aiohttp import web

                async def show(request):
                    return web.Response()

                app = web.Application()
                app.router.add_get("/aiohttp", show)
                """,
                "tests/test_app.py": """\
                import asyncio
                import on_aiohttp, on_fastapi, on_flask

                def test_fastapi():
                    assert asyncio.run(on_fastapi.show())

                def test_flask():
                    assert on_flask.show()

                def test_aiohttp():
                    assert asyncio.run(on_aiohttp.show(None))
                """,
            }
        )
    )

    assert {test.id.rpartition("_")[2]: seen(test) for test in ran.recording.tests} == {
        name: [("GET", f"/{name}", DIRECT, 0, "")] for name in ("fastapi", "flask", "aiohttp")
    }
