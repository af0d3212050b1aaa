"""What the first test of a suite computes for all others is run by each of them, once it is alone."""

import json

import pytest

from tests.campaign.conftest import Proved, ProveProject

PRICES = """
    import functools


    @functools.cache
    def rate():
        return 2  # mutant: return 3
    """
TESTS = """
    import prices


    def test_of_nothing():
        assert True


    def test_double():
        assert prices.rate() * 2 == 4


    def test_half():
        assert prices.rate() / 2 == 1


    class TestState:
        seen = []

        def test_leaves_something(self):
            self.seen.append(1)

        def test_needs_what_was_left(self):
            assert self.seen == [1]
    """


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    first = "import prices\n\ndef test_first():\n    prices.rate()\n"
    return prove_project({"prices.py": PRICES, "test_a.py": first, "test_b.py": TESTS}, workers=1)


def test_who_finds_it_computed_is_asked_as_well(proved: Proved) -> None:
    trial = proved["return 2"]
    assert (str(trial.verdict), trial.by) == ("caught", "test_b.py::test_double")


def test_of_each_test_is_known_what_it_runs_and_whether_it_passes_alone(proved: Proved) -> None:
    (file,) = proved.root.glob(".greenroom/prove/*/observation-*.json")
    tests = {test["id"].rpartition("::")[2]: test for test in json.loads(file.read_text())["tests"]}
    runs = {name for name, test in tests.items() if test["lines"]}
    assert runs == {"test_first", "test_double", "test_half"}
    assert {name for name, test in tests.items() if not test["alone"]} == {"test_needs_what_was_left"}
