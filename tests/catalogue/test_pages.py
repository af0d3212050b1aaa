"""The promises that every entry of the catalogue makes; its page is documentation, specification and test.

A case is a project of its own. A finding that is shown (definite or probable) must stand on a line that
ends in `# ! CODE`, and each such line must have one. What counts is the finding's own place: the line that
a reader clicks. Its sites and the hops of its chain carry no mark.
"""

import re
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path, PurePosixPath

import pytest

from greenroom import api, catalogue
from greenroom.catalogue import all_modes
from greenroom.detect.run import detect
from greenroom.model.finding import Confidence, Finding
from greenroom.model.mode import FailureMode
from greenroom.model.settings import Settings
from greenroom.project.project import read_project
from tests.catalogue.cases import Case, read_page
from tests.conftest import WriteProject
from tests.history.repositories import begin

MODES = all_modes()
BY_CODE = {mode.code: mode for mode in MODES}
CATALOGUE = Path(str(files(catalogue)))
TWO_SENTENCES = re.compile(r"[.!?][)\"”]?\s+[A-Z]")
QUOTED = re.compile(r"`[^`]*`")


def _is_readable(mode: FailureMode) -> bool:
    """One bad page must not hide what the others promise; `test_the_page_can_be_read` tells of it."""
    try:
        read_page(mode)
    except (OSError, AssertionError):
        return False
    return True


READABLE = {mode.code for mode in MODES if _is_readable(mode)}

each_mode = pytest.mark.parametrize("mode", [pytest.param(mode, id=mode.code) for mode in MODES])
each_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{mode.code}-{case.section.lower()}-{case.title}")
        for mode in MODES
        if mode.code in READABLE and mode.detector  # `test_repeated` holds the others to their pages
        for case in read_page(mode).cases
    ],
)


def test_codes_and_names_are_unique() -> None:
    assert len({mode.code for mode in MODES}) == len(MODES) > 0
    assert len({mode.name for mode in MODES}) == len(MODES)


def test_every_page_belongs_to_an_entry() -> None:
    pages = {page.relative_to(CATALOGUE).as_posix() for page in CATALOGUE.rglob("*.md")}

    assert pages == {str(module.with_suffix(".md")) for module in _modules().values()}


@each_mode
def test_code_and_name_follow_the_rules(mode: FailureMode) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d{3}", mode.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", mode.name)
    assert mode.code.startswith(mode.family)
    assert _modules()[mode.code].parent == PurePosixPath(mode.family.name.lower())


@each_mode
def test_every_entry_says_what_happens_and_what_to_do(mode: FailureMode) -> None:
    for text in (mode.summary, mode.consequence, mode.remedy, mode.source):
        assert text.strip()
    for text in (mode.summary, mode.consequence, mode.remedy):
        assert is_one_sentence(text), text


@each_mode
def test_the_page_can_be_read(mode: FailureMode) -> None:
    assert read_page(mode).title.startswith("# ")


@each_mode
def test_the_page_says_why_and_from_where(mode: FailureMode) -> None:
    page = read_page(mode)

    assert page.title == f"# {mode.name} ({mode.code})"
    assert len(page.prose.split()) >= 30
    assert re.search(r"\bSources?:", page.prose)


@each_mode
def test_every_entry_is_seen_through_some_lens(mode: FailureMode) -> None:
    assert mode.lenses


@pytest.mark.parametrize("mode", [pytest.param(mode, id=mode.code) for mode in MODES if mode.detector])
def test_the_page_shows_what_is_flagged_and_what_is_accepted(mode: FailureMode) -> None:
    sections = [case.section for case in read_page(mode).cases]

    assert sections.count("Flagged") >= 2
    assert sections.count("Accepted") >= 2


@each_case
def test_findings_stand_exactly_where_the_page_says(case: Case, write_project: WriteProject) -> None:
    assert case.files
    assert not case.foreign
    assert bool(case.marked) == (case.section == "Flagged")
    root = write_project(case.before or case.files)
    if case.before:
        live_on(root, case)

    shown = [
        finding
        for finding in findings(root, case.code, has_history=bool(case.before))
        if finding.confidence is not Confidence.POSSIBLE
    ]

    assert {(finding.place.path, finding.place.line) for finding in shown} == case.marked
    for finding in shown:
        assert is_one_sentence(finding.message), finding.message
        assert is_one_sentence(finding.consequence), finding.consequence
        assert is_one_sentence(finding.remedy), finding.remedy


def findings(root: Path, code: str, *, has_history: bool = False) -> tuple[Finding, ...]:
    project = read_project(root, Settings())
    if has_history:
        project = replace(project, deletions=api.history(root, Settings()).deletions)
    return detect(project, [BY_CODE[code]])


def live_on(root: Path, case: Case) -> None:
    """Commit what is there, then what the case says comes after it."""
    story = begin(root)
    story.commit("before", {})
    gone = dict.fromkeys(case.before.keys() - case.files.keys())
    story.commit("after", {**gone, **case.files})


def is_one_sentence(text: str) -> bool:
    """Not empty, no full stop at its end, none in between; what is quoted is not ours."""
    words = QUOTED.sub("x", text).strip()
    return bool(words) and not words.endswith(".") and not TWO_SENTENCES.search(words)


def _modules() -> dict[str, PurePosixPath]:
    """Where each entry stands, relative to the catalogue, by code."""
    found = {}
    for file in CATALOGUE.rglob("*.py"):
        path = file.relative_to(CATALOGUE)
        name = ".".join((catalogue.__name__, *path.with_suffix("").parts))
        mode = getattr(import_module(name), "MODE", None)
        if mode is not None:
            found[mode.code] = PurePosixPath(path.with_suffix("").as_posix())
    return found
