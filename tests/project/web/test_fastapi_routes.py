"""FastAPI and Starlette: what the application serves, as its own route table says it."""

from pathlib import Path

import pytest

from tests.project.web.reading import read, table

NESTED = {
    "shop/__init__.py": "",
    "shop/main.py": """
        from fastapi import FastAPI
        from shop.api import api
        from shop import admin

        app = FastAPI()

        @app.get("/")
        def home():
            return "hello"

        app.include_router(api, prefix="/api")
        app.include_router(admin.router, prefix="/admin")
        """,
    "shop/api/__init__.py": """
        from fastapi import APIRouter
        from . import items, orders

        V1 = "/v1"
        api = APIRouter(prefix=V1)
        api.include_router(items.router, prefix="/items", tags=["items"])
        api.include_router(orders.router)
        """,
    "shop/api/items.py": """
        from fastapi import APIRouter

        router = APIRouter()

        @router.get("")
        async def list_items():
            return []

        @router.post("", status_code=201)
        @router.put("/{item_id:int}")
        async def save_item(item_id: int = 0):
            return item_id

        @router.api_route("/{item_id}/any", methods=["GET", "DELETE"])
        def either(item_id: str):
            return item_id
        """,
    "shop/api/orders.py": """
        from fastapi import APIRouter, WebSocket

        router = APIRouter(prefix="/orders")

        @router.websocket("/live")
        async def live(socket: WebSocket):
            await socket.accept()

        def cancel(order_id: str):
            return order_id

        router.add_api_route("/{order_id}/cancel", cancel, methods=["POST"])
        router.add_api_websocket_route("/more", live)
        """,
    "shop/admin.py": """
        from fastapi import APIRouter

        class AdminRouter(APIRouter):
            def __init__(self, prefix: str = "", **rest):
                super().__init__(prefix=prefix, **rest)

        router = AdminRouter(prefix="/panel")

        @router.get("/users")
        def users():
            return []
        """,
}


def test_prefixes_of_includes_and_routers_add_up(tmp_path: Path) -> None:
    assert table(tmp_path, NESTED) == [
        ("GET", "/", "home"),
        ("GET", "/api/v1/items", "list_items"),
        ("POST", "/api/v1/items", "save_item"),
        ("PUT", "/api/v1/items/{item_id:int}", "save_item"),
        ("GET", "/api/v1/items/{item_id}/any", "either"),
        ("DELETE", "/api/v1/items/{item_id}/any", "either"),
        ("WEBSOCKET", "/api/v1/orders/live", "live"),
        ("POST", "/api/v1/orders/{order_id}/cancel", "cancel"),
        ("WEBSOCKET", "/api/v1/orders/more", "live"),
        ("GET", "/admin/panel/users", "users"),
    ]


def test_a_route_says_where_its_handler_stands_and_which_application_serves_it(tmp_path: Path) -> None:
    route = next(part for part in read(tmp_path, NESTED).routes if part.symbol == "users")
    assert (route.file, route.line, route.application) == ("shop/admin.py", 11, "shop.main.app")


FACTORY = {
    "app.py": """
        from fastapi import APIRouter, FastAPI

        def crud(name: str, title: str = ""):
            router = APIRouter(prefix=f"/{name}")

            @router.get("/all")
            def everything():
                return name

            return router

        def create_app():
            app = FastAPI(title="Shop")
            for router, prefix in [(crud("cats"), "/pets"), (crud("cars"), "/things")]:
                app.include_router(router, prefix=prefix)

            @app.get("/health")
            async def health():
                return "up"

            app.post("/hook")(hook)
            return app

        async def hook():
            return None
        """
}


def test_factories_are_followed_with_their_arguments(tmp_path: Path) -> None:
    assert table(tmp_path, FACTORY) == [
        ("GET", "/pets/cats/all", "crud.everything"),
        ("GET", "/things/cars/all", "crud.everything"),
        ("GET", "/health", "create_app.health"),
        ("POST", "/hook", "hook"),
    ]
    assert {route.application for route in read(tmp_path, FACTORY).routes} == {"app.create_app"}


MOUNTED = {
    "main.py": """
        from fastapi import FastAPI
        from starlette.applications import Starlette
        from starlette.endpoints import HTTPEndpoint
        from starlette.routing import Mount, Route, WebSocketRoute
        from starlette.staticfiles import StaticFiles

        inner = FastAPI()
        outer = FastAPI()

        @inner.get("/items")
        def items():
            return []

        class Users(HTTPEndpoint):
            async def get(self, request):
                return None

            async def delete(self, request):
                return None

        async def page(request):
            return None

        async def chat(socket):
            return None

        class Metrics:
            async def __call__(self, scope, receive, send):
                return None

        site = Starlette(
            routes=[
                Route("/users/{name}", Users),
                Route("/page", page, methods=["POST"]),
                WebSocketRoute("/chat", chat),
                Mount("/deep", routes=[Route("/page", page)]),
            ]
        )
        outer.mount("/api", inner)
        outer.mount("/site", app=site)
        outer.mount("/static", StaticFiles(directory="static"))
        outer.mount("/metrics", Metrics())
        """
}


def test_mounted_applications_belong_to_the_outermost(tmp_path: Path) -> None:
    assert table(tmp_path, MOUNTED) == [
        ("GET", "/api/items", "items"),
        ("GET", "/site/users/{name}", "Users.get"),
        ("DELETE", "/site/users/{name}", "Users.delete"),
        ("POST", "/site/page", "page"),
        ("WEBSOCKET", "/site/chat", "chat"),
        ("GET", "/site/deep/page", "page"),
        ("*", "/metrics", "Metrics.__call__"),
    ]
    assert {route.application for route in read(tmp_path, MOUNTED).routes} == {"main.outer"}


CLASSES = {
    "main.py": """
        from fastapi import APIRouter, FastAPI
        from fastapi_utils.cbv import cbv

        router = APIRouter(prefix="/users")

        @cbv(router)
        class UserRoutes:
            @router.get("/{name}")
            def one(self, name: str):
                return name

        class Orders:
            def __init__(self, prefix: str):
                self.router = APIRouter(prefix=prefix)
                self.router.add_api_route("/all", self.all, methods=["GET"])

            def all(self):
                return []

        class Shop(FastAPI):
            def __init__(self):
                super().__init__()
                self.add_api_route("/open", self.is_open)

            def is_open(self):
                return True

        app = Shop()
        app.include_router(router)
        app.include_router(Orders("/orders").router)
        """
}


def test_routes_of_classes(tmp_path: Path) -> None:
    assert sorted(table(tmp_path, CLASSES)) == [
        ("GET", "/open", "Shop.is_open"),
        ("GET", "/orders/all", "Orders.all"),
        ("GET", "/users/{name}", "UserRoutes.one"),
    ]


UNCERTAIN = {
    "main.py": """
        import os

        from fastapi import APIRouter, FastAPI
        from settings import load

        app = FastAPI()
        router = APIRouter()
        alone = APIRouter(prefix="/alone")

        @router.get("/items")
        def items():
            return []

        @alone.get("/left")
        def left():
            return []

        app.include_router(router, prefix=load().prefix)
        app.include_router(router, prefix=os.getenv("PREFIX", "/api"))
        """
}


def test_a_prefix_that_cannot_be_known_makes_the_path_uncertain(tmp_path: Path) -> None:
    assert table(tmp_path, UNCERTAIN) == [
        ("GET", "/items ?", "items"),
        ("GET", "/api/items ?", "items"),
        ("GET", "/alone/left ?", "left"),
    ]


def test_an_application_that_code_is_handed_is_the_one_of_the_project(tmp_path: Path) -> None:
    files = {
        "main.py": """
            from fastapi import FastAPI

            app = FastAPI()
            """,
        "plugins.py": """
            from fastapi import FastAPI

            def install(app: FastAPI):
                app.add_api_route("/plugin", plugin)

            def plugin():
                return None
            """,
    }
    assert table(tmp_path, files) == [("GET", "/plugin ?", "plugin")]


def test_an_application_that_a_container_of_dependencies_makes(tmp_path: Path) -> None:
    files = {
        "container.py": """
            from dependency_injector import containers, providers
            from fastapi import FastAPI
            from start import start

            class Container(containers.DeclarativeContainer):
                app = providers.Singleton(start, app=providers.Singleton(FastAPI))
            """,
        "start.py": """
            from fastapi import APIRouter, FastAPI

            router = APIRouter(prefix="/orders")

            @router.get("/all")
            def orders():
                return []

            def start(app: FastAPI) -> FastAPI:
                app.include_router(router)
                return app
            """,
    }
    found = read(tmp_path, files).routes
    assert [(route.method, route.path, route.application) for route in found] == [
        ("GET", "/orders/all", "start.start")
    ]


def test_routes_of_tests_and_calls_of_others_are_none(tmp_path: Path) -> None:
    files = {
        "main.py": """
            import requests
            from fastapi import FastAPI

            app = FastAPI()

            def work(cache):
                cache.get("/not/a/route")
                requests.post("/nor/this")
                items = []
                items.append(requests.get("/nor/that"))
            """,
        "tests/test_app.py": """
            from fastapi import FastAPI

            app = FastAPI()

            @app.get("/only/in/tests")
            def handler():
                return None

            def test_it():
                assert app
            """,
    }
    assert table(tmp_path, files) == []


def test_an_application_of_ones_own_kind_is_given_its_routes(tmp_path: Path) -> None:
    files = {
        "main.py": """
            from starlette.applications import Starlette
            from starlette.routing import Mount, Route

            class Shop(Starlette):
                def __init__(self, *args, **kwargs):
                    super().__init__(*args, **kwargs)
                    self.orders = []

            async def page(request):
                return None

            def get_app():
                return Shop(routes=[Mount("/api", routes=[Route("/page", page)]), Route("/", page)])

            app = get_app()
            """
    }
    assert table(tmp_path, files) == [("GET", "/api/page", "page"), ("GET", "/", "page")]


OF_HOUSE = """
    from house.web import create_app
    from {library} import APIRouter

    app = create_app("shop")
    app.include_router(APIRouter())

    @app.get("/orders/{{number}}")
    def order(number: int):
        return number
    """


def test_an_application_of_a_factory_in_a_library(tmp_path: Path) -> None:
    project = read(tmp_path, {"main.py": OF_HOUSE.format(library="fastapi")})

    assert [(route.method, route.path, route.application) for route in project.routes] == [
        ("GET", "/orders/{number}", "main.app")
    ]


@pytest.mark.parametrize("library", ["house", "fastapi import Depends\n    from flask"])
def test_a_factory_in_a_library_that_may_make_something_else(tmp_path: Path, library: str) -> None:
    other = {"other.py": "import fastapi\n"}
    assert read(tmp_path, {"main.py": OF_HOUSE.format(library=library), **other}).routes == ()
