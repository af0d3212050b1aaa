"""Which call a message names, where a `try` holds several."""

from greenroom import api
from tests.conftest import WriteProject

TEST = """
import os

import pytest
import requests

from shop.prices import total


def test_total():
    try:
        address = os.environ.get("SHOP", "http://localhost:8000")
        answer = requests.get(f"{address}/prices", timeout=2)
    except Exception:
        pytest.skip("the shop is not there")
    assert total([answer.json()]) == 1
"""


def test_the_call_that_goes_out_is_named(write_project: WriteProject) -> None:
    root = write_project(
        {"shop/prices.py": "def total(items):\n    return sum(items)\n", "tests/test_it.py": TEST}
    )

    (finding,) = [finding for finding in api.audit(root).findings if finding.code == "TST006"]

    assert "`requests.get(…)` fails" in finding.message


LOGIN = """
import pytest
from auth0.authentication import GetToken
from auth0.authentication.exceptions import Auth0Error

from shop.store import save


@pytest.fixture
def users():
    token = GetToken("shop.example", "id")
    try:
        payload = token.login(username="a", password="b")
        save(payload)
    except Auth0Error as error:
        pytest.skip(f"no login: {error}")
    return payload


def test_users(users):
    assert users
"""


def test_the_call_of_the_library_whose_error_is_taken_is_named(write_project: WriteProject) -> None:
    root = write_project({"shop/store.py": "def save(user):\n    return [user]\n", "tests/test_it.py": LOGIN})

    (finding,) = [finding for finding in api.audit(root).findings if finding.code == "TST006"]

    assert "`token.login(…)` fails" in finding.message
