"""Tests in quarantine under real runners: they run, and do not block until they expire."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from greenroom.model.evidence import Outcome
from tests.record.suites import PYTEST, Suite

TODAY = datetime.now(UTC).astimezone().date()
LATER, BEFORE = TODAY + timedelta(days=30), TODAY - timedelta(days=30)
TESTS = """\
    import unittest

    import pytest


    def test_steady():
        assert 1


    @pytest.mark.parametrize("n", [1, 2])
    def test_flaky(n):
        assert n == 1


    @pytest.fixture
    def broken():
        yield
        raise LookupError("in tear-down")


    def test_torn_down(broken):
        assert 1


    class TestOld(unittest.TestCase):
        def test_method(self):
            self.assertEqual(1, 2)


    def test_expired():
        assert 0
    """
QUIET = ("-p", "no:asyncio", "-q", "-rx")


def entry(test: str, expires: object = LATER) -> str:
    return f'[[test]]\nid = "{test}"\nreason = "ticket 7"\nowner = "ann"\nexpires = {expires}\n'


QUARANTINE = "".join(
    entry(f"tests/test_a.py::{name}") for name in ("test_flaky", "test_torn_down", "TestOld::test_method")
)
EXPIRED = entry("tests/test_a.py::test_expired", BEFORE)


@pytest.fixture
def quarantined(suite: Suite) -> Suite:
    return suite.write({"tests/test_a.py": TESTS}).write({"greenroom-quarantine.toml": QUARANTINE})


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_it_runs_and_does_not_block(quarantined: Suite, workers: tuple[str, ...]) -> None:
    arguments = (*PYTEST, *QUIET, *workers, "--deselect", "tests/test_a.py::test_expired")

    plain = quarantined.run(*arguments)
    ran = quarantined.run(*arguments, "--greenroom-quarantine")

    assert plain.code == 1
    assert ran.code == 0, ran.out
    assert re.search(r"3 passed.*, 3 xfailed", ran.out)
    assert f"quarantined until {LATER} (ann): ticket 7" in ran.out


def test_what_has_expired_blocks_again_and_is_said(quarantined: Suite) -> None:
    quarantined.write({"greenroom-quarantine.toml": QUARANTINE + EXPIRED})

    ran = quarantined.run(*PYTEST, *QUIET, "--greenroom-quarantine")

    assert ran.code == 1
    assert "1 failed, 3 passed, 3 xfailed" in ran.out
    assert (
        f"the quarantine of tests/test_a.py::test_expired expired on {BEFORE} (ann): it blocks again"
        in ran.out
    )


def test_a_recorded_run_knows_the_truth(quarantined: Suite) -> None:
    ran = quarantined.record(*QUIET, "--deselect", "tests/test_a.py::test_expired")

    assert ran.code == 0, ran.out
    assert ran.test("test_flaky[2]").outcome is Outcome.FAILED
    assert ran.test("test_flaky[1]").outcome is Outcome.PASSED
    assert ran.test("test_torn_down").outcome is Outcome.ERROR


def test_the_file_may_stand_above_and_is_found_from_below(suite: Suite) -> None:
    suite.write({"backend/pytest.ini": "[pytest]\n", "backend/test_a.py": "def test_a():\n    assert 0\n"})
    suite.write({"greenroom-quarantine.toml": entry("backend/test_a.py::test_a"), ".git/config": ""})
    below = Suite(root=suite.root / "backend")

    assert below.run(*PYTEST, *QUIET).code == 1
    assert below.run(*PYTEST, *QUIET, "--greenroom-quarantine").code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[test]\n", "cannot be read"),
        ('[[test]]\nid = "a.py::b"\n', "entry 1 (a.py::b) needs reason, owner, expires"),
        (entry("a.py::b", '"soon"'), "needs expires"),
        ("[tests]\n", "holds [[test]] entries only, not tests"),
        (entry("a.py::b") + "colour = 1\n", "knows no colour"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_nothing_runs(suite: Suite, text: str, told: str) -> None:
    suite.write({"test_a.py": "def test_a():\n    pass\n", "greenroom-quarantine.toml": text})

    ran = suite.run(*PYTEST, "--greenroom-quarantine")

    assert ran.code == 4
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_without_being_asked_nothing_changes(quarantined: Suite, tmp_path: Path) -> None:
    ran = quarantined.run(*PYTEST, *QUIET)

    assert (ran.code, "xfailed" in ran.out, tmp_path.exists()) == (1, False, True)
