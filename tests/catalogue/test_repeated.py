"""Pages of failure modes that only repeated runs can show: all of their cases, each in a folder, run in one go."""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from greenroom.catalogue import all_modes
from greenroom.model.settings import Settings
from greenroom.record.recording import read_recording
from greenroom.store.flakiness import recall_repetitions
from tests.catalogue.cases import Case, read_page
from tests.catalogue.test_pages import is_one_sentence
from tests.record.suites import GREENROOM, Suite

REPEATED = [mode for mode in all_modes() if mode.detector is None and mode.recorded]
CASES = [(mode, case) for mode in REPEATED for case in read_page(mode).cases]
SEED = "1"
"""One of those for which both orders of each pair of tests, and both outcomes of each draw, turn up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What repeated runs have told."""

    places: dict[tuple[str, str], set[tuple[str, int]]]
    """By code and folder of the case: path and line of each finding."""
    messages: tuple[str, ...]


def folder_of(case: Case) -> str:
    return re.sub(r"\W+", "_", f"{case.code}_{case.section}_{case.title}".lower())


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    suite = Suite(root=tmp_path_factory.mktemp("repeated"))
    for _, case in CASES:
        suite.write({f"{folder_of(case)}/{path}": text for path, text in case.files.items()})
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib")
    ran = suite.run(*GREENROOM, "--repeat", "3", "--shuffle", "--seed", SEED, "--", *command)
    assert ran.code == 1, ran.err
    codes = {mode.name: mode.code for mode in REPEATED}
    (repetition,) = recall_repetitions(suite.root, Settings())
    places = defaultdict(set)
    for finding in repetition.findings:
        folder, _, path = finding.place.path.partition("/")
        places[codes[finding.kind], folder].add((path, finding.place.line))
    assert len(read_recording(next((suite.root / ".greenroom" / "runs").iterdir())).tests) == repetition.tests
    return Shown(places=dict(places), messages=tuple(finding.message for finding in repetition.findings))


@pytest.mark.parametrize("case", [pytest.param(case, id=folder_of(case)) for _, case in CASES])
def test_findings_stand_exactly_where_the_page_says(case: Case, shown: Shown) -> None:
    assert case.files
    assert not case.foreign
    assert bool(case.marked) == (case.section == "Flagged")
    assert shown.places.get((case.code, folder_of(case)), set()) == case.marked


def test_each_page_flags_and_accepts() -> None:
    assert len(REPEATED) == len({mode.code for mode, case in CASES if case.section == "Flagged"})
    assert len(REPEATED) == len({mode.code for mode, case in CASES if case.section == "Accepted"})


def test_messages_are_sentences(shown: Shown) -> None:
    assert shown.messages
    assert [text for text in shown.messages if not is_one_sentence(text)] == []


def test_the_root_of_a_case_is_no_part_of_it() -> None:
    assert len({folder_of(case) for _, case in CASES}) == len(CASES)
    assert all(Path(path).name.startswith("test_") for _, case in CASES for path in case.files)
