"""What tests make of a change, and whether that is told as it is: one project, one campaign, many marks."""

import os

import pytest

from greenroom.model.mutant import Verdict
from greenroom.model.proof import Check
from tests.campaign.conftest import Proved, ProveProject

SHOP = '''
"""A shop."""

import functools
import threading

LIMIT = 100  # mutant: LIMIT = 1
REGISTRY = {}


def registered(function):
    @functools.wraps(function)
    def around(*arguments):
        return function(*arguments)  # mutant: return not function(*arguments)

    REGISTRY[function.__name__] = around
    return around


@registered
def registered_total(prices):
    return sum(prices)  # mutant: return 0


def make_rebate(share):
    def rebate(price):
        return price * share  # mutant: return price + share

    return rebate


HALF = make_rebate(0.5)


class Basket:
    def __init__(self):
        self.items = []

    @property
    def count(self):
        return len(self.items)  # mutant: return 7

    @staticmethod
    def empty():
        basket = Basket()
        basket.log = "new"  # mutant: basket.log = ""
        return basket


def wait_for_stock(stock):
    while not stock:
        stock = stock + [1]  # mutant: pass
    return stock


def in_thread(found):
    thread = threading.Thread(target=lambda: found.append(1))
    thread.start()  # mutant: thread.run
    thread.join(1) if thread.ident else None
    return found


def never_called():
    return 1  # mutant: return 2


def logged(total):
    note = f"total {total}"  # mutant: note = ""
    return total


def leave():
    return 0  # mutant: import os; os._exit(3)


def computed_at_import():
    return 42  # mutant: return 43


ANSWER = computed_at_import()


def read_late():
    from shop import late

    return late.value()


def strict(flag: bool = True):  # mutant: def strict(flag: bool = False):
    return flag


CODES = {"a": 1}  # mutant: CODES = {"a": 1 / 0}
'''

LATE = """
CONSTANT = 5  # mutant: CONSTANT = 6


def value():
    return CONSTANT * 2  # mutant: return 1
"""

TESTS = """
import os
import pathlib

import pytest

from shop import main as shop


def test_total():
    assert shop.registered_total([1, 2]) == 3


def test_registry_holds_what_was_registered():
    assert shop.REGISTRY["registered_total"]([1]) == 1


def test_closures_made_at_import():
    assert shop.HALF(10) == 5


def test_count():
    assert shop.Basket().count == 0


def test_empty():
    assert shop.Basket.empty().items == []


def test_stock():
    assert shop.wait_for_stock([]) == [1]


def test_thread():
    assert shop.in_thread([]) == [1]


def test_logged():
    assert shop.logged(3) == 3


def test_leave():
    assert shop.leave() == 0


def test_answer():
    assert shop.ANSWER == 42


def test_late():
    assert shop.read_late() == 10


def test_limit():
    assert shop.LIMIT == 100


def test_strict():
    assert shop.strict()


def test_codes():
    assert shop.CODES


def test_skips():
    pytest.skip("no reason")
    shop.never_called()


def test_fails():
    assert shop.never_called() == 3
"""

DEPENDENT = """
import pathlib

from shop import main as shop

STATE = []


def test_first():
    STATE.append(shop.registered_total([1]))


def test_second_needs_the_first():
    assert STATE == [1]


def busy():
    # whether the campaign keeps the processors busy, known by its own processes
    campaign = pathlib.Path(__file__).with_name("campaign.txt").read_text()
    for folder in pathlib.Path("/proc").iterdir():
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == campaign and b"sum(range(100000))" in (folder / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


def test_fails_on_a_busy_machine():
    assert shop.logged(1) == 1
    assert not busy()
"""


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    return prove_project(
        {
            "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-n auto --strict-markers'\n",
            "shop/__init__.py": "",
            "shop/main.py": SHOP,
            "shop/late.py": LATE,
            "tests/test_shop.py": TESTS,
            "tests/test_dependent.py": DEPENDENT,
            "tests/campaign.txt": str(os.getpid()),
        },
        workers=2,
    )


def test_every_mark_has_its_verdict(proved: Proved) -> None:
    assert proved.verdicts() == {
        "LIMIT = 100": "caught",
        "return function(*arguments)": "caught",
        "return sum(prices)": "caught",
        "return price * share": "caught",
        "return len(self.items)": "caught",
        'basket.log = "new"': "escaped",
        "stock = stock + [1]": "hung",
        "thread.start()": "caught",
        "return 1": "unseen",
        'note = f"total {total}"': "escaped",
        "return 0": "caught",
        "return 42": "caught",
        "def strict(flag: bool = True):": "caught",
        'CODES = {"a": 1}': "broken",
        "CONSTANT = 5": "caught",
        "return CONSTANT * 2": "caught",
    }


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("return price * share", "tests/test_shop.py::test_closures_made_at_import"),
        ("return len(self.items)", "tests/test_shop.py::test_count"),
        ("stock = stock + [1]", "tests/test_shop.py::test_stock"),
        ("LIMIT = 100", "tests/test_shop.py::test_limit"),
        ("return 42", "tests/test_shop.py::test_answer"),
        ("return 0", "tests/test_shop.py::test_leave"),
    ],
)
def test_the_test_that_noticed_is_named(proved: Proved, line: str, by: str) -> None:
    assert proved[line].by == by


def test_how_it_was_noticed_is_told(proved: Proved) -> None:
    assert "exit code 3" in proved["return 0"].error
    assert "no end within" in proved["stock = stock + [1]"].error
    assert proved["return len(self.items)"].error.startswith("AssertionError")
    assert "ZeroDivisionError" in proved['CODES = {"a": 1}'].error


def test_what_runs_at_import_is_tried_by_a_new_import(proved: Proved) -> None:
    cold = {trial.mutant.place.line for trial in proved.proof.trials if trial.cold}

    assert cold == {
        proved[line].mutant.place.line for line in ("LIMIT = 100", "return 42", 'CODES = {"a": 1}')
    }


def test_what_only_tests_import_is_there_anew_for_each(proved: Proved) -> None:
    assert not proved["CONSTANT = 5"].cold


def test_only_tests_that_run_the_line_are_asked(proved: Proved) -> None:
    assert proved["return len(self.items)"].tests == ("tests/test_shop.py::test_count",)
    assert set(proved["return sum(prices)"].tests) == {
        "tests/test_dependent.py::test_first",
        "tests/test_shop.py::test_total",
        "tests/test_shop.py::test_registry_holds_what_was_registered",
    }


def test_who_fails_or_skips_or_needs_a_calm_machine_does_not_vote(proved: Proved) -> None:
    suite = proved.proof.suite

    assert suite.failed == ("tests/test_shop.py::test_fails",)
    assert suite.timing == ("tests/test_dependent.py::test_fails_on_a_busy_machine",)
    assert suite.dependent == ("tests/test_dependent.py::test_second_needs_the_first",)
    assert suite.colliding == ()
    assert (suite.tests, suite.voting) == (19, 16)
    assert proved['note = f"total {total}"'].tests == ("tests/test_shop.py::test_logged",)


def test_an_escape_shows_its_change(proved: Proved) -> None:
    diff = proved['basket.log = "new"'].diff.splitlines()

    assert diff[:2] == ["--- a/shop/main.py", "+++ b/shop/main.py"]
    assert [line for line in diff[2:] if line[0] in "+-"] == [
        '-        basket.log = "new"  # mutant: basket.log = ""',
        '+        basket.log = ""  # mutant: basket.log = ""',
    ]


def test_the_rate_counts_what_was_decided_and_controls_hold(proved: Proved) -> None:
    proof = proved.proof

    assert proof.doubt == ""
    assert (proof.rate.count, proof.rate.of) == (2, 14)
    assert {control.check: (control.held, control.verdict) for control in proof.controls} == {
        Check.IDENTITY: (True, Verdict.ESCAPED),
        Check.CANARY: (True, Verdict.CAUGHT),
    }


def test_the_source_is_as_it_was(proved: Proved) -> None:
    assert (proved.root / "shop" / "main.py").read_text(encoding="utf-8") == SHOP
