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
