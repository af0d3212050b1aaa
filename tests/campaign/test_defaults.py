"""Defaults of parameters: a living function is given another one, unless an import has made something of the old one."""

import pytest

from tests.campaign.conftest import Proved, ProveProject

RATES = """
import inspect

KNOWN = {}


def known(function):
    KNOWN[function.__name__] = str(inspect.signature(function))
    return function


def price(amount, rate=3):  # mutant: def price(amount, rate=4):
    return amount * rate


def given(amount, rate=5):  # mutant: def given(amount, rate=6):
    return amount * rate


def label(amount, *, unit="EUR"):  # mutant: def label(amount, *, unit="USD"):
    return f"{amount} {unit}"


def asked(amount, rate=-7):  # mutant: def asked(amount, rate=8):
    return amount * rate


def alone(amount, rate=9):  # mutant: def alone(amount, rate=10):
    return amount * rate


def early(amount=11):  # mutant: def early(amount=12):
    return amount


EARLY = early()


@known
def told(amount, rate=13):  # mutant: def told(amount, rate=14):
    return amount * rate


class Shop:
    async def close(self, wait=15):  # mutant: async def close(self, wait=16):
        return wait

    def made(self, parts=[]):  # mutant: def made(self, parts=None):
        return parts
"""

TESTS = """
import asyncio
import inspect

import rates


def test_price():
    assert rates.price(2) == 6


def test_given():
    assert rates.given(2, 3) == 6


def test_label():
    assert rates.label(2) == "2 EUR"


def test_asked():
    assert inspect.signature(rates.asked).parameters["rate"].default == -7


def test_early():
    assert rates.EARLY == 11


def test_told():
    assert rates.KNOWN["told"] == "(amount, rate=13)"


def test_close():
    assert asyncio.run(rates.Shop().close()) == 15


def test_made():
    assert rates.Shop().made() == []
"""


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    return prove_project({"rates.py": RATES, "test_rates.py": TESTS})


def test_who_uses_a_default_is_asked_in_the_living_process(proved: Proved) -> None:
    told = {each: proved[each] for each in ("def price", "def label", "async def close", "def asked")}
    assert {each: (str(trial.verdict), trial.cold, trial.at_import) for each, trial in told.items()} == dict.fromkeys(
        told, ("caught", False, False)
    )  # fmt: skip
    assert {each: trial.tests for each, trial in told.items()} == {
        "def price": ("test_rates.py::test_price",),
        "def label": ("test_rates.py::test_label",),
        "async def close": ("test_rates.py::test_close",),
        "def asked": ("test_rates.py::test_asked",),
    }


def test_who_gives_the_parameter_notices_nothing(proved: Proved) -> None:
    trial = proved["def given"]
    assert (trial.verdict, trial.cold, trial.tests) == ("escaped", False, ("test_rates.py::test_given",))


def test_a_default_that_nobody_uses_is_unseen(proved: Proved) -> None:
    assert proved["def alone"].verdict == "unseen"


def test_what_the_import_has_made_of_a_default_takes_a_new_import(proved: Proved) -> None:
    assert [
        (proved[each].verdict, proved[each].by, proved[each].cold) for each in ("def early", "def told")
    ] == [
        ("caught", "test_rates.py::test_early", True),
        ("caught", "test_rates.py::test_told", True),
    ]


def test_a_default_that_is_made_by_the_import_takes_a_new_import(proved: Proved) -> None:
    assert (proved["def made"].verdict, proved["def made"].cold) == ("caught", True)


def test_the_controls_hold(proved: Proved) -> None:
    assert proved.proof.controls
    assert all(control.held for control in proved.proof.controls)
