"""Sanic and aiohttp."""

from pathlib import Path

from tests.project.web.reading import table

AIOHTTP = {
    "app.py": """
        from aiohttp import web

        routes = web.RouteTableDef()

        @routes.get("/")
        async def index(request):
            return web.Response()

        @routes.view("/things/{name}")
        class Thing(web.View):
            async def get(self):
                return web.Response()

            async def post(self):
                return web.Response()

        async def save(request):
            return web.Response()

        def make_admin():
            admin = web.Application()
            admin.router.add_post("/save", save)
            return admin

        async def make_shop():
            shop = web.Application()
            shop.router.add_get("/orders", index)
            return shop

        async def make_app():
            app = web.Application(parts={})
            app.add_routes(routes)
            app.add_routes([web.put("/put", save), web.route("PATCH", "/patch", save), web.static("/s", ".")])
            app.router.add_route("DELETE", "/gone", save)
            resource = app.router.add_resource("/resource/{key}")
            resource.add_route("GET", index)
            app.add_subapp("/admin", make_admin())
            app["parts"]["shop"] = await make_shop()
            app.add_subapp("/shop", app["parts"]["shop"])
            return app
        """
}


def test_aiohttp(tmp_path: Path) -> None:
    assert sorted(table(tmp_path, AIOHTTP)) == [
        ("DELETE", "/gone", "save"),
        ("GET", "/", "index"),
        ("GET", "/resource/{key}", "index"),
        ("GET", "/shop/orders", "index"),
        ("GET", "/things/{name}", "Thing.get"),
        ("PATCH", "/patch", "save"),
        ("POST", "/admin/save", "save"),
        ("POST", "/things/{name}", "Thing.post"),
        ("PUT", "/put", "save"),
    ]


def test_sanic(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from sanic import Blueprint, Sanic
            from sanic.views import HTTPMethodView

            app = Sanic("shop")
            items = Blueprint("items", url_prefix="/items")
            orders = Blueprint("orders", url_prefix="/orders", version=2)
            both = Blueprint.group(items, orders, url_prefix="/api")

            @items.get("/<number:int>")
            async def item(request, number):
                return None

            @orders.websocket("/live")
            async def live(request, ws):
                return None

            class Basket(HTTPMethodView):
                async def get(self, request):
                    return None

                async def put(self, request):
                    return None

            async def ping(request):
                return None

            app.add_route(Basket.as_view(), "/basket")
            app.add_route(ping, "/ping", methods=["POST"])
            app.blueprint(both)
            """
    }
    assert sorted(table(tmp_path, files)) == [
        ("GET", "/api/items/<number:int>", "item"),
        ("GET", "/basket", "Basket.get"),
        ("POST", "/ping", "ping"),
        ("PUT", "/basket", "Basket.put"),
        ("WEBSOCKET", "/v2/api/orders/live", "live"),
    ]


def test_sanic_joins_prefixes_by_a_slash(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from sanic import Blueprint, Sanic

            app = Sanic("shop")
            items = Blueprint("items", url_prefix="items")
            inner = Blueprint("inner", url_prefix="/inner/")
            alone = Blueprint("alone", url_prefix="alone")
            over = Blueprint("over", url_prefix="/over")

            async def answer(request):
                return None

            items.add_route(answer, "/a")
            items.add_route(answer, "b")
            inner.add_route(answer, "/x")
            alone.add_route(answer, "/y")
            over.add_route(answer, "/z")
            app.blueprint(Blueprint.group(items, url_prefix="/api"))
            app.blueprint(Blueprint.group(Blueprint.group(inner, url_prefix="deep"), url_prefix="/deeper"))
            app.blueprint(alone)
            app.blueprint(Blueprint.group(over, url_prefix="below"), url_prefix="given")
            app.add_route(answer, "plain")
            """
    }
    # As Sanic 25.12 says itself: `app.router.routes_all`.
    assert sorted(path for _, path, _ in table(tmp_path, files)) == [
        "/alone/y",
        "/api/items/a",
        "/api/items/b",
        "/deeper/deep/inner/x",
        "/given/below/over/z",
        "/plain",
    ]


def test_versions_of_sanic(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from sanic import Blueprint, Sanic

            app = Sanic("shop")
            items = Blueprint("items", url_prefix="/items", version=1)
            orders = Blueprint("orders", url_prefix="/orders")
            plain = Blueprint("plain", url_prefix="/plain")
            inner = Blueprint.group([items, orders], url_prefix="/shop", version=2)
            outer = Blueprint.group(inner, version_prefix="/api/v")

            @items.get("/")
            async def item(request):
                return None

            @items.get("/new", version=3)
            async def new(request):
                return None

            @orders.get("/all")
            async def order(request):
                return None

            @plain.get("/all")
            async def everything(request):
                return None

            app.blueprint(outer)
            app.blueprint(plain, version="v4")
            """,
    }
    assert sorted(table(tmp_path, files)) == [
        ("GET", "/api/v1/shop/items/", "item"),
        ("GET", "/api/v2/shop/orders/all", "order"),
        ("GET", "/api/v3/shop/items/new", "new"),
        ("GET", "/v4/plain/all", "everything"),
    ]
