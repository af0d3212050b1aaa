"""Routes through helpers that are handed the router's method, what is mounted unread, and what comes first."""

from pathlib import Path

import pytest

from tests.project.web.reading import read, table


def test_a_helper_that_is_handed_the_method(tmp_path: Path) -> None:
    files = {
        "shop/main.py": """
            from fastapi import APIRouter, Depends, FastAPI

            def bearer():
                return "a"

            def protected(method, path, scopes=None, **options):
                def decorator(function):
                    return method(path, dependencies=[Depends(bearer)], **options)(function)
                return decorator

            router = APIRouter(prefix="/orders")

            @protected(router.get, "", ["read"])
            def list_orders():
                return []

            @protected(router.delete, "/{number}", scopes=["write"])
            def delete_order(number: int):
                return number

            app = FastAPI()
            app.include_router(router, prefix="/api")
            """
    }
    assert table(tmp_path, files) == [
        ("GET", "/api/orders", "list_orders"),
        ("DELETE", "/api/orders/{number}", "delete_order"),
    ]


def test_a_base_that_the_environment_may_give(tmp_path: Path) -> None:
    files = {
        "shop/main.py": """
            import os
            from fastapi import FastAPI

            def base():
                path = os.getenv("BASE_PATH", "")
                if len(path) == 0:
                    return ""
                return "/" + path.strip("/")

            v1 = FastAPI()

            @v1.get("/info")
            def info():
                return {}

            app = FastAPI()
            app.mount(base() + "/api/v1", v1)
            """
    }
    assert table(tmp_path, files) == [("GET", "/api/v1/info ?", "info")]


def test_what_is_mounted_unread(tmp_path: Path) -> None:
    files = {
        "shop/main.py": """
            from fastapi import APIRouter, Depends, FastAPI
            from starlette.staticfiles import StaticFiles
            import kit

            def user():
                return "a"

            router = APIRouter()

            @router.get("/a")
            def read_a():
                return 1

            @router.get("/b")
            def read_b():
                return 1

            app = FastAPI()
            app.mount("/static", StaticFiles(directory="static"))
            app.include_router(kit.make_router(), prefix="/kit")
            app.include_router(router, dependencies=[Depends(user)])
            """
    }
    project = read(tmp_path, files)
    assert {(mount.path, mount.symbol) for mount in project.mounts} == {
        ("/static", "StaticFiles"),
        ("/kit", "make_router"),
    }
    first, second = project.routes
    assert (first.framework, first.guards, first.application) == ("asgi", ("user",), "main.app")
    assert (first.is_before(second), second.is_before(first), first.is_before(first)) == (True, False, None)


def test_routers_of_django_under_each_other(tmp_path: Path) -> None:
    files = {
        "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n',
        "shop/views.py": """
            from rest_framework.viewsets import ReadOnlyModelViewSet

            class Orders(ReadOnlyModelViewSet):
                pass

            class Lines(ReadOnlyModelViewSet):
                pass
            """,
        "shop/urls.py": """
            from django.urls import include, path
            from rest_framework_nested import routers
            from kit.views import Tools
            from shop.views import Lines, Orders

            router = routers.DefaultRouter()
            router.register("orders", Orders)
            router.register("tools", Tools)
            nested = routers.NestedSimpleRouter(router, "orders", lookup="order")
            nested.register("lines", Lines)
            deeper = routers.NestedSimpleRouter(nested, "lines", lookup="line")
            deeper.register("notes", Lines)
            urlpatterns = [
                path("api/", include(router.urls + nested.urls + deeper.urls)),
                path("auth/", include("kit.urls")),
            ]
            """,
    }
    project = read(tmp_path, files)
    assert {route.path for route in project.routes} == {
        "/api/", "/api/orders/", "/api/orders/<pk>/", "/api/orders/<order_pk>/lines/", "/api/orders/<order_pk>/lines/<pk>/",
        "/api/orders/<order_pk>/lines/<line_pk>/notes/", "/api/orders/<order_pk>/lines/<line_pk>/notes/<pk>/",
    }  # fmt: skip
    assert {mount.path for mount in project.mounts} == {"/api/tools/", "/auth/"}


GROWN_IN_A_FUNCTION = """
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    async def read(request): ...

    def make():
        routes = []
        routes.append(Route("/a", read))
        one = Starlette(routes=routes)
        two = Starlette(routes=routes)
        return [Mount("/one", one), Mount("/two", two)]

    app = Starlette(routes=make())
    """
IN_A_CIRCLE = """
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    async def read(request): ...

    more = [*routes, Route("/a", read)]
    routes = [*more]
    app = Starlette(routes=[Mount("/one", Starlette(routes=routes)), Mount("/two", Starlette(routes=routes))])
    """


@pytest.mark.parametrize("text", [GROWN_IN_A_FUNCTION, IN_A_CIRCLE], ids=["grown", "circle"])
def test_a_list_of_routes_that_two_applications_have_is_read_for_both(tmp_path: Path, text: str) -> None:
    assert table(tmp_path, {"main.py": text}) == [("GET", "/one/a", "read"), ("GET", "/two/a", "read")]
