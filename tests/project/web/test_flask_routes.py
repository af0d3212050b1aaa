"""Flask, Quart and what is built on them."""

from pathlib import Path

from tests.project.web.reading import table

BLUEPRINTS = {
    "shop/__init__.py": """
        from flask import Flask
        from shop.views import api, pages

        def create_app(config=None):
            app = Flask(__name__)
            api.register_blueprint(pages, url_prefix="/pages")
            app.register_blueprint(api)
            app.register_blueprint(pages)
            app.add_url_rule("/health", "health", health)

            @app.route("/login", methods=["GET", "POST"])
            def login():
                return ""

            return app

        def health():
            return "up"
        """,
    "shop/views.py": """
        from flask import Blueprint
        from flask.views import MethodView, View

        api = Blueprint("api", __name__, url_prefix="/api")
        pages = Blueprint("pages", __name__, url_prefix="/own")

        class Item(MethodView):
            def get(self, number):
                return number

            def delete(self, number):
                return ""

        class Report(View):
            methods = ["POST"]

            def dispatch_request(self):
                return ""

        api.add_url_rule("/items/<int:number>", view_func=Item.as_view("item"))
        api.add_url_rule("/report", view_func=Report.as_view("report"))

        @pages.get("/about")
        def about():
            return ""
        """,
}


def test_blueprints(tmp_path: Path) -> None:
    assert sorted(table(tmp_path, BLUEPRINTS)) == [
        ("DELETE", "/api/items/<int:number>", "Item.delete"),
        ("GET", "/api/items/<int:number>", "Item.get"),
        ("GET", "/api/pages/about", "about"),
        ("GET", "/health", "health"),
        ("GET", "/login", "create_app.login"),
        ("GET", "/own/about", "about"),
        ("POST", "/api/report", "Report.dispatch_request"),
        ("POST", "/login", "create_app.login"),
    ]


RESTFUL = {
    "app.py": """
        from flask import Blueprint, Flask
        from flask_restful import Api, Resource

        class OwnApi(Api):
            def add_scoped(self, resource, *urls, **kwargs):
                return self.add_resource(resource, *[scoped(url) for url in urls], **kwargs)

        def scoped(path):
            return "/<org>" + path

        class Users(Resource):
            def get(self):
                return []

            def post(self):
                return {}

        class Jobs(Resource):
            def get(self, number):
                return {}

        app = Flask(__name__)
        blueprint = Blueprint("v1", __name__, url_prefix="/v1")
        api = Api(app, prefix="/api")
        own = OwnApi(blueprint)
        api.add_resource(Users, "/users", "/people")
        own.add_scoped(Jobs, "/jobs/<number>", endpoint="jobs")
        app.register_blueprint(blueprint)
        """
}


def test_flask_restful_with_a_method_of_the_project_around_it(tmp_path: Path) -> None:
    assert sorted(table(tmp_path, RESTFUL)) == [
        ("GET", "/api/people", "Users.get"),
        ("GET", "/api/users", "Users.get"),
        ("GET", "/v1/<org>/jobs/<number>", "Jobs.get"),
        ("POST", "/api/people", "Users.post"),
        ("POST", "/api/users", "Users.post"),
    ]


def test_flask_smorest_and_restx(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from flask import Flask
            from flask.views import MethodView
            from flask_restx import Api as RestxApi, Namespace, Resource
            from flask_smorest import Api, Blueprint

            app = Flask(__name__)
            api = Api(app)
            pets = Blueprint("pets", "pets", url_prefix="/pets")

            @pets.route("/<int:pet>")
            class Pet(MethodView):
                def get(self, pet):
                    return pet

            api.register_blueprint(pets)

            cats = Namespace("cats")
            dogs = Namespace("dogs", path="/hounds")

            @cats.route("/", "/all")
            class Cats(Resource):
                def get(self):
                    return []

            @dogs.route("/")
            class Dogs(Resource):
                def post(self):
                    return []

            restx = RestxApi(app, prefix="/rest")
            restx.add_namespace(cats)
            restx.add_namespace(dogs)
            """
    }
    assert sorted(table(tmp_path, files)) == [
        ("GET", "/pets/<int:pet>", "Pet.get"),
        ("GET", "/rest/cats/", "Cats.get"),
        ("GET", "/rest/cats/all", "Cats.get"),
        ("POST", "/rest/hounds/", "Dogs.post"),
    ]


QUART = {
    "app.py": """
        from quart import Blueprint, Quart

        app = Quart(__name__)
        rooms = Blueprint("rooms", __name__)

        @app.websocket("/ws")
        async def ws():
            return None

        @rooms.route("/rooms/<name>", methods=["PUT"])
        async def room(name):
            return name

        app.register_blueprint(rooms, url_prefix="/chat")
        """
}


def test_quart(tmp_path: Path) -> None:
    assert table(tmp_path, QUART) == [("WEBSOCKET", "/ws", "ws"), ("PUT", "/chat/rooms/<name>", "room")]


def test_views_behind_decorators_that_are_called(tmp_path: Path) -> None:
    files = {
        "app.py": """
            from functools import wraps
            from flask import Flask
            from flask.views import MethodView

            def members(view):
                @wraps(view)
                def inner(*args, **kwargs):
                    return view(*args, **kwargs)
                return inner

            def limited(count):
                def decorate(view):
                    def inner(*args, **kwargs):
                        return view(*args, **kwargs)
                    return inner
                return decorate

            class Notes(MethodView):
                def get(self):
                    return []

                def post(self):
                    return {}

            def hello():
                return ""

            def register(app, rows, decorators):
                for path, view in rows:
                    handler = view.as_view(path)
                    for decorator in decorators or []:
                        handler = decorator(handler)
                    app.add_url_rule(path, view_func=handler)

            app = Flask(__name__)
            register(app, [("/notes", Notes)], [members, limited(5)])
            app.add_url_rule("/hello", view_func=limited(5)(hello))
            """,
    }
    assert sorted(table(tmp_path, files)) == [
        ("GET", "/hello", "hello"),
        ("GET", "/notes", "Notes.get"),
        ("POST", "/notes", "Notes.post"),
    ]


STARRED = {
    "shop/__init__.py": """
        from flask import Blueprint, Flask
        import shop.views as views

        app = Flask(__name__)
        api = Blueprint("api", __name__)
        api.register_blueprint(views.orders, url_prefix="/orders")
        api.register_blueprint(views.stock, url_prefix="/stock")
        app.register_blueprint(api, url_prefix="/api")
        """,
    "shop/views/__init__.py": """
        from .orders import *
        from .stock import *
        """,
    "shop/views/orders/__init__.py": "from .orders_views import orders\n",
    "shop/views/orders/orders_views.py": """
        from flask import Blueprint

        orders = Blueprint("orders", __name__)

        @orders.get("/open")
        def open_orders():
            return ""
        """,
    "shop/views/stock.py": """
        from flask import Blueprint

        stock = Blueprint("stock", __name__)

        @stock.get("/all")
        def all_stock():
            return ""
        """,
}


def test_a_blueprint_that_is_called_like_the_file_from_which_all_is_imported(tmp_path: Path) -> None:
    assert sorted(table(tmp_path, STARRED)) == [
        ("GET", "/api/orders/open", "open_orders"),
        ("GET", "/api/stock/all", "all_stock"),
    ]
