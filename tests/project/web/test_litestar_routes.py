"""Litestar: what the application serves, as its own route table says it."""

import subprocess
import sys
from pathlib import Path

from tests.project.web.reading import read, table

TABLE = """
from shop.main import app

for route in app.routes:
    if route.path.startswith(("/schema", "/files")):
        continue
    if hasattr(route, "route_handlers"):
        methods = {name for handler in route.route_handlers for name in handler.http_methods} - {"OPTIONS"}
    else:
        methods = {"WEBSOCKET"} if type(route).__name__ == "WebSocketRoute" else {"*"}
    for method in methods:
        print(method, route.path_format)
"""
SHOP = {
    "shop/__init__.py": "",
    "shop/main.py": """
        from litestar import Litestar, Router, asgi, get, route, websocket
        from litestar.config.app import AppConfig
        from litestar.handlers import WebsocketListener
        from litestar.plugins import InitPluginProtocol
        from litestar.static_files import create_static_files_router
        from shop.items import ITEMS
        from shop.users import UserController, ban

        @get(["/", "/home"])
        async def home() -> str:
            return "hello"

        @route("/several", http_method=["PUT", "PATCH"])
        async def several() -> None:
            return None

        @websocket("live/")
        async def live(socket: "WebSocket") -> None:
            await socket.accept()

        @asgi("/raw", is_mount=True)
        async def raw(scope: "Scope", receive: "Receive", send: "Send") -> None:
            return None

        class Echo(WebsocketListener):
            path = "/echo"

            async def on_receive(self, data: str) -> str:
                return data

        class Late(InitPluginProtocol):
            def on_app_init(self, app_config: AppConfig) -> AppConfig:
                app_config.route_handlers.extend([Router("/late", route_handlers=[ban])])
                return app_config

        def make_app() -> Litestar:
            handlers = [home, several, live, Echo, raw]
            handlers.append(UserController)
            return Litestar(
                route_handlers=[*handlers, ITEMS, create_static_files_router(path="/files", directories=["."])],
                plugins=[Late()],
            )

        @get("/more/")
        async def more() -> str:
            return "more"

        app = make_app()
        app.register(more)
        """,
    "shop/items.py": """
        import litestar
        from litestar import Controller, Router, delete

        class Listing(Controller):
            @litestar.get()
            async def all(self) -> list[str]:
                return []

        class ItemController(Listing):
            path = "/"

            @delete(path="/{item_id:int}")
            async def drop(self, item_id: int) -> None:
                return None

        class TagController(Listing):
            path = "/tags"

        tags = Router(path="/{item_id:int}", route_handlers=[TagController])
        ITEMS = Router(path="/items/", route_handlers=[ItemController, tags])
        """,
    "shop/users.py": """
        from litestar import Controller, delete, post

        PATH = "/users"

        def signed_in(connection, handler):
            return None

        class UserController(Controller):
            path = PATH
            guards = [signed_in]

            @post()
            async def create(self) -> str:
                return ""

            @delete("/{name:str}")
            async def delete(self, name: str) -> None:
                return None

        @post("/ban")
        async def ban() -> str:
            return ""
        """,
}


def test_the_whole_table(tmp_path: Path) -> None:
    project = read(tmp_path, SHOP)
    done = subprocess.run(
        [sys.executable, "-B", "-c", TABLE], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    found = {f"{route.method} {route.path}" for route in project.routes}

    assert {line.replace(":int", "").replace(":str", "") for line in found} == set(
        done.stdout.split("\n")[:-1]
    )
    assert {"GET /items/{item_id:int}/tags", "POST /late/ban", "WEBSOCKET /live"} <= found
    assert all(route.certain for route in project.routes if route.symbol != "ban")
    assert {route.application for route in project.routes} == {"shop.main.make_app"}
    assert [mount.path for mount in project.mounts] == ["/files"]
    assert {route.symbol: route.guards for route in project.routes}["UserController.create"] == ("signed_in",)


def test_what_no_list_names(tmp_path: Path) -> None:
    files = {
        "shop.py": """
            from litestar import Controller, Litestar, get

            class Base(Controller):
                @get("/all")
                async def all(self) -> str:
                    return ""

            class Found(Base):
                path = "/found"

            @get("/lost")
            async def lost() -> str:
                return ""

            app = Litestar(plugins=[])
            """
    }
    assert sorted(table(tmp_path, files)) == [
        ("GET", "/found/all ?", "Base.all"),
        ("GET", "/lost ?", "lost"),
    ]
