"""Runs again and again: what they tell is true, and its one line makes it happen again."""

import json
import shlex
import sys
from collections.abc import Sequence

import pytest

from greenroom.model.flakiness import Cause, Kind, Order, Repetition
from greenroom.model.settings import Settings
from greenroom.record.repeat.culprits import find_culprit
from greenroom.store.flakiness import recall_repetitions
from tests.record.suites import GREENROOM, Ran, Suite

PYTHON = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
TESTS = """\
    import random

    CART = []


    def test_empty():
        assert not CART


    def test_buy():
        CART.append(1)
        assert CART


    def test_chance():
        assert random.random() < 0.5


    def test_steady():
        assert 1
    """
SEED = 0
"""With which both outcomes, and both orders, turn up in three runs of each kind."""


def newest(suite: Suite) -> Repetition:
    return recall_repetitions(suite.root, Settings())[0]


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Suite, Ran]:
    suite = Suite(root=tmp_path_factory.mktemp("repeated")).write({"tests/test_a.py": TESTS})
    plan = ("--repeat", "3", "--shuffle", "--isolate", "--seed", str(SEED))
    return suite, suite.run(*GREENROOM, *plan, "--", *PYTHON)


def test_what_is_told(repeated: tuple[Suite, Ran]) -> None:
    suite, ran = repeated
    repetition = newest(suite)

    assert ran.code == 1
    assert {finding.id.partition("::")[2]: finding.kind for finding in repetition.findings} == {
        "test_empty": Kind.ORDER_DEPENDENT,
        "test_chance": Kind.FLAKY,
    }
    assert (repetition.rate.count, repetition.rate.of) == (2, 4)
    by_kind = {finding.kind: finding for finding in repetition.findings}
    (hint,) = [hint for hint in by_kind[Kind.FLAKY].hints if hint.measured]
    assert hint.cause is Cause.RANDOMNESS
    (hint,) = [hint for hint in by_kind[Kind.ORDER_DEPENDENT].hints if hint.measured]
    assert (hint.cause, "fails after `tests/test_a.py::test_buy`" in hint.evidence) == (Cause.ORDER, True)
    ended = {each.order: each for each in by_kind[Kind.ORDER_DEPENDENT].ended}
    assert (ended[Order.SAME].failed, ended[Order.SAME].of) == (0, 3)
    assert ended[Order.SHUFFLED].failed > 0
    assert (ended[Order.ALONE].failed, ended[Order.ALONE].of) == (0, 1)


def test_one_line_reproduces_each(repeated: tuple[Suite, Ran]) -> None:
    suite, _ = repeated

    for finding in newest(suite).findings:
        line = shlex.split(finding.reproduce)
        command = [*GREENROOM, *line[2:]] if line[0] == "greenroom" else line
        ran = suite.run(*command)
        assert ran.code == 1, (finding.reproduce, ran.out, ran.err)
        assert finding.id.rpartition("::")[2] in ran.out


def test_the_output_is_that_of_the_first_run(repeated: tuple[Suite, Ran]) -> None:
    _, ran = repeated

    assert ran.out.count("test session") + ran.out.count(" passed") == 1


def test_nothing_is_left_behind_but_the_first_run(repeated: tuple[Suite, Ran]) -> None:
    suite, _ = repeated

    assert not (suite.root / ".greenroom" / "repeats").exists()
    assert newest(suite).id in {folder.name for folder in (suite.root / ".greenroom" / "runs").iterdir()}


def test_flaky_shows_it_again(repeated: tuple[Suite, Ran]) -> None:
    suite, ran = repeated

    shown = suite.run(sys.executable, "-m", "greenroom", "flaky")
    document = json.loads(
        suite.run(sys.executable, "-m", "greenroom", "flaky", "--output-format", "json").out
    )

    assert shown.code == 1
    for line in shown.out.splitlines():
        assert line in ran.err
    assert "tests/test_a.py:6:1: TST012 `test_empty` depends on the tests before it" in shown.out
    assert (document["version"], document["share"], len(document["findings"])) == (1, 0.5, 2)


def test_flaky_without_repeated_runs(suite: Suite) -> None:
    ran = suite.run(sys.executable, "-m", "greenroom", "flaky")

    assert (ran.code, ran.out) == (5, "")
    assert "greenroom record --repeat" in ran.err


def test_one_seed_one_order_also_in_workers(suite: Suite) -> None:
    bodies = "".join(f"def test_{number}():\n    pass\n" for number in range(12))
    suite.write({"tests/test_a.py": bodies, "tests/test_b.py": bodies})

    def order(seed: int, *arguments: str) -> list[str]:
        ran = suite.run(*GREENROOM, "--shuffle", "--seed", str(seed), "--", *PYTHON, "-v", *arguments)
        assert ran.code == 0, ran.err
        return [test.id for test in suite.last_recording().tests]

    first = order(5)
    assert order(5) == first
    assert sorted(order(5, "-n", "2")) == sorted(first)
    assert order(6) != first
    modules = [name.partition("::")[0] for name in first]
    assert modules in (sorted(modules), sorted(modules, reverse=True))


def test_what_is_no_pytest_is_repeated_all_the_same(suite: Suite) -> None:
    test = """\
        import pathlib
        import unittest


        class Case(unittest.TestCase):
            def test_it(self):
                file = pathlib.Path("count")
                number = int(file.read_text()) if file.exists() else 0
                file.write_text(str(number + 1))
                self.assertEqual(number % 2, 0)
        """
    suite.write({"test_u.py": test})

    ran = suite.run(*GREENROOM, "--repeat", "2", "--", sys.executable, "-m", "unittest")

    assert ran.code == 1
    (finding,) = newest(suite).findings
    assert (finding.kind, finding.id) == (Kind.FLAKY, "test_u.py::Case::test_it")


def test_who_decides_is_found_by_halving() -> None:
    before = [f"test_{number}" for number in range(40)]

    for culprit in ("test_0", "test_23", "test_39"):
        assert find_culprit(before, lambda tests, one=culprit: one in tests) == culprit  # type: ignore[misc]


def test_nobody_is_accused_where_it_takes_two_or_where_runs_disagree() -> None:
    before = [f"test_{number}" for number in range(8)]
    answers = iter([True, True, True, True, False])

    def both(tests: Sequence[str]) -> bool:
        return {"test_1", "test_6"} <= set(tests)

    assert find_culprit(before, both) == ""
    assert find_culprit(before, lambda _: next(answers)) == ""
    assert find_culprit([], lambda _: True) == ""
