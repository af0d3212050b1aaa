"""A project whose import starts a thread cannot be forked: every failure is tried by a new import, and that is told."""

import pytest

from tests.campaign.conftest import Proved, ProveProject

APP = """
import queue
import threading

ASKED = queue.Queue()
ANSWERED = queue.Queue()


def answer():
    while True:
        ANSWERED.put(ASKED.get() + 1)  # mutant: ANSWERED.put(ASKED.get() + 2)


threading.Thread(target=answer, name="answering", daemon=True).start()


def ask(number):
    ASKED.put(number)
    note = "asked"  # mutant: note = ""
    return ANSWERED.get(timeout=20)
"""
TESTS = """
import app


def test_ask():
    assert app.ask(1) == 2
"""


@pytest.fixture(scope="module")
def proved(prove_project: ProveProject) -> Proved:
    return prove_project({"app.py": APP, "tests/test_app.py": TESTS, "conftest.py": ""}, workers=1)


def test_verdicts_are_true_all_the_same(proved: Proved) -> None:
    assert proved.verdicts() == {"ANSWERED.put(ASKED.get() + 1)": "caught", 'note = "asked"': "escaped"}
    assert all(trial.cold for trial in proved.proof.trials)
    assert proved.proof.doubt == ""
    assert proved.proof.suite.voting == 1


def test_the_reason_is_told(proved: Proved) -> None:
    (notice,) = proved.proof.notices

    assert notice.endswith("importing the tests starts a thread (answering)")
