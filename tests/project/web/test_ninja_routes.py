"""Django Ninja: what an API serves, as Django's own resolver says it."""

import subprocess
import sys
from pathlib import Path

from tests.project.web.reading import read

TABLE = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
django.setup()
from django.urls import get_resolver

def walk(patterns, before):
    for part in patterns:
        route = before + str(part.pattern)
        if hasattr(part, "url_patterns"):
            yield from walk(part.url_patterns, route)
        else:
            kept = [cell.cell_contents for cell in getattr(part.callback, "__closure__", None) or ()]
            for operation in [one for view in kept for one in getattr(view, "operations", ())]:
                for method in operation.methods:
                    yield f"{method} /{route}"

print("\\n".join(dict.fromkeys(walk(get_resolver().url_patterns, ""))))
"""
SETTINGS = """
    SECRET_KEY = "x"
    ROOT_URLCONF = "shop.urls"
    USE_TZ = True
    INSTALLED_APPS = ["ninja_extra"]
    """
NESTED = {
    "shop/__init__.py": "",
    "shop/settings.py": SETTINGS,
    "shop/urls.py": """
        from django.urls import include, path
        from shop.main import api
        from shop.admin import make_api

        urlpatterns = [
            path("api/", api.urls),
            path("inner/", include([path("panel/", make_api().urls)])),
        ]
        """,
    "shop/main.py": """
        from ninja import NinjaAPI
        from shop.items import router as items

        PREFIX = "/orders"
        api = NinjaAPI(version="2.0")
        api.add_router("/items", items)
        api.add_router(PREFIX, "shop.orders.router")

        @api.get("/items/new")
        def new(request):
            return {}

        @api.api_operation(["POST", "PATCH"], "/several")
        def several(request):
            return {}
        """,
    "shop/items.py": """
        from ninja import Router
        from shop.tags import tags

        router = Router()

        @router.get("")
        def list_items(request):
            return []

        @router.get("/{int:item_id}")
        def item(request, item_id: int):
            return {}

        @router.delete("/{int:item_id}", url_name="drop")
        def remove(request, item_id: int):
            return {}

        router.add_router("{item_id}/tags", tags)
        """,
    "shop/tags.py": """
        from ninja import Router

        tags = Router()
        deep = Router()
        tags.add_router("", deep)

        @tags.put("set")
        def set_tags(request, item_id: str):
            return {}

        @deep.get("")
        def deep_tags(request, item_id: str):
            return {}
        """,
    "shop/orders.py": """
        from ninja import Router

        router = Router()

        def cancel(request, order_id: str):
            return {}

        router.add_api_operation("/{order_id}/cancel", ["POST"], cancel)
        """,
    "shop/admin.py": """
        from ninja import NinjaAPI, Router

        class Panel(Router):
            pass

        def make_api():
            api = NinjaAPI(urls_namespace="panel")
            router = Panel()

            @router.get("users/")
            def users(request):
                return []

            api.add_router("", router)
            return api
        """,
}


def served(root: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", TABLE], cwd=root, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n")[:-1])


def test_routers_below_routers(tmp_path: Path) -> None:
    project = read(tmp_path, NESTED)
    found = {f"{route.method} {route.path}" for route in project.routes}

    assert found == served(tmp_path)
    assert "GET /api/items/<item_id>/tags/" in found
    assert all(route.certain and route.application for route in project.routes)
    assert {route.name for route in project.routes if route.symbol in ("remove", "cancel")} == {
        "api-2.0:drop", "api-2.0:cancel",
    }  # fmt: skip


def test_what_an_api_serves_before_the_routers_below_it(tmp_path: Path) -> None:
    routes = {route.symbol: route for route in read(tmp_path, NESTED).routes}

    assert routes["item"].is_before(routes["new"]) is not True
    assert routes["list_items"].is_before(routes["item"]) is True


CONTROLLERS = {
    **{name: text for name, text in NESTED.items() if name in ("shop/__init__.py", "shop/settings.py")},
    "shop/urls.py": """
        from django.urls import path
        from ninja_extra import NinjaExtraAPI
        from shop.controllers import Users

        api = NinjaExtraAPI()
        api.register_controllers(Users, "shop.controllers.Orders")
        urlpatterns = [path("api/", api.urls)]
        """,
    "shop/controllers.py": """
        from ninja_extra import api_controller, http_get, http_generic, ControllerBase, route
        from ninja_extra.permissions import IsAuthenticated

        class Listing(ControllerBase):
            @http_get("/all")
            def everything(self):
                return []

        @api_controller("/users", permissions=[IsAuthenticated])
        class Users(Listing):
            @http_get("")
            def users(self):
                return []

            @route.post("/{int:user_id}/ban")
            def ban(self, user_id: int):
                return {}

        @api_controller
        class Orders:
            @http_generic("/orders", methods=["PUT", "PATCH"])
            def order(self):
                return {}
        """,
}


def test_controllers(tmp_path: Path) -> None:
    project = read(tmp_path, CONTROLLERS)

    assert {f"{route.method} {route.path}" for route in project.routes} == served(tmp_path)
    assert {route.symbol: route.guards for route in project.routes} == {
        "Users.users": ("IsAuthenticated",), "Users.ban": ("IsAuthenticated",),
        "Listing.everything": ("IsAuthenticated",), "Orders.order": (),
    }  # fmt: skip


def test_who_asks_who_is_there(tmp_path: Path) -> None:
    files = {
        **NESTED,
        "shop/main.py": NESTED["shop/main.py"]
        .replace('"2.0"', '"2.0", auth=None')
        .replace("items)", "items, auth=check)")
        .replace("PREFIX =", "from shop.admin import check\n        PREFIX ="),
        "shop/admin.py": NESTED["shop/admin.py"].replace(
            "class Panel", "check = None\n\n        class Panel"
        ),
    }
    guards = {route.symbol: route.guards for route in read(tmp_path, files).routes}

    assert guards["item"] == guards["set_tags"] == ("auth", "check")
    assert guards["new"] == guards["cancel"] == ()
