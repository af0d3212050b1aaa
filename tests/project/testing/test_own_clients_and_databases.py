"""Clients and databases that a product brings along: what recorded runs have taught."""

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

PRODUCT = {
    "shop/__init__.py": "",
    "shop/rates.py": "import httpx\n\n\nasync def rate(client: httpx.AsyncClient):\n    return await client.get('http://bank/')\n",
    "shop/app.py": """
import httpx


class Client:
    def __init__(self, shop):
        self.shop = shop

    async def get(self, path):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.shop.asgi)) as client:
            return await client.get(path)


class Shop:
    def __init__(self):
        self.client = Client(self)

    async def asgi(self, scope, receive, send):
        ...
""",
}
OWN_CLIENT = """
from shop.app import Shop


async def test_it():
    shop = Shop()
    assert (await shop.client.get("/total")).status_code == 200
"""
NAMED_TRANSPORT = """
import httpx

from shop.rates import rate


async def test_it():
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        assert await rate(client)
"""
DJANGO = {
    "shop/__init__.py": "",
    "shop/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n    number = models.IntegerField()\n",
    "tests/test_it.py": """
from django.test import TestCase

from shop.models import Order


class OrderTest(TestCase):
    def test_it(self):
        assert Order.objects.create(number=1).pk
""",
}
MANAGE = "import os\n\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
SQLITE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'shop.db'}}\n"
POSTGRES = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop'}}\n"
TABLES_AND_DOUBLE = """
from unittest import mock

from django.test import TestCase

from shop.models import Order


class OrderTest(TestCase):
    def test_it(self):
        with mock.patch("shop.models.models"):
            assert Order.objects.create(number=1).pk
"""


def interface_of(write_project: WriteProject, files: dict[str, str]) -> str:
    (case,) = read_project(write_project(files), Settings()).suite.tests
    return case.interface


@pytest.mark.parametrize(
    ("code", "interface"),
    [
        pytest.param(OWN_CLIENT, "in-process", id="a client that the product brings along"),
        pytest.param(NAMED_TRANSPORT, "mocked", id="a double behind a name"),
    ],
)
def test_clients(code: str, interface: str, write_project: WriteProject) -> None:
    assert interface_of(write_project, {**PRODUCT, "tests/test_it.py": code}) == interface


@pytest.mark.parametrize(
    ("files", "interface"),
    [
        pytest.param({"shop/settings.py": SQLITE, "manage.py": MANAGE}, "direct", id="SQLite"),
        pytest.param({"shop/settings.py": POSTGRES, "manage.py": MANAGE}, "real", id="a server"),
        pytest.param(
            {"shop/settings.py": SQLITE + POSTGRES, "manage.py": MANAGE}, "real", id="one or the other"
        ),
        pytest.param({"manage.py": MANAGE}, "real", id="settings that are not there"),
        pytest.param(
            {
                "shop/settings/__init__.py": "",
                "shop/settings/base.py": SQLITE,
                "shop/settings/live.py": POSTGRES,
                "shop/settings/test.py": "from .base import *\n",
            },
            "direct",
            id="settings for tests, which take over others",
        ),
        pytest.param(
            {
                "shop/settings.py": POSTGRES,
                "shop/fast.py": SQLITE,
                "manage.py": MANAGE,
                "pytest.ini": "[pytest]\nDJANGO_SETTINGS_MODULE = shop.fast\n",
            },
            "direct",
            id="settings that pytest is told",
        ),
        pytest.param(
            {
                "shop/settings.py": "import dj_database_url\n\nDATABASES = {'default': dj_database_url.config()}\n"
            },
            "real",
            id="whatever the environment says",
        ),
        pytest.param(
            {"shop/settings.py": SQLITE, "manage.py": MANAGE, "tests/test_it.py": TABLES_AND_DOUBLE},
            "direct",
            id="tables and a double beside them",
        ),
    ],
)
def test_databases_of_django(files: dict[str, str], interface: str, write_project: WriteProject) -> None:
    assert interface_of(write_project, {**DJANGO, **files}) == interface


FLASK = {
    "shop/__init__.py": "",
    "shop/models.py": (
        "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n\n\nclass Order(db.Model):\n    pass\n"
    ),
    "tests/test_it.py": (
        "from shop.models import Order, db\n\n\ndef test_it(app):\n    db.session.add(Order())\n"
        "    assert Order.query.count() == 1\n"
    ),
}


@pytest.mark.parametrize(
    ("address", "interface"),
    [
        pytest.param("os.environ.get('TEST_DATABASE', 'sqlite://')", "direct", id="SQLite"),
        pytest.param("'postgresql+psycopg://localhost/shop'", "real", id="a server"),
        pytest.param("os.environ.get('PG') or 'sqlite:///x' or 'mysql://x'", "real", id="one or the other"),
        pytest.param("os.environ['DATABASE']", "real", id="whatever the environment says"),
    ],
)
def test_databases_of_flask(address: str, interface: str, write_project: WriteProject) -> None:
    told = (
        "import os\n\nimport pytest\n\nfrom shop.main import make\n\n\n"
        f"@pytest.fixture\ndef app():\n    return make({{'SQLALCHEMY_DATABASE_URI': {address}}})\n"
    )

    assert interface_of(write_project, {**FLASK, "tests/conftest.py": told}) == interface


CASE = """
from shop.prices import total


class Base:
    def ask(self):
        return self.client.get("/")


class TestShop(Base):
    def test_it(self):
        with self.{what} as c:
            c.post("/create")
        assert total([1]) == 1
"""


@pytest.mark.parametrize(
    ("what", "interface"),
    [pytest.param("client", "in-process", id="client"), pytest.param("store", "direct", id="something else")],
)
def test_a_client_by_another_name(what: str, interface: str, write_project: WriteProject) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/prices.py": "def total(items):\n    return sum(items)\n",
        "tests/test_it.py": CASE.format(what=what),
    }

    assert interface_of(write_project, files) == interface
