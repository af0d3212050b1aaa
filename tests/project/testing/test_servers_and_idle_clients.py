"""Servers that a test starts, clients that a framework brings, and clients that nobody asks."""

import pytest

from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.conftest import WriteProject

PRODUCT = {
    "shop/__init__.py": "",
    "shop/prices.py": "def total(items):\n    return sum(items)\n",
    "shop/main.py": "from flask import Flask\n\nfrom shop.prices import total\n\n\ndef create():\n    return Flask('shop')\n",
    "shop/testing/client.py": (
        "class TestClient:\n    def __init__(self, app):\n        self.app = app\n\n"
        "    def simulate_get(self, path):\n        return self.app(path)\n"
    ),
    "shop/testing/django.py": "from django.test import Client\n\n\nclass APIClient(Client):\n    def ask(self):\n        return 1\n",
}
TORNADO = """
from tornado.testing import AsyncHTTPTestCase


class PageTest(AsyncHTTPTestCase):
    def ask(self, path):
        return self.fetch(path)

    def test_it(self):
        self.assertEqual(self.ask("/").code, 200)
"""
GEVENT = """
import unittest

import gevent.pywsgi

from shop.main import create
from shop.prices import total


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.server = gevent.pywsgi.WSGIServer(("127.0.0.1", 0), create())
        self.server.start()

    def test_it(self):
        self.assertEqual(total([1]), 1)
"""
TWISTED = """
from twisted.trial import unittest
from twisted.web.server import Site

from shop.main import create


class FakeChannel:
    def ask(self, site):
        request = site.requestFactory(self)
        request.requestReceived(b"GET", b"/", b"1.1")
        return request


class PageTest(unittest.TestCase):
    def test_it(self):
        self.assertTrue(FakeChannel().ask(Site(create())))
"""
SANIC = """
from sanic import Sanic

from shop.prices import total


def test_it():
    app = Sanic("shop")
    request, response = app.test_client.get("/")
    assert response.json == total([1])
"""
IN_MEMORY = """
from sanic import Sanic

from shop.prices import total


async def test_it():
    app = Sanic("shop")
    request, response = await app.asgi_client.get("/")
    assert response.json == total([1])
"""
OWN_CLIENT = """
from shop.testing.client import TestClient
from shop.main import create


def test_it():
    client = TestClient(create())
    assert client.simulate_get("/").status == 200
"""
DERIVED = """
from shop.testing.django import APIClient


def test_it():
    assert APIClient().get("/").status_code == 200
"""
FACTORY = """
from django.test.client import RequestFactory

from shop.prices import total


def test_it():
    assert total(RequestFactory().get("/")) == 0
"""
LOGIN = """
from django.test import TestCase

from shop.prices import total


class Prices(TestCase):
    def setUp(self):
        self.client.force_login(None)

    def test_it(self):
        self.assertEqual(total([1]), 1)
"""
READY = """
import unittest

from shop.main import create
from shop.prices import total


class Prices(unittest.TestCase):
    def setUp(self):
        self.app = create()
        self.client = self.app.test_client()

    def ask(self):
        return self.client.get("/")

    def test_it(self):
        {what}
"""
MIXIN = """
from django.test import TestCase

from shop.prices import total


class Pages:
    def test_it(self):
        self.assertEqual(self.client.get("/").status_code, 200)
        self.assertEqual(total([1]), 1)


class PricePages(Pages, TestCase):
    pass
"""
PARTS = """
import requests.structures

from shop.prices import total


def test_it():
    assert total(requests.structures.CaseInsensitiveDict()) == 0
"""
INNER_FAKE = """
from shop.prices import total


def test_it():
    class _FakeShop:
        def __iter__(self):
            return iter([1])

    assert total(_FakeShop()) == 1
"""
LIBRARY_CASE = """
from cheroot.test import webtest

from shop.prices import total


class PricesTest(webtest.WebCase):
    def test_it(self):
        self.assertEqual(total([1]), 1)
"""
LOCAL_IMPORT = """
def test_it():
    from shop.main import create, total

    assert create is not total
"""


@pytest.mark.parametrize(
    ("code", "interface"),
    [
        pytest.param(TORNADO, "real", id="Tornado serves on a socket"),
        pytest.param(GEVENT, "real", id="a server in set-up"),
        pytest.param(TWISTED, "in-process", id="a request handed to a site of Twisted"),
        pytest.param(SANIC, "real", id="Sanic's client starts a server"),
        pytest.param(IN_MEMORY, "in-process", id="Sanic's other client does not"),
        pytest.param(OWN_CLIENT, "in-process", id="a framework's own client"),
        pytest.param(DERIVED, "in-process", id="a client derived from Django's"),
        pytest.param(FACTORY, "direct", id="a request factory asks nobody"),
        pytest.param(LOGIN, "direct", id="a login is no request"),
        pytest.param(
            READY.format(what="self.assertEqual(total([1]), 1)"), "direct", id="a client that lies ready"
        ),
        pytest.param(
            READY.format(what="self.assertEqual(self.ask().status_code, 200)"), "in-process", id="a client that is asked"
        ),
        pytest.param(MIXIN, "in-process", id="a client in a mixin"),
        pytest.param(PARTS, "direct", id="parts of a client's library go nowhere"),
        pytest.param(INNER_FAKE, "mocked", id="a double inside the test"),
        pytest.param(LIBRARY_CASE, "direct", id="a case of a library, by its name and place"),
        pytest.param(LOCAL_IMPORT, "direct", id="production is named inside the test"),
    ],
)  # fmt: skip
def test_over_which_interface(code: str, interface: str, write_project: WriteProject) -> None:
    (case,) = read_project(write_project({**PRODUCT, "tests/test_it.py": code}), Settings()).suite.tests

    assert case.interface == interface


def test_an_inherited_test_stands_where_its_class_does(write_project: WriteProject) -> None:
    base = "import unittest\n\n\n\n\nclass Base:\n    def test_it(self):\n        self.assertEqual(1, 1)\n"
    child = "import unittest\n\nfrom tests.base import Base\n\n\nclass ChildTest(Base, unittest.TestCase):\n    pass\n"
    root = write_project({"tests/__init__.py": "", "tests/base.py": base, "tests/test_child.py": child})

    (case,) = read_project(root, Settings()).suite.tests

    assert (case.path, case.line) == ("tests/test_child.py", 6)


CLIENT_BEHIND_A_FIXTURE = """
import pytest

from shop.main import create


@pytest.fixture
async def api(aiohttp_client):
    return await aiohttp_client(create())


@pytest.fixture
async def logged_in(api):
    await api.post("/enter")
    return api
"""


@pytest.mark.parametrize(
    ("code", "interface"),
    [
        pytest.param(
            "async def test_it(logged_in):\n    await logged_in.get('/')\n", "in-process", id="asked"
        ),
        pytest.param(
            "from shop.prices import total\n\n\ndef test_it():\n    assert total([1]) == 1\n",
            "direct",
            id="not asked",
        ),
        pytest.param(
            "import pytest\n\nfrom shop.prices import total\n\n\n@pytest.fixture\ndef ready(api):\n    return 1\n\n\n"
            "def test_it(ready):\n    assert total([ready]) == 1\n",
            "direct",
            id="made, and nobody goes on with it",
        ),
    ],
)
def test_a_fixture_of_a_plugin_behind_fixtures(
    code: str, interface: str, write_project: WriteProject
) -> None:
    files = {**PRODUCT, "tests/conftest.py": CLIENT_BEHIND_A_FIXTURE, "tests/test_it.py": code}

    (case,) = read_project(write_project(files), Settings()).suite.tests

    assert case.interface == interface


def test_a_fixture_that_takes_over_one_of_a_plugin(write_project: WriteProject) -> None:
    own = "import pytest\n\n\n@pytest.fixture\ndef client(client):\n    client.user = 1\n    return client\n"
    files = {
        **PRODUCT,
        "tests/conftest.py": own,
        "tests/test_it.py": "def test_it(client):\n    client.get('/')\n",
    }

    (case,) = read_project(write_project(files), Settings()).suite.tests

    assert case.interface == "in-process"
    assert case.evidence[0].path == "tests/conftest.py"


SERVERS = """
import subprocess
import sys
from contextlib import contextmanager

from shop.prices import total


class Runs:
    def start(self):
        raise NotImplementedError

    @contextmanager
    def running(self):
        self.start()
        yield self


class Shop(Runs):
    def launch(self):
        self.process = subprocess.Popen([sys.executable, "-m", "shop"])

    def start(self):
        self.launch()


class Prices(Runs):
    def start(self):
        self.first = total([1])
"""


@pytest.mark.parametrize(("server", "interface"), [("Shop", "real"), ("Prices", "direct")])
@pytest.mark.parametrize("started", ["with {}().running():", "server = {}()\n    with server.running():"])
def test_what_a_base_calls_is_what_the_class_makes_of_it(
    server: str, interface: str, started: str, write_project: WriteProject
) -> None:
    code = f"from tests.servers import {server}\n\n\ndef test_it():\n    {started.format(server)}\n        assert True is not None\n"
    files = {**PRODUCT, "tests/__init__.py": "", "tests/servers.py": SERVERS, "tests/test_it.py": code}

    (case,) = read_project(write_project(files), Settings()).suite.tests

    assert case.interface == interface
