"""What an import has made of a change counts: who notices it in a living process alone has noticed nothing."""

from pathlib import Path

import pytest

from tests.campaign.conftest import Proved, ProveProject, write

RATES = """
def rate():
    return 3  # mutant: return 4


RATE = rate()


def step():
    return 5  # mutant: return 6


STEP = step()


def total(price):
    return price * 2  # mutant: return price * 3
"""

PLUGIN = """
import limits
"""

LIMITS = """
LIMIT = 30  # mutant: LIMIT = 1
"""

TESTS = """
import unittest

import limits
import rates


def test_limit():
    assert limits.LIMIT == 30


def test_rate():
    assert rates.rate() == rates.RATE


def test_step():
    assert rates.step() == 5


class TotalTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(rates.total(2), 4)
"""


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject, tmp_path_factory: pytest.TempPathFactory) -> Proved:
    """Of a project whose parent folder has a conftest that has nothing to do with it."""
    around = tmp_path_factory.mktemp("around")
    write(around, {"conftest.py": "raise RuntimeError('this is not the project')"})
    root: Path = around / "project"
    files = {"pyproject.toml": "[tool.pytest.ini_options]\n", "rates.py": RATES, "test_rates.py": TESTS,
             "plugin.py": PLUGIN, "limits.py": LIMITS}  # fmt: skip
    return prove_project(files, "-p", "plugin", root=root)


def test_what_only_a_living_process_notices_escapes(proved: Proved) -> None:
    trial = proved["return 3"]
    assert (trial.verdict, trial.cold) == ("escaped", True)


def test_what_a_fresh_import_notices_too_is_caught(proved: Proved) -> None:
    trial = proved["return 5"]
    assert (trial.verdict, trial.by, trial.cold) == ("caught", "test_rates.py::test_step", True)


def test_a_failure_is_told_in_a_line_also_by_unittest(proved: Proved) -> None:
    trial = proved["return price * 2"]
    line = TESTS.splitlines().index("        self.assertEqual(rates.total(2), 4)") + 1
    assert (trial.error, trial.where) == ("AssertionError: 6 != 4", f"test_rates.py:{line}")


def test_what_a_plugin_of_pytest_has_loaded_before_says_nothing(proved: Proved) -> None:
    assert proved["LIMIT = 30"].verdict == "broken"


def test_the_controls_hold(proved: Proved) -> None:
    assert not proved.proof.doubt


KEPT = """
import logging

LOG = logging.getLogger("kept")


def level(strict=False):
    return 10 if strict else 20  # mutant: return 30 if strict else 20


def worth(name="eur"):
    return {"eur": 2, "usd": 3}[name]  # mutant: return {"eur": 4, "usd": 3}[name]


def watch(strict=False):
    LOG.setLevel(30)  # mutant: LOG.setLevel(40)


def doubled(much=False):
    factor = 2  # mutant: factor = 3
    return lambda number: number * factor if much else number


LEVEL = level()
WORTH = worth()
watch()
DOUBLED = doubled()
"""
NOBODY_LOOKS = """
import kept


def test_all():
    assert kept.level()
    assert kept.worth()
    assert kept.DOUBLED(2) == 2
    kept.watch()
    kept.doubled()
"""


@pytest.fixture(scope="module")
def kept(prove_project: ProveProject) -> Proved:
    """What nobody notices: the failures differ in what the import keeps of them."""
    return prove_project({"kept.py": KEPT, "test_kept.py": NOBODY_LOOKS})


def test_where_an_import_keeps_nothing_of_the_change_a_living_process_will_do(kept: Proved) -> None:
    trial = kept["return 10"]
    assert (trial.verdict, trial.cold) == ("escaped", False)


@pytest.mark.parametrize("change", ["return {", "LOG.setLevel", "factor = 2"])
def test_what_an_import_keeps_of_a_change_all_tests_are_asked_on(kept: Proved, change: str) -> None:
    """In a name of the module, in an object of a library, in what a function holds."""
    trial = kept[change]
    assert (trial.verdict, trial.cold) == ("escaped", True)


REWRITTEN = {
    "plug/__init__.py": "",
    "plug/late.py": """
        def late():
            return 1  # mutant: return 2
        """,
    "plug/early.py": """
        def early():
            assert __name__
            return 1  # mutant: return 2
        """,
    "conftest.py": """
        import pytest

        pytest.register_assert_rewrite("plug")
        """,
    "test_plug.py": """
        from importlib import import_module

        from plug.early import early


        def test_early():
            assert early() == 1


        def test_late():
            assert import_module("plug.late").late() == 1
        """,
}


def test_modules_whose_assertions_pytest_rewrites_are_changed_too(prove_project: ProveProject) -> None:
    proved = prove_project(REWRITTEN)

    assert [str(trial.verdict) for trial in proved.proof.trials] == ["caught", "caught"]
    assert proved.proof.doubt == ""
