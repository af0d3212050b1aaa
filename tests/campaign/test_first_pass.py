"""In which processes a suite is run for the first time, and what is known of its tests from that alone."""

from greenroom.campaign.first_pass import FirstPass, before_first
from tests.campaign.conftest import ProveProject

PRICES = """
    _RATES = {}


    def keep(rate):
        _RATES["EUR"] = rate


    def rate():
        return _RATES["EUR"]  # mutant: return 0
    """
TESTS = ["a.py::one", "a.py::two", "b.py::one", "c.py::one", "c.py::two", "d.py::one"]


def _parts(shared: dict[str, list[str]], costs: dict[str, float], workers: int) -> list[list[str]]:
    parts = FirstPass(TESTS, {name: shared.get(name, []) for name in TESTS}, workers)
    found = [parts.next({})]
    while part := parts.next(costs):
        found.append(part)
    return found


def test_each_module_is_run_in_a_process_of_its_own() -> None:
    of_one_module = {"a.py::one": ["browser"], "a.py::two": ["browser"]}
    assert _parts(of_one_module, {"browser": 5.0}, workers=2) == [
        TESTS[:2],
        TESTS[2:3],
        TESTS[3:5],
        TESTS[5:],
    ]


def test_what_is_dear_and_shared_by_modules_is_set_up_once_for_each_worker() -> None:
    of_several = {"a.py::one": ["database"], "d.py::one": ["database"]}
    assert _parts(of_several, {"database": 5.0}, workers=2) == [TESTS[:2], TESTS[2:5], TESTS[5:]]
    assert _parts(of_several, {"database": 5.0}, workers=1) == [TESTS[:2], TESTS[2:]]


def test_who_comes_after_one_that_sees_something_may_have_been_spared_it() -> None:
    assert before_first(TESTS, lambda name: name != "b.py::one") == TESTS[:2]


def test_who_needs_the_tests_of_another_module_votes_all_the_same(prove_project: ProveProject) -> None:
    files = {
        "prices.py": PRICES,
        "test_a.py": "import prices\n\n\ndef test_keep():\n    prices.keep(2)\n",
        "test_b.py": "import prices\n\n\ndef test_rate():\n    assert prices.rate() == 2\n",
    }
    suite = prove_project(files, workers=2).proof.suite
    assert (suite.voting, suite.failed, suite.dependent) == (2, (), ("test_b.py::test_rate",))
