"""Clients that ask one router by itself: what they request are the routes of the whole application."""

from pathlib import Path

import pytest

from greenroom import api
from tests.project.web.reading import read

NINJA = {
    "shop/__init__.py": "",
    "shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n",
    "shop/urls.py": """
        from django.urls import path
        from ninja import NinjaAPI
        from shop import items, orders

        api = NinjaAPI()
        api.add_router("/items", items.router)
        api.add_router("/orders", orders.router)
        urlpatterns = [path("api/", api.urls)]
        """,
    **{
        f"shop/{name}.py": """
        from ninja import Router

        router = Router()

        @router.get("/all")
        def listed(request):
            return []

        @router.get("/{number}")
        def one(request, number: str):
            return {}
        """
        for name in ("items", "orders")
    },
    "tests/conftest.py": """
        import pytest
        from ninja.testing import TestClient
        from shop.urls import api
        from shop.orders import router

        @pytest.fixture
        def whole():
            return TestClient(api)

        @pytest.fixture
        def orders():
            return TestClient(router)
        """,
}
LITESTAR = {
    "shop/__init__.py": "",
    "shop/main.py": """
        from litestar import Controller, Litestar, Router, get

        class Items(Controller):
            path = "/items"

            @get("/all")
            async def listed(self) -> str:
                return ""

        app = Litestar(route_handlers=[Router("/api", route_handlers=[Items])])
        """,
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("TestClient(items.router).get('/all')", {"GET /api/items/all"}),
        ("TestClient(items.router).get('all')", {"GET /api/items/all"}),
        ("whole.get('/orders/all')", {"GET /api/orders/all"}),
        ("orders.get('/all')", {"GET /api/orders/all"}),
        ("Client().get('/api/orders/7')", {"GET /api/orders/<number>"}),
        ("orders.get('/none/of/these')", set()),
    ],
)
def test_ninja(tmp_path: Path, body: str, expected: set[str]) -> None:
    test = f"""
        from django.test import Client
        from ninja.testing import TestClient
        from shop import items

        def test_it(whole, orders):
            assert {body}.status_code == 200
        """
    project = read(tmp_path, {**NINJA, "tests/test_shop.py": test})

    assert {f"{one.method} {one.path}" for one in project.routes if project.requests.of(one)} == expected
    assert project.requests.unread == (not expected)


def test_what_a_part_does_not_serve_is_not_missing(tmp_path: Path) -> None:
    asked = "".join(f"    Client().get('/api/orders/{number}')\n" for number in range(10))
    read(tmp_path, NINJA)
    (tmp_path / "tests" / "test_shop.py").write_text(
        "from django.test import Client\nfrom ninja.testing import TestClient\nfrom shop import items\n\n\n"
        "def test_it():\n"
        f"{asked}    TestClient(items.router).get('/all')\n    TestClient(items.router).get('/none/of/them')\n"
    )
    found = api.audit(tmp_path).findings
    assert not [part.message for part in found if part.code == "INT001"]

    (tmp_path / "tests" / "test_more.py").write_text(
        "from django.test import Client\n\n\ndef test_more():\n    Client().get('/none/of/them')\n"
    )
    found = api.audit(tmp_path).findings
    assert [part.place.path for part in found if part.code == "INT001"] == ["tests/test_more.py"]


def test_litestar(tmp_path: Path) -> None:
    test = """
        from litestar.testing import TestClient, create_test_client
        from shop.main import Items, app

        def test_part():
            with create_test_client([Items]) as client:
                assert client.get("/items/all").status_code == 200

        def test_whole():
            with TestClient(app) as client:
                assert client.get("/items/all").status_code == 404
        """
    project = read(tmp_path, {**LITESTAR, "tests/test_shop.py": test})
    (route,) = project.routes

    assert [request.scope.name for request in project.requests.of(route)] == ["test_part"]
    assert [request.scope.name for request in project.requests.made] == ["test_part", "test_whole"]
