"""Slow and leaking failures that no assertion sees: what our sensors notice, and where they have no say."""

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from greenroom.campaign.crew import Crew
from greenroom.campaign.observation import Observation
from greenroom.campaign.request import Request
from greenroom.campaign.run import prove
from greenroom.campaign.sensing import with_sensors
from greenroom.model.mode import FailureMode
from greenroom.model.operator import Symptom
from greenroom.model.proof import Proof, Trial
from greenroom.model.settings import Settings
from greenroom.report.proof import render_proof
from tests.campaign.conftest import write
from tests.campaign.marked import MARKED

APP = """
import asyncio
import socket
import time

KEPT = []


def read():
    time.sleep(0.001)
    return 1


async def offloaded():
    return await asyncio.to_thread(read)  # mutant: return read()


async def noisy():
    time.sleep(0.15)
    return await asyncio.to_thread(read)  # mutant: return read()


def released(port):
    KEPT.append(socket.create_connection(("127.0.0.1", port)))
    KEPT[-1].close()  # mutant: pass
    return 1


def untidy(port):
    KEPT.append(socket.create_connection(("127.0.0.1", port)))
    KEPT.append(socket.create_connection(("127.0.0.1", port)))
    KEPT[-1].close()  # mutant: pass
    return 1


def noted():
    note = "read"  # mutant: note = ""
    return 1


def asserted():
    return 1  # mutant: return 2
"""
TESTS = """
import asyncio
import socket

import pytest

import app


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_offloaded():
    assert asyncio.run(app.offloaded()) == 1


def test_noisy():
    assert asyncio.run(app.noisy()) == 1


def test_released(port):
    assert app.released(port) == 1


def test_untidy(port):
    assert app.untidy(port) == 1


def test_others():
    assert app.noted() == app.asserted() == 1
"""


def marked(symptom: Symptom) -> FailureMode:
    (operator,) = MARKED.operators
    return replace(MARKED, operators=(replace(operator, symptom=symptom),))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write(folder, {"app.py": APP, "test_app.py": TESTS, "pytest.ini": "[pytest]\n"})
    return folder


@pytest.fixture(scope="module")
def watched(root: Path) -> Proof:
    request = Request(arguments=("-p", "no:greenroom"), sensors=True, workers=2)
    return prove(root, Settings(), [marked(Symptom.LEAK)], request)


def at(proof: Proof, line: str) -> Trial:
    numbers = [number for number, text in enumerate(APP.splitlines(), start=1) if line in text]
    (found,) = [trial for trial in proof.trials if trial.mutant.place.line in numbers[-1:]]
    return found


def test_a_call_that_blocks_the_loop_is_noticed(watched: Proof) -> None:
    (found, noisy) = [trial for trial in watched.trials if "to_thread" in trial.diff]

    assert (found.verdict, found.sensed_by) == ("escaped", "test_app.py::test_offloaded")
    assert "`time.sleep`" in found.sensed
    assert found.sensed.endswith(", app.py:10")
    assert (noisy.verdict, noisy.sensed) == ("escaped", "")  # the sensor reports of its test anyhow


def test_a_connection_that_is_left_behind_is_noticed(watched: Proof) -> None:
    (found, untidy) = [trial for trial in watched.trials if "KEPT[-1].close()" in trial.diff]

    assert (found.verdict, found.sensed_by) == ("escaped", "test_app.py::test_released")
    assert found.sensed.startswith("a connection is left behind (127.0.0.1:")
    assert (untidy.verdict, untidy.sensed) == ("escaped", "")


def test_two_rates_are_told(watched: Proof) -> None:
    assert at(watched, "return 1  # mutant").verdict == "caught"
    assert at(watched, "note = ").sensed == ""
    told = render_proof(watched, "full")

    assert (watched.rate.count, watched.rate_with_sensors.count, watched.rate.of) == (5, 3, 6)
    assert watched.doubt == ""
    assert (
        "Slow and leaking failures, which assertions do not see: of 6 failures, 5 escape (83.3 %, 43.6–97.0 %) your "  # noqa: RUF001
        "tests, and 3 escape (50.0 %, 18.8–81.2 %) your tests with Greenroom's sensors." in told  # noqa: RUF001
    )
    assert "  sensors would have: " in told


def test_failures_that_an_assertion_can_see_are_not_watched(watched: Proof) -> None:
    def start(_slot: int, _warm: bool) -> NoReturn:  # noqa: FBT001  - as a crew asks
        pytest.fail("nothing is to be tried")

    trials = [
        replace(trial, mutant=replace(trial.mutant, symptom=Symptom.RESULT), sensed="", sensed_by="")
        for trial in watched.trials
    ]
    with Crew(1, start) as crew:
        assert with_sensors(trials, (), Observation(), crew, lambda *_: None) == (trials, 0)
    told = render_proof(replace(watched, trials=tuple(trials)), "full")
    assert "Sensors had nothing to do" in told


def test_nobody_is_told_of_sensors_who_did_not_ask(watched: Proof) -> None:
    told = render_proof(replace(watched, sensors=False), "full")

    assert "Greenroom's sensors" not in told
    assert '"with_sensors": null' in render_proof(replace(watched, sensors=False), "json")
