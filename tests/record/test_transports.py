"""Applications of any make, asked by clients in their own process; and who answered."""

from pathlib import Path

from greenroom.model.evidence import Exchange
from greenroom.model.place import Place
from greenroom.model.test_case import Interface
from tests.record.suites import Suite

FILES = {
    "shop.py": """\
        from starlette.applications import Starlette
        from starlette.responses import PlainTextResponse
        from starlette.routing import Route


        async def plain(scope, receive, send):
            await send({"type": "http.response.start", "status": 203, "headers": []})
            await send({"type": "http.response.body", "body": b"yes"})


        def home(request):
            return PlainTextResponse("home")


        app = Starlette(routes=[Route("/home", home)])
    """,
    "test_shop.py": """\
        import asyncio
        import httpx
        from starlette.testclient import TestClient
        import shop


        def test_plain():
            async def ask():
                async with httpx.AsyncClient(
                    transport=httpx.ASGITransport(app=shop.plain), base_url="http://shop"
                ) as client:
                    return await client.get("/x")

            assert asyncio.run(ask()).status_code == 203


        def test_plain_by_another_client():
            assert TestClient(shop.plain).post("/x").status_code == 203


        def test_known():
            assert TestClient(shop.app).get("/home").text == "home"


        def test_of_the_tests_own():
            async def fake(scope, receive, send):
                await shop.plain(scope, receive, send)

            assert TestClient(fake).get("/x").status_code == 203
    """,
}


def test_who_answered(tmp_path: Path) -> None:
    recorded = Suite(root=tmp_path).write(FILES).record("-q", "-W", "ignore")
    assert recorded.code == 0, recorded.out

    plain = Place(path="shop.py", line=6, symbol="plain")
    asked = Exchange(method="GET", route="", interface=Interface.IN_PROCESS, status=203, place=plain)
    assert recorded.test("test_plain").exchanges == (asked,)
    (posted,) = recorded.test("test_plain_by_another_client").exchanges
    assert (posted.method, posted.status, posted.place) == ("POST", 203, plain)
    (known,) = recorded.test("test_known").exchanges
    assert known == Exchange(
        method="GET", route="/home", interface=Interface.IN_PROCESS, status=200,
        place=Place(path="shop.py", line=11, symbol="home"),
    )  # fmt: skip
    (own,) = recorded.test("test_of_the_tests_own").exchanges
    assert own.place is not None
    assert own.place.path == "test_shop.py"
