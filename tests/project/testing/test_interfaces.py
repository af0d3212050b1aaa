"""Over which interface a test meets the product: the label, and the line that decides it."""

from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.model.test_case import TestCase
from greenroom.project.project import read_project
from tests.conftest import WriteProject

PRODUCT = {
    "shop/__init__.py": "",
    "shop/prices.py": "def total(items):\n    return sum(items)\n",
    "shop/main.py": (
        "from fastapi import FastAPI\n\nfrom shop.prices import total\n\napp = FastAPI()\n\n\n"
        "@app.get('/total')\ndef read():\n    return total([1])\n"
    ),
}

REAL = """
import requests


def test_it(live_url):
    assert requests.get(f"{live_url}/total", timeout=5).json() == 1
"""

PROCESS = """
import subprocess
import sys


def test_it():
    done = subprocess.run([sys.executable, "-m", "shop"], check=False)
    assert done.returncode == 0
"""

IN_PROCESS = """
from fastapi.testclient import TestClient

from shop.main import app


def test_it():
    assert TestClient(app).get("/total").json() == 1
"""

THROUGH_FIXTURE = """
def test_it(client):
    assert client.get("/total").json() == 1
"""

ASGI_TRANSPORT = """
import httpx

from shop.main import app


async def test_it():
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        assert (await client.get("/total")).json() == 1
"""

DIRECT = """
from shop.prices import total


def test_it():
    assert total([1, 2]) == 3
"""

MOCKED = """
from unittest.mock import patch

from shop.main import read


def test_it():
    with patch("shop.main.total", return_value=7):
        assert read() == 7
"""

SELF = """
def double(number):
    return number * 2


def test_it():
    assert double(2) == 4
"""

CLIENT_FIXTURE = """
import pytest
from fastapi.testclient import TestClient

from shop.main import app


@pytest.fixture
def client():
    with TestClient(app) as client:
        yield client
"""


def judge(root: Path) -> TestCase:
    (case,) = read_project(root, Settings()).suite.tests
    return case


@pytest.mark.parametrize(
    ("code", "interface", "evidence"),
    [
        pytest.param(REAL, "real", "calls requests.get", id="HTTP"),
        pytest.param(PROCESS, "real", "calls subprocess.run", id="process"),
        pytest.param(IN_PROCESS, "in-process", "calls TestClient", id="test client"),
        pytest.param(ASGI_TRANSPORT, "in-process", "calls httpx.ASGITransport", id="ASGI transport"),
        pytest.param(DIRECT, "direct", "calls total", id="direct"),
        pytest.param(MOCKED, "mocked", "calls patch", id="mocked"),
        pytest.param(SELF, "self", "", id="its own code"),
    ],
)
def test_the_interface_and_its_evidence(
    code: str, interface: str, evidence: str, write_project: WriteProject
) -> None:
    case = judge(write_project({**PRODUCT, "tests/test_it.py": code}))

    assert case.interface == interface
    assert (case.evidence[0].note if case.evidence else "") == evidence
    for place in case.evidence:
        said = code.splitlines()[place.line - 1]
        assert place.path == "tests/test_it.py"
        assert place.note.removeprefix("calls ") in said


def test_a_client_from_the_nearest_conftest(write_project: WriteProject) -> None:
    root = write_project(
        {
            **PRODUCT,
            "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef client():\n    return None\n",
            "tests/api/conftest.py": CLIENT_FIXTURE,
            "tests/api/test_near.py": THROUGH_FIXTURE,
            "tests/test_far.py": THROUGH_FIXTURE,
        }
    )

    found = {case.path: case.interface for case in read_project(root, Settings()).suite.tests}

    assert found == {"tests/api/test_near.py": "in-process", "tests/test_far.py": "self"}


def test_a_double_in_set_up_counts_for_every_test_of_the_class(write_project: WriteProject) -> None:
    code = (
        "from unittest import TestCase\nfrom unittest.mock import patch\n\nfrom shop.main import read\n\n\n"
        "class Reading(TestCase):\n    def setUp(self):\n        patcher = patch('shop.main.total')\n"
        "        patcher.start()\n\n    def test_it(self):\n        self.assertIsNotNone(read())\n"
    )

    case = judge(write_project({**PRODUCT, "tests/test_it.py": code}))

    assert case.interface == "mocked"
    assert case.evidence[0].line == 9


IDLE = """
import httpx
import pytest


@pytest.fixture
def http():
    return httpx.Client()


@pytest.fixture(autouse=True)
def prepared(http):
    return http
"""

PREPARED = """
from fastapi.testclient import TestClient

from shop.main import app
from shop.prices import total


def create_shop():
    client = TestClient(app)
    client.get("/total")
    return app


def test_it():
    create_shop()
    assert total([1]) == 1
"""

GIVEN = """
import pytest

from shop.prices import total


@pytest.mark.parametrize("client_class", [list, tuple])
def test_it(client_class):
    assert total(client_class([1])) == 1
"""

NO_QUERY = """
from django.test import TestCase

from shop.prices import total


class Total(TestCase):
    def test_it(self):
        self.assertEqual(total([1]), 1)
"""

EXCEPTION = """
from smtplib import SMTPDataError
from unittest.mock import Mock

from shop.prices import total


def test_it():
    mail = Mock(side_effect=SMTPDataError(454, "no"))
    assert total([1]) == 1
    assert mail.call_count == 0
"""

THROUGH_A_CLASS = """
from shop.prices import total


class TestSum:
    class Model:
        add = staticmethod(total)

    def test_it(self):
        assert TestSum.Model.add([1]) == 1
"""


@pytest.mark.parametrize(
    ("code", "interface"),
    [
        pytest.param(PREPARED, "direct", id="a helper that only prepares by a client"),
        pytest.param(GIVEN, "direct", id="a parametrised argument with the name of a fixture"),
        pytest.param(NO_QUERY, "direct", id="a test case of Django that asks no database"),
        pytest.param(EXCEPTION, "mocked", id="an exception of a client library"),
        pytest.param(THROUGH_A_CLASS, "direct", id="the product in a class of the test"),
    ],
)
def test_what_is_only_at_hand_decides_nothing(code: str, interface: str, write_project: WriteProject) -> None:
    case = judge(write_project({**PRODUCT, "tests/test_it.py": code}))

    assert case.interface == interface


def test_a_client_that_an_automatic_fixture_draws_in_lies_idle(write_project: WriteProject) -> None:
    case = judge(write_project({**PRODUCT, "tests/conftest.py": IDLE, "tests/test_it.py": DIRECT}))

    assert case.interface == "direct"


def test_a_case_of_a_library_is_known_by_its_assertions(write_project: WriteProject) -> None:
    """`SmartminTest` is nowhere in the project, and its name does not say that it is a `TestCase`."""
    root = write_project(
        {
            **PRODUCT,
            "shop/tests.py": """
from smartmin.tests import SmartminTest

from shop.prices import total


class ShopTest(SmartminTest):
    pass


class Pages(ShopTest):
    def test_page(self):
        self.assertEqual(self.client.get("/total").status_code, 200)

    def test_sum(self):
        self.assertEqual(total([1]), 1)


class Numbers(Unknown):
    def test_it(self):
        self.check(total([1]), 1)
""",
            "manage.py": "from django.core.management import execute_from_command_line\n",
            "Makefile": "test:\n\tpython manage.py test\n",
        }
    )

    tests = {test.symbol: test for test in read_project(root, Settings()).suite.tests if test.collected}

    assert {symbol: test.interface.value for symbol, test in tests.items()} == {
        "Pages.test_page": "in-process",
        "Pages.test_sum": "direct",
    }
