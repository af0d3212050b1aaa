"""Lines and branches by test: measured on request, or taken from the project's own coverage."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.evidence import LinesRun
from greenroom.project.files.contents import contents_of
from tests.record.suites import GREENROOM, PYTEST, Suite

FILES = {
    "prices.py": """\
        def price(amount):
            if amount > 10:
                return amount * 9
            return amount * 10
    """,
    "test_prices.py": """\
        import pytest
        import prices

        @pytest.mark.parametrize("amount", [1, 20])
        def test_price(amount):
            assert prices.price(amount)

        def test_nothing():
            assert True
    """,
}
LOW = LinesRun(path="prices.py", lines="2,4", branches="2>4,4>-1")
HIGH = LinesRun(path="prices.py", lines="2-3", branches="2>3,3>-1")
OWN = ("--cov=.", "--cov-branch", "--cov-context=test", "--cov-report=")


def lines_of(suite: Suite, *arguments: str, options: tuple[str, ...] = ()) -> dict[str, tuple[LinesRun, ...]]:
    done = suite.run(*GREENROOM, *options, "--", *PYTEST, "-q", *arguments)
    assert done.code == 0, done.out + done.err
    return {test.id.rpartition("::")[2]: test.lines for test in suite.last_recording().tests}


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(root=tmp_path).write(FILES)


def test_lines_are_measured_on_request(suite: Suite) -> None:
    assert lines_of(suite, options=("--with", "coverage")) == {
        "test_price[1]": (LOW,),
        "test_price[20]": (HIGH,),
        "test_nothing": (),
    }
    index = api.line_index(suite.root)
    assert index is not None
    assert index.tests_at("prices.py", 2) == (
        "test_prices.py::test_price[1]",
        "test_prices.py::test_price[20]",
    )
    assert index.tests_at("prices.py", 3) == ("test_prices.py::test_price[20]",)
    assert index.tests_at("prices.py", 99) == ()
    assert index.speaks_for("prices.py", contents_of(suite.root))
    (suite.root / "prices.py").write_text("def price(amount):\n    return 1\n")
    assert not index.speaks_for("prices.py", contents_of(suite.root))


def test_nobody_measures_unasked(suite: Suite) -> None:
    assert set(lines_of(suite).values()) == {()}
    assert api.line_index(suite.root) is None


@pytest.mark.parametrize("options", [(), ("--with", "coverage")])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_what_the_project_measures_itself_is_taken_over(
    suite: Suite, options: tuple[str, ...], workers: tuple[str, ...]
) -> None:
    found = lines_of(suite, *OWN, *workers, options=options)

    assert found == {"test_price[1]": (LOW,), "test_price[20]": (HIGH,), "test_nothing": ()}
    assert (suite.root / ".coverage").is_file()


def test_coverage_without_contexts_is_said_to_be_of_no_use(suite: Suite) -> None:
    assert set(lines_of(suite, "--cov=.", "--cov-report=").values()) == {()}
    (note,) = suite.last_recording().run.notes
    assert "--cov-context=test" in note


def test_data_of_an_earlier_run_is_not_taken(suite: Suite) -> None:
    assert lines_of(suite, *OWN)["test_price[1]"] == (LOW,)

    assert set(lines_of(suite).values()) == {()}


def test_coverage_run_with_dotted_contexts(suite: Suite) -> None:
    configuration = "[run]\ndynamic_context = test_function\nbranch = true\ndata_file = kept/data\n"
    plain = "import prices\n\n\ndef test_low():\n    assert prices.price(1)\n"
    suite.write({".coveragerc": configuration, "test_low.py": plain})
    (suite.root / "kept").mkdir()
    done = suite.run(*GREENROOM, "--", PYTEST[0], "-m", "coverage", "run", *PYTEST[1:], "-q")
    assert done.code == 0, done.out + done.err

    found = {test.id.rpartition("::")[2]: test.lines for test in suite.last_recording().tests}
    assert found["test_low"] == (LOW,)
    assert found["test_price[1]"] == ()  # its name does not say with which parameter


def test_tests_of_unittest(suite: Suite) -> None:
    suite.write(
        {
            "test_unit.py": """\
            import unittest
            import prices

            class PriceTest(unittest.TestCase):
                def test_low(self):
                    self.assertEqual(prices.price(1), 10)
        """,
        }
    )
    done = suite.run(*GREENROOM, "--with", "coverage", "--", PYTEST[0], "-m", "unittest", "-q", "test_unit")
    assert done.code == 0, done.out + done.err

    (test,) = suite.last_recording().tests
    assert test.lines == (LOW,)
    assert test.crossings == ()
