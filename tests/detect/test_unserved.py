"""What only routes lead to that nobody can ask for is possible, and so is what stands behind an application that nothing starts."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.finding import Confidence

WAITS = """
import requests
from fastapi import APIRouter, FastAPI

{made} = {maker}()


@{made}.get("/{made}")
async def ask():
    return requests.get("https://rates.example", timeout=3).json()
"""
BLUEPRINT = """
import requests
from flask import Blueprint

prices = Blueprint("prices", __name__)


@prices.get("/prices")
def ask():
    return requests.get("https://rates.example").json()
"""
SERVED = "\n\n".join(
    f'@app.get("/{number}")\ndef answer_{number}():\n    return {number}' for number in range(8)
)
MAIN = f"from fastapi import FastAPI\n\nfrom shop import web\n\napp = FastAPI()\n\n\n{SERVED}\n"


def shop(root: Path, made: str, maker: str) -> Path:
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    (root / "Dockerfile").write_text('FROM python:3.11\nCMD ["uvicorn", "shop.main:app"]\n')
    (root / "shop" / "main.py").write_text(MAIN)
    (root / "shop" / "web.py").write_text(WAITS.format(made=made, maker=maker))
    return root


def waiting(root: Path) -> Confidence:
    (found,) = [part for part in api.audit(root).findings if part.code == "EVL001"]
    return found.confidence


def test_a_router_that_no_application_includes(tmp_path: Path) -> None:
    assert waiting(shop(tmp_path, "router", "APIRouter")) is Confidence.POSSIBLE


def test_a_router_that_one_includes(tmp_path: Path) -> None:
    root = shop(tmp_path, "router", "APIRouter")
    (root / "shop" / "main.py").write_text(f"{MAIN}\n\napp.include_router(web.router)\n")

    assert waiting(root) is Confidence.DEFINITE


def test_most_routes_hang_on_what_was_not_read(tmp_path: Path) -> None:
    root = shop(tmp_path, "router", "APIRouter")
    (root / "shop" / "main.py").write_text(
        "from shop import web\nfrom shop.frame import make\n\napp = make(web)\n"
    )

    assert waiting(root) is Confidence.PROBABLE


def test_a_blueprint_of_another_framework(tmp_path: Path) -> None:
    root = shop(tmp_path, "router", "APIRouter")
    (root / "shop" / "web.py").write_text(BLUEPRINT)
    found = api.audit(root).findings

    assert {part.confidence for part in found if part.code == "DEP001"} == {Confidence.POSSIBLE}


def test_an_application_that_nothing_starts(tmp_path: Path) -> None:
    root = shop(tmp_path, "spare", "FastAPI")
    (root / "shop" / "main.py").write_text(MAIN.replace("from shop import web\n", ""))
    (root / "shop" / "web.py").rename(root / "shop" / "server.py")

    assert waiting(root) is Confidence.POSSIBLE


SCHEMA = """
import requests
import strawberry


@strawberry.type
class Query:
    @strawberry.field
    def rates(self) -> str:
        return requests.get("https://rates.example").text


schema = strawberry.Schema(query=Query)
"""


def graphql(root: Path, main: str) -> Confidence:
    shop(root, "router", "APIRouter")
    (root / "shop" / "main.py").write_text(main)
    (root / "shop" / "web.py").unlink()
    (root / "shop" / "schema.py").write_text(SCHEMA)
    (found,) = [part for part in api.audit(root).findings if part.code == "DEP001"]
    return found.confidence


def test_a_schema_of_graphql_that_no_route_shows(tmp_path: Path) -> None:
    main = MAIN.replace("from shop import web", "from shop import schema")

    assert graphql(tmp_path, main) is Confidence.POSSIBLE


def test_a_schema_of_graphql_behind_a_router(tmp_path: Path) -> None:
    view = "from strawberry.fastapi import GraphQLRouter\n\nfrom shop.schema import schema\n"
    main = f"{MAIN.replace('from shop import web', view)}\n\napp.include_router(GraphQLRouter(schema))\n"

    assert graphql(tmp_path, main) is not Confidence.POSSIBLE


def test_an_application_that_cannot_be_imported(tmp_path: Path) -> None:
    root = shop(tmp_path, "router", "APIRouter")
    (root / "shop" / "main.py").write_text(
        f"from shop.gone import limits\n{MAIN}\n\napp.include_router(web.router)\n"
    )
    shown = {part.code for part in api.audit(root).findings if part.shown}

    assert waiting(root) is Confidence.POSSIBLE
    assert "STA001" in shown


def test_an_import_that_may_fail(tmp_path: Path) -> None:
    root = shop(tmp_path, "router", "APIRouter")
    net = "try:\n    from shop.gone import limits\nexcept ImportError:\n    limits = None\n"
    (root / "shop" / "main.py").write_text(f"{net}{MAIN}\n\napp.include_router(web.router)\n")

    assert waiting(root) is Confidence.DEFINITE


def test_a_route_for_developers(tmp_path: Path) -> None:
    root = shop(tmp_path, "router", "APIRouter")
    include = "app.include_router(web.router, prefix='{prefix}')\n"

    (root / "shop" / "main.py").write_text(f"{MAIN}\n\n{include.format(prefix='/debug')}")
    assert waiting(root) is Confidence.POSSIBLE

    (root / "shop" / "main.py").write_text(f"{MAIN}\n\n{include.format(prefix='/debugging')}")
    assert waiting(root) is Confidence.DEFINITE


def test_what_only_the_urls_of_developers_include(tmp_path: Path) -> None:
    urls = (
        "from django.urls import path\n\nfrom shop import views\n\nurlpatterns = [path('', views.{view})]\n"
    )
    files = {
        "manage.py": "",
        "shop/__init__.py": "",
        "shop/urls/__init__.py": "",
        "shop/urls/dev.py": urls.format(view="index"),
        "shop/urls/production.py": urls.format(view="home"),
        "shop/settings.py": "import os\n\nROOT_URLCONF = os.environ.get('URLS', 'shop.urls.production')\n",
        "shop/dev_settings.py": "ROOT_URLCONF = 'shop.urls.dev'\n",
        "shop/views.py": (
            "import json\n\n\ndef index(request):\n    return json.loads(request.GET['filter'])\n\n\n"
            "def home(request):\n    return json.loads(request.GET['filter'])\n"
        ),
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    (found,) = [part for part in api.audit(tmp_path).findings if part.code == "SEC006"]

    assert (found.place.symbol, found.confidence) == ("home", Confidence.DEFINITE)
    assert not found.sites


def views_asked(root: Path, files: dict[str, str]) -> dict[str, Confidence]:
    """How sure it is that a body that is no JSON ends each view."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    found = [part for part in api.audit(root).findings if part.code == "SEC006"]
    places = [(place, part) for part in found for place in (part.place, *part.sites)]
    return {place.symbol: part.confidence for place, part in places}


URLS = "from django.urls import path\n\nfrom shop import views\n\nurlpatterns = [path('', views.{app})]\n"
VIEWS = """
import json


def shop(request):
    return json.loads(request.GET["filter"])


def users(request):
    return json.loads(request.GET["filter"])
"""
SITE = {
    "manage.py": "",
    "site_/__init__.py": "",
    "site_/settings.py": "ROOT_URLCONF = 'site_.urls'\n",
    "site_/urls.py": "from django.urls import include, path\n\nurlpatterns = [path('shop/', include('shop.urls'))]\n",
    "shop/__init__.py": "",
    "shop/urls.py": URLS.format(app="shop"),
    "shop/views.py": VIEWS,
    "users/__init__.py": "",
    "users/urls.py": URLS.format(app="users"),
}


def test_urls_that_nothing_includes(tmp_path: Path) -> None:
    assert views_asked(tmp_path, SITE) == {"shop": Confidence.DEFINITE}


@pytest.mark.parametrize(
    "also",
    [
        pytest.param({"site_/hosts.py": "HOSTS = [('api', 'users.urls')]\n"}, id="a text that names them"),
        pytest.param(
            {"site_/load.py": "from importlib import import_module\n\nimport_module('a')\n"},
            id="what goes by names",
        ),
        pytest.param({"site_/all.py": "from users import urls\n"}, id="an import"),
    ],
)
def test_urls_that_something_may_include(tmp_path: Path, also: dict[str, str]) -> None:
    assert set(views_asked(tmp_path, SITE | also)) == {"shop", "users"}


PRICES = """
import json
from flask import {imports}, request

{name} = {made}


@{name}.post("/{name}")
def {name}_view():
    return json.loads(request.data)
"""


def test_a_blueprint_in_a_file_that_nothing_imports(tmp_path: Path) -> None:
    files = {
        "app.py": PRICES.format(imports="Flask", name="app", made="Flask(__name__)"),
        "wsgi.py": "from app import app\n",
        "orders.py": PRICES.format(imports="Blueprint", name="orders", made="Blueprint('orders', __name__)")
        + "\n\ndef load():\n    from app import app\n",
    }
    assert views_asked(tmp_path, files) == {
        "app_view": Confidence.DEFINITE,
        "orders_view": Confidence.POSSIBLE,
    }


STARTS = """
def copy():
    requests.put("https://search.example")


@prices.get("/copied")
def start():
    threading.Thread(target=copy).start()
    return ""
"""


@pytest.mark.parametrize(
    ("register", "expected"),
    [("app.register_blueprint(web.prices)", Confidence.DEFINITE), ("", Confidence.POSSIBLE)],
)
def test_to_a_thread_comes_who_comes_to_its_start(
    tmp_path: Path, register: str, expected: Confidence
) -> None:
    web = BLUEPRINT.replace("import requests\n", "import threading\n\nimport requests\n")
    main = (
        MAIN.replace("fastapi", "flask").replace("FastAPI()", "Flask(__name__)").replace("FastAPI", "Flask")
    )
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "web.py").write_text(f"{web}\n{STARTS}")
    (shop / "main.py").write_text(f"{main}\n\n{register}\n")

    found = {
        part.place.symbol: part.confidence for part in api.audit(tmp_path).findings if part.code == "DEP001"
    }

    assert found["copy"] is expected
