"""The place of a request is the handler that answers it, in each framework."""

import pytest

from tests.record.suites import Suite


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(
            """\
            import asyncio
            from aiohttp import web
            from aiohttp.test_utils import TestClient, TestServer

            @web.middleware
            async def guard(request, handler):
                return await handler(request)

            async def show(request):
                return web.Response(text="1")

            def ask():
                async def go():
                    app = web.Application(middlewares=[guard])
                    app.router.add_get("/", show)
                    async with TestClient(TestServer(app)) as client, client.get("/") as answer:
                        return await answer.text()

                return asyncio.run(go())
            """,
            id="aiohttp",
        ),
        pytest.param(
            """\
            from starlette.applications import Starlette
            from starlette.middleware import Middleware
            from starlette.middleware.base import BaseHTTPMiddleware
            from starlette.responses import PlainTextResponse
            from starlette.routing import Route
            from starlette.testclient import TestClient

            async def guard(request, call_next):
                return await call_next(request)

            async def show(request):
                return PlainTextResponse("1")

            def ask():
                around = [Middleware(BaseHTTPMiddleware, dispatch=guard)]
                return TestClient(Starlette(routes=[Route("/", show)], middleware=around)).get("/").text
            """,
            id="Starlette",
        ),
        pytest.param(
            """\
            import django
            from django.conf import settings
            from django.http import HttpResponse
            from django.urls import path

            def guard(get_response):
                def middleware(request):
                    return get_response(request)

                return middleware

            def show(request):
                return HttpResponse("1")

            urlpatterns = [path("", show)]

            def ask():
                settings.configure(ROOT_URLCONF="app", MIDDLEWARE=["app.guard"], ALLOWED_HOSTS=["*"])
                django.setup()
                from django.test import Client

                return Client().get("/").content.decode()
            """,
            id="Django",
        ),
    ],
)
def test_the_place_is_the_handler_and_not_the_middleware_before_it(app: str, suite: Suite) -> None:
    asks = 'from app import ask\n\ndef test_it():\n    assert ask() == "1"\n'

    ran = suite.write({"app.py": app, "tests/test_app.py": asks}).record(PYTHONPATH=str(suite.root))

    assert ran.code == 0, ran.out
    (exchange,) = ran.test("test_it").exchanges
    assert exchange.place is not None
    assert (exchange.place.symbol, exchange.route) == ("show", "/")
