"""What becomes of a verdict that a test returns, and why a test does not run, as messages say it."""

from greenroom import api
from tests.conftest import WriteProject

PYPROJECT = """
[project]
name = "shop"
dependencies = ["pytest", "pytest-asyncio"]

[tool.pytest.ini_options]
asyncio_mode = "auto"
"""
RETURNED = """
from shop.prices import total


async def test_total():
    if total([1, 2]) != 3:
        return False
    return True


def test_empty():
    if total([]) != 0:
        return False
    return True
"""
TWICE = """
from shop.prices import total


class TestTotal:
    def test_of_one(self):
        assert total([1]) == 1


class TestTotal:
    def test_of_two(self):
        assert total([1, 2]) == 3
"""
PRICES = "def total(items):\n    return sum(items)\n"


def test_a_plugin_drops_what_an_async_test_returns(write_project: WriteProject) -> None:
    root = write_project(
        {"pyproject.toml": PYPROJECT, "shop/prices.py": PRICES, "tests/test_it.py": RETURNED}
    )

    awaited, plain = [finding for finding in api.audit(root).findings if finding.code == "TST003"]

    assert "nobody looks at it, and the test passes" in awaited.message
    assert "pytest warns, and the test passes" in plain.message


def test_the_class_that_takes_the_name_is_told(write_project: WriteProject) -> None:
    root = write_project({"shop/prices.py": PRICES, "tests/test_it.py": TWICE})

    (finding,) = [finding for finding in api.audit(root).findings if finding.code == "TST005"]

    assert finding.message.endswith("the class TestTotal is defined again on line 10")
    assert finding.remedy == "give one of the two classes another name"
