"""An audit rests on what a run of the tests has observed; the shop is recorded by real processes."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.model.finding import Confidence, Finding
from greenroom.model.mode import Family
from greenroom.model.score import Bar, FamilyScore
from greenroom.model.test_case import Interface, TestCase
from tests.conftest import RunGreenroom
from tests.record.suites import PYTEST, clean

Shop = Callable[[], Path]


@pytest.fixture(scope="module")
def audit(recorded_shop: Path) -> Audit:
    return api.audit(recorded_shop)


@pytest.fixture(scope="module")
def read(recorded_shop: Path) -> Audit:
    return api.audit(recorded_shop, replace(api.configure(recorded_shop), evidence="none"))


def case(audit: Audit, name: str) -> TestCase:
    (found,) = [test for test in audit.tests if test.symbol == name]
    return found


def finding(audit: Audit, code: str, symbol: str) -> Finding:
    (found,) = [each for each in audit.findings if each.code == code and each.place.symbol == symbol]
    return found


def bar(audit: Audit, name: str) -> Bar:
    (found,) = [each for each in audit.score.bars if each.name == name]
    return found


def family(audit: Audit, family: Family) -> FamilyScore:
    return next(part for part in audit.score.families if part.family is family)


@pytest.mark.parametrize(
    ("name", "interface", "reason"),
    [
        ("test_over_a_socket", Interface.REAL, "observed: a server answered POST /orders"),
        (
            "test_in_process",
            Interface.IN_PROCESS,
            "observed: the application answered GET /orders/{number} in the same process",
        ),
        (
            "test_a_client_that_asks_nothing",
            Interface.DIRECT,
            "observed: nothing was crossed of what reads as in-process",
        ),
        (
            "test_the_bank_is_a_double",
            Interface.MOCKED,
            "observed: MagicMock stood in the place of httpx.get",
        ),
        (
            "test_the_bank_answers",
            Interface.DIRECT,
            "observed: it ran production code, and came in over no interface",
        ),
        (
            "test_price",
            Interface.DIRECT,
            "observed: it ran production code, and came in over no interface",
        ),
    ],
)
def test_labels_come_from_what_a_test_did(audit: Audit, name: str, interface: Interface, reason: str) -> None:
    found = case(audit, name)

    assert (found.interface, found.observed) == (interface, True)
    assert found.reasons[-1] == reason


def test_a_request_of_the_tests_own_client_is_no_dependency_of_the_product(audit: Audit) -> None:
    (point,) = audit.integration_points

    assert point.observed
    assert point.tests_real == ("tests/test_rates.py::test_the_bank_answers",)
    assert point.tests_doubled == ("tests/test_rates.py::test_the_bank_is_a_double",)
    assert point.failures_provoked == ("tests/test_rates.py::test_the_bank_is_away",)


def test_what_the_run_refutes_is_hidden_with_the_reason(audit: Audit, read: Audit) -> None:
    asserting = finding(audit, "TST001", "test_price_by_a_way_nobody_can_read")
    failing = finding(audit, "TST009", "rate")
    collected = finding(audit, "TST005", "test_late")

    assert not any(each.shown for each in (asserting, failing, collected))
    assert asserting.hidden_because == "refuted by the recorded run: 1 assertions were executed in it"
    assert failing.hidden_because == (
        "refuted by the recorded run: in tests/test_rates.py::test_the_bank_is_away it failed with httpx.ConnectError"
    )
    assert collected.hidden_because == "refuted by the recorded run: the run contained what it names"
    assert not any(each.hidden_because.startswith("refuted") for each in read.findings)
    assert audit.evidence is not None
    assert audit.evidence.refuted == 3


def test_what_the_run_confirms_is_definite(audit: Audit, read: Audit) -> None:
    for code, symbol in (("TST001", "test_price_of_nothing"), ("TST006", "test_with_the_real_bank")):
        assert finding(read, code, symbol).confidence is Confidence.PROBABLE
        assert finding(audit, code, symbol).confidence is Confidence.DEFINITE
        assert finding(audit, code, symbol).shown


def test_bars_are_counted_in_the_run(audit: Audit, read: Audit) -> None:
    assert bar(audit, "tests over an interface").measured
    assert bar(audit, "tests over an interface").covered == (
        "tests/test_routes.py::test_in_process",
        "tests/test_routes.py::test_over_a_socket",
    )
    assert bar(audit, "tests that run").missing == ("tests/test_rates.py::test_with_the_real_bank",)
    assert not any(each.measured for each in read.score.bars)


def test_the_score_may_rise_above_what_reading_gives(audit: Audit, read: Audit) -> None:
    tests, errors = family(audit, Family.TESTS), family(audit, Family.ERRORS)

    assert read.score.cap == 7.0
    assert audit.score.cap > 7.0
    assert 7.0 < tests.cap < 8.0
    assert {fact.name for fact in tests.facts if fact.measured} >= {"tests that run", "HTTP routes requested"}
    assert family(read, Family.TESTS).cap == 7.0
    assert errors.touched is not None
    assert (errors.touched.achieved, errors.touched.total) == (1, 2)


def test_the_figures_of_the_run(audit: Audit) -> None:
    assert audit.evidence is not None
    figures = {each.name: each for each in audit.evidence.coverage}

    assert figures["endpoints"].covered == ("GET /orders/{number}", "POST /orders")
    assert figures["sockets"].missing == ("/prices",)
    assert figures["integration points"].covered == ("http via httpx",)
    assert figures["error paths"].missing == ("shop/rates.py:10 rate",)
    assert figures["critical paths"].covered == ("POST /orders",)
    assert figures["critical paths"].missing == ("DELETE /orders/{number}",)
    assert figures["doubles of the right shape"].total == 1


def test_tests_that_show_nothing_of_their_own_can_be_deleted(audit: Audit) -> None:
    assert audit.evidence is not None
    assert audit.evidence.redundant is not None
    prices = [test.id for test in audit.tests if test.path in ("tests/test_prices.py", "tests/late.py")]

    # Both branches of `price` stay covered by one of them, and each other one may go.
    assert set(prices) - set(audit.evidence.redundant) == {
        "tests/test_prices.py::test_price",
        "tests/test_prices.py::test_price_of_nothing",  # it ran no line: nothing can be said
    }
    assert "tests/test_rates.py::test_the_bank_is_away" not in audit.evidence.redundant
    # Alone in a script of the product, though all that the script calls is covered beside it.
    assert "tests/test_manage.py::test_reprice" not in audit.evidence.redundant


def test_what_is_critical_can_be_named_with_its_worth(shop: Shop) -> None:
    root = shop()
    settings = api.configure(
        root, {"critical": ("GET /orders/{id} 3", "DELETE /orders/{id}", "POST /refunds 2")}
    )

    used = api.audit(root, settings).evidence
    assert used is not None
    (figure,) = [each for each in used.coverage if each.name == "critical paths"]

    assert (figure.achieved, figure.total) == (3, 6)
    assert figure.missing == ("DELETE /orders/{id}", "POST /refunds")


def test_of_files_that_changed_since_nothing_is_taken_from_the_run(shop: Shop) -> None:
    root = shop()
    (root / "shop" / "rates.py").write_text((root / "shop" / "rates.py").read_text() + "\n")
    (root / "tests" / "test_prices.py").write_text((root / "tests" / "test_prices.py").read_text() + "\n")

    audit = api.audit(root)

    assert audit.evidence is not None
    assert audit.evidence.changed == ("shop/rates.py", "tests/test_prices.py")
    assert audit.evidence.tests - audit.evidence.usable == 4
    assert not case(audit, "test_price").observed
    assert finding(audit, "TST001", "test_price_of_nothing").confidence is Confidence.PROBABLE
    assert not finding(audit, "TST009", "rate").hidden_because.startswith("refuted")
    assert case(audit, "test_in_process").observed
    assert "error paths" not in {each.name for each in audit.evidence.coverage}


def test_a_changed_conftest_takes_away_all_tests_below_it(shop: Shop) -> None:
    root = shop()
    (root / "tests" / "conftest.py").write_text("import pytest\n")

    audit = api.audit(root)

    assert audit.evidence is not None
    assert (audit.evidence.tests, audit.evidence.usable) == (12, 0)
    assert not any(test.observed for test in audit.tests)
    assert audit.score.cap == 7.0


def test_a_run_can_be_named_and_one_that_is_not_there_is_an_error(
    greenroom: RunGreenroom, recorded_shop: Path
) -> None:
    (run,) = api.runs(recorded_shop)

    named = greenroom(
        "audit", recorded_shop, "--evidence", run.run.id, "--output-format", "json", "--exit-zero"
    )
    assert json.loads(named.out)["evidence"]["run"] == run.run.id
    missing = greenroom("audit", recorded_shop, "--evidence", "20200101T000000Z-abcdef")
    assert (missing.code, missing.out) == (2, "")
    assert missing.err == (
        "greenroom: the run 20200101T000000Z-abcdef is not in the store; `greenroom runs` lists those that are\n"
    )
    wrong = greenroom("audit", recorded_shop, "--evidence", "newest")
    assert wrong.code == 2
    assert "neither `latest` nor `none` nor the id of a run" in wrong.err
    assert (
        greenroom("audit", recorded_shop, "--evidence", "none", "--exit-zero").out.count("recorded run") == 0
    )


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github", "junit", "markdown", "html"])
def test_every_format_says_on_what_it_rests(greenroom: RunGreenroom, recorded_shop: Path, form: str) -> None:
    (run,) = api.runs(recorded_shop)

    told = greenroom("audit", recorded_shop, "--output-format", form, "--exit-zero").out

    assert run.run.id in told.replace("\\", "")


def test_a_store_that_cannot_be_read_leaves_the_audit_to_reading(greenroom: RunGreenroom, shop: Shop) -> None:
    root = shop()
    (root / ".greenroom" / "greenroom.db").write_bytes(b"not a database, by any means" * 100)

    outcome = greenroom("audit", root, "--output-format", "json", "--exit-zero")
    document = json.loads(outcome.out)

    assert outcome.code == 0
    assert document["evidence"] is None
    assert any("what was recorded is not used" in notice for notice in document["notices"])


def test_a_baseline_does_not_depend_on_what_somebody_recorded(shop: Shop) -> None:
    root = shop()
    api.update_baseline(root)
    with_run = (root / ".greenroom-baseline.json").read_text()
    (root / ".greenroom-baseline.json").unlink()
    shutil.rmtree(root / ".greenroom")
    api.update_baseline(root)

    assert (root / ".greenroom-baseline.json").read_text() == with_run


NEVER_AWAITED = {
    "pyproject.toml": '[project]\nname = "left"\n',
    "tests/test_left.py": """
        import unittest


        class TestLeft(unittest.TestCase):
            async def test_left(self):
                self.assertEqual(1, 2)

            def test_run(self):
                self.assertEqual(1, 1)
    """,
}


def test_a_test_whose_coroutine_nobody_awaits_is_green_and_did_not_run(tmp_path: Path) -> None:
    for name, text in NEVER_AWAITED.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(dedent(text))
    command = [sys.executable, "-m", "greenroom", "record", "--", *PYTEST, "-q", "-W", "ignore", "tests"]
    done = subprocess.run(command, cwd=tmp_path, env=clean({}), capture_output=True, text=True, check=False)
    assert "2 passed" in done.stdout, done.stdout + done.stderr

    audit = api.audit(tmp_path)

    assert [(each.symbol, each.runs) for each in audit.tests] == [
        ("TestLeft.test_left", False),
        ("TestLeft.test_run", True),
    ]
    assert case(audit, "TestLeft.test_left").reasons[-1] == "observed: its coroutine was never awaited"
    assert (bar(audit, "tests that run").achieved, bar(audit, "tests that can fail").total) == (1, 1)


def test_a_request_in_a_test_that_no_command_runs_is_none(tmp_path: Path) -> None:
    """What is counted in the run, and what the audit counts by it, are one figure."""
    files = {
        "pytest.ini": "[pytest]\naddopts = -m 'not browser'\nmarkers = browser\n",
        "shop.py": """\
            from flask import Flask

            app = Flask(__name__)


            @app.get("/")
            def home():
                return "home"


            @app.get("/list")
            def listed():
                return "list"
        """,
        "test_shop.py": """\
            import pytest

            from shop import app


            def test_home():
                assert app.test_client().get("/").status_code == 200


            @pytest.mark.browser
            class TestPages:
                def listed(self):
                    return app.test_client().get("/list")

                def test_list(self):
                    assert self.listed().status_code == 200
        """,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(dedent(text), encoding="utf-8")
    read = api.audit(tmp_path)
    command = [sys.executable, "-m", "greenroom", "record", "--", *PYTEST, "-q"]
    subprocess.run(command, cwd=tmp_path, env=clean({}), check=True, capture_output=True)

    audit = api.audit(tmp_path)

    assert bar(read, "HTTP routes requested").covered == ("GET /", "GET /list")
    assert audit.evidence is not None
    (endpoints,) = [each for each in audit.evidence.coverage if each.name == "endpoints"]
    assert bar(audit, "HTTP routes requested").covered == endpoints.covered == ("GET /",)
