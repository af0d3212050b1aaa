"""One test and one incident: red while it is there, green without; or why the test says nothing of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greenroom.campaign.effectiveness import measure_effectiveness
from greenroom.campaign.errors import NothingToProveError
from greenroom.campaign.near_lines import nearest_first
from greenroom.campaign.plan import Choice, make_plan, read_source
from greenroom.campaign.question import Question
from greenroom.campaign.request import Request
from greenroom.model.effectiveness import Effect, Effectiveness
from greenroom.model.settings import Settings
from greenroom.project.files.errors import ConfigurationError
from greenroom.report.effectiveness import answer, render_effectiveness
from tests.campaign.conftest import write
from tests.campaign.marked import MARKED

Ask = Callable[..., Effectiveness]

SHOP = """
LIMITS = {"eu": 5}  # mutant: LIMITS = {"eu": 500}


def price(net):
    total = net * 2  # mutant: total = net * 3
    note = "taxed"  # mutant: note = ""
    return total


def wait(stock):
    while not stock:
        stock = [1]  # mutant: pass
    return stock


def far():
    return 1  # mutant: return 2
"""
TESTS = """
import unittest

import pytest

import shop


class TestShop:
    def test_price(self):
        total = shop.price(1)
        assert total == 2, (
            "twice the net"
        )
        assert shop.LIMITS["eu"] == 5

    @pytest.mark.parametrize("stock", [0])
    def test_wait(self, stock):
        assert shop.wait(stock) == [1]


@pytest.mark.skip(reason="no stock today")
def test_skipped():
    assert shop.price(1) == 2


@pytest.mark.xfail(reason="some day")
def test_expected():
    assert shop.price(1) == 3


def test_red():
    assert shop.price(1) == 3


@pytest.mark.slow
def test_deselected():
    assert shop.price(1) == 2


class TestOld(unittest.TestCase):
    def setUp(self):
        shop.price(1)

    async def test_never_awaited(self):
        assert shop.price(1) == 2
"""
FILES = {
    "pytest.ini": "[pytest]\naddopts = -m 'not slow'\nmarkers = slow\nfilterwarnings = ignore\n",
    "shop.py": SHOP,
    "tests/test_shop.py": TESTS,
    "tests/conftest.py": "",
    "tests/test_broken.py": "import nothing_of_this_name\n\n\ndef test_it(): ...\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write(folder, FILES)
    return folder


@pytest.fixture(scope="module")
def ask(root: Path) -> Ask:
    def measure(test: str, *incidents: str) -> Effectiveness:
        question = Question(test=test, incidents=incidents or ("marked",))
        request = Request(arguments=("-p", "no:greenroom", "--rootdir", str(root)), workers=1)
        return measure_effectiveness(root, Settings(), [MARKED], request, question)

    return measure


@pytest.fixture(scope="module")
def asked(ask: Ask) -> Effectiveness:
    return ask("tests/test_shop.py")


def lines(found: Effectiveness, root: Path) -> dict[str, str]:
    text = (root / "shop.py").read_text(encoding="utf-8").splitlines()
    return {
        text[each.mutant.place.line - 1].partition("#")[0].strip(): str(each.verdict) for each in found.trials
    }


def test_it_is_red_with_some_of_it_and_green_with_the_rest(asked: Effectiveness, root: Path) -> None:
    assert asked.effect is Effect.PARTLY
    assert lines(asked, root) == {
        'LIMITS = {"eu": 5}': "caught",
        "total = net * 2": "caught",
        'note = "taxed"': "escaped",
        "stock = [1]": "hung",
    }
    assert all(control.held for control in asked.controls)
    assert asked.doubt == ""


def test_what_it_does_not_run_is_named(asked: Effectiveness, root: Path) -> None:
    text = (root / "shop.py").read_text(encoding="utf-8").splitlines()

    assert [text[mutant.place.line - 1].strip() for mutant in asked.elsewhere] == [
        "return 1  # mutant: return 2"
    ]


def test_the_assertion_that_noticed_is_quoted(asked: Effectiveness, root: Path) -> None:
    def text(path: str) -> str:
        return read_source(root / path) or ""

    told = render_effectiveness(asked, text, "full")
    document: dict[str, Any] = json.loads(render_effectiveness(asked, text, "json"))

    assert told.splitlines()[0] == (
        "tests/test_shop.py notices 3 of the 4 failures of TST999 marked that were seeded on lines "
        "that it runs."
    )
    assert 'tests/test_shop.py:12: assert total == 2, ( "twice the net" )' in told
    assert 'tests/test_shop.py:15: assert shop.LIMITS["eu"] == 5' in told
    assert "with it, the test stays green, twice" in told
    assert "CI would stop, and nobody would be told why" in told
    assert [document[name] for name in ("version", "effect", "answer")] == [1, "partly", told.splitlines()[0]]
    by_verdict = {trial["verdict"]: trial for trial in document["trials"][1:]}
    assert by_verdict["caught"]["assertion"].startswith("assert total == 2")
    assert by_verdict["caught"]["by"] == "tests/test_shop.py::TestShop::test_price"
    assert by_verdict["escaped"]["assertion"] == ""


@pytest.mark.parametrize(
    ("test", "is_meant"),
    [
        ("tests/test_a.py::test_it", True),
        ("tests/test_a.py::test_it[1]", True),
        ("backend/tests/test_a.py::test_it", True),
        ("tests/test_a.py::test_item", False),
        ("tests/test_a.py::TestA::test_it", False),
        ("tests/more_test_a.py::test_it", False),
    ],
)
def test_all_variants_are_meant_where_none_is_named(test: str, *, is_meant: bool) -> None:
    question = Question(test="tests/test_a.py::test_it", incidents=("Z1",))

    assert question.matches(test) is is_meant


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("TestShop::test_price", ""),
        ("test_skipped", "it is skipped (no stock today)"),
        ("test_expected", "it is expected to fail (some day), so that its red says nothing"),
        ("test_red", "it is red already, without any defect (AssertionError: assert 2 == 3)"),
        ("TestOld::test_never_awaited", "it is green although not one line of its body runs"),
    ],
)
def test_who_takes_no_part_has_a_reason(asked: Effectiveness, test: str, why: str) -> None:
    (found,) = [each for each in asked.tests if each.id == f"tests/test_shop.py::{test}"]

    assert found.idle == why


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("test_skipped", "it is skipped (no stock today)"),
        ("test_deselected", "it is deselected, by `-k`, `-m` or a plugin"),
        ("TestOld::test_never_awaited", "it is green although not one line of its body runs"),
    ],
)
def test_a_test_that_never_ran_says_nothing(ask: Ask, test: str, why: str) -> None:
    found = ask(f"tests/test_shop.py::{test}")

    assert (found.effect, found.trials) == (Effect.NEVER_RAN, ())
    assert answer(found) == f"tests/test_shop.py::{test} says nothing of TST999 marked: {why}."
    assert len(found.elsewhere) == 5


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("tests/test_shop.py::test_misspelled", "not found: "),
        (
            "tests/test_broken.py::test_it",
            "its module cannot be imported (ModuleNotFoundError: No module named",
        ),
    ],
)
def test_a_test_that_is_not_collected_says_nothing(ask: Ask, test: str, why: str) -> None:
    found = ask(test)

    assert found.effect is Effect.NEVER_RAN
    assert found.never_ran.startswith(why)


def test_what_the_file_of_the_test_names_comes_first(tmp_path: Path) -> None:
    marked = "TOTAL = 1  # mutant: TOTAL = 2\n"
    write(
        tmp_path,
        {
            "desk/a.py": marked,
            "desk/routes/answers.py": marked,
            "test_it.py": "from desk.routes.answers import TOTAL\n\n\ndef test_it():\n    assert TOTAL\n",
        },
    )
    plan = make_plan(tmp_path, Settings(), [MARKED], Choice())

    found = nearest_first(tmp_path, "test_it.py::test_it", plan.mutants)

    assert [mutant.place.path for mutant in found] == ["desk/routes/answers.py", "desk/a.py"]


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("markd", "nobody knows `markd`; did you mean marked?"),
        ("DEP001", "nobody knows `DEP001`; docs/operators.md lists what can be seeded"),
    ],
)
def test_an_incident_that_nobody_knows_is_an_error(ask: Ask, word: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ask("tests/test_shop.py::test_price", word)

    assert caught.value.problems == (f"incident: {problem}",)


def test_an_incident_that_can_happen_nowhere_is_nothing_to_prove(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": "TOTAL = 1\n", "test_shop.py": "def test_it(): pass\n"})
    question = Question(test="test_shop.py::test_it", incidents=("Z1",))

    with pytest.raises(NothingToProveError, match="Z1 marked"):
        measure_effectiveness(tmp_path, Settings(), [MARKED], Request(), question)
