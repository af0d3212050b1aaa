"""The score of small projects on disk: what counts, what does not apply, what it opens into."""

from pathlib import Path
from textwrap import dedent

import pytest

from greenroom import api
from greenroom.model.mode import Family
from greenroom.model.score import FamilyScore, Score

BLOCKING = """
    import requests
    from fastapi import FastAPI

    app = FastAPI()


    @app.get("/rates")
    async def rates():
        return requests.get("https://rates.example", timeout=5).json(){comment}


    @app.get("/health")
    async def health():
        return {{}}
"""
TEST = """
    from fastapi.testclient import TestClient

    from main import app


    def test_health():
        assert TestClient(app).get("/health").json() == {}
"""


def score_of(root: Path, **files: str) -> Score:
    for name, text in files.items():
        (root / f"{name}.py").write_text(dedent(text))
    return api.audit(root).score


def family(score: Score, family: Family) -> FamilyScore:
    return next(part for part in score.families if part.family is family)


def counts(score: Score, of: Family) -> dict[str, tuple[int, int]]:
    return {fact.name: (fact.achieved, fact.total) for fact in family(score, of).facts}


def test_a_family_without_exposure_does_not_apply(tmp_path: Path) -> None:
    score = score_of(tmp_path, main="def add(a, b):\n    return a + b\n")

    assert {part.family for part in score.families if part.value is not None} == {Family.STARTUP}


@pytest.mark.parametrize(
    ("wanted", "text", "counted"),
    [
        ("", "def broken(:\n    return 1\n", (1, 2)),
        (">=3.99", "def broken(:\n    return 1\n", (1, 1)),
        ("", "def {{ name }}():\n    return 1\n", (1, 1)),
    ],
)
def test_a_file_that_does_not_parse_is_no_module_that_imports(
    tmp_path: Path, wanted: str, text: str, counted: tuple[int, int]
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'shop'\nrequires-python = '{wanted}'\n")

    score = score_of(tmp_path, main="def add(a, b):\n    return a + b\n", other=text)

    assert counts(score, Family.STARTUP) == {"modules that import": counted}


def test_nothing_that_is_only_read_gets_more_than_the_cap(tmp_path: Path) -> None:
    score = score_of(tmp_path, main="def add(a, b):\n    return a + b\n")

    assert score.cap < 10
    assert score.overall == score.cap
    assert all(part.value is None or part.value <= part.cap == score.cap for part in score.families)


def test_an_entry_point_that_holds_the_loop_counts_against_the_loop(tmp_path: Path) -> None:
    score = score_of(tmp_path, main=BLOCKING.format(comment=""), test_main=TEST)

    assert counts(score, Family.EVENT_LOOP) == {"loop kept free": (1, 2)}
    assert family(score, Family.EVENT_LOOP).value == score.cap / 2


def test_what_a_reason_in_the_code_explains_away_does_not_count(tmp_path: Path) -> None:
    comment = "  # greenroom: ignore[EVL001] a batch job, nobody waits"
    score = score_of(tmp_path, main=BLOCKING.format(comment=comment), test_main=TEST)

    assert counts(score, Family.EVENT_LOOP) == {"loop kept free": (2, 2)}


def test_a_baseline_hides_findings_and_leaves_the_score(tmp_path: Path) -> None:
    before = score_of(tmp_path, main=BLOCKING.format(comment=""), test_main=TEST)
    api.update_baseline(tmp_path)
    after = api.audit(tmp_path)

    assert [finding.code for finding in after.findings if finding.shown] == []
    assert after.score == before


def test_the_tests_are_counted_as_their_users_would(tmp_path: Path) -> None:
    score = score_of(tmp_path, main=BLOCKING.format(comment=""), test_main=TEST)

    assert counts(score, Family.TESTS) == {
        "HTTP routes requested": (1, 2),
        "dependencies crossed for real": (0, 1),
        "dependency failures provoked": (0, 1),
        "tests that run": (1, 1),
        "tests that can fail": (1, 1),
        "tests over an interface": (1, 1),
    }
    bar = next(bar for bar in score.bars if bar.name == "HTTP routes requested")
    assert (bar.covered, bar.missing) == (("GET /health",), ("GET /rates",))


def test_a_family_is_the_weighted_mean_of_its_facts(tmp_path: Path) -> None:
    tests = family(score_of(tmp_path, main=BLOCKING.format(comment=""), test_main=TEST), Family.TESTS)

    weight = sum(fact.weight for fact in tests.facts)
    mean = sum(fact.weight * fact.achieved / fact.total for fact in tests.facts) / weight
    assert tests.value == round(mean * tests.cap, 1)


@pytest.mark.parametrize(
    ("tests", "verdict"),
    [
        ({}, "There is no green to trust: no test was found."),
        (
            {"test_main": TEST},
            (
                "Green means little here. Least of all: dependencies crossed for real (0 of 1), "
                "dependency failures provoked (0 of 1)."
            ),
        ),
    ],
)
def test_the_verdict_is_a_sentence(tmp_path: Path, tests: dict[str, str], verdict: str) -> None:
    assert score_of(tmp_path, main=BLOCKING.format(comment=""), **tests).verdict == verdict


def test_without_tests_their_family_gets_nothing(tmp_path: Path) -> None:
    score = score_of(tmp_path, main=BLOCKING.format(comment=""))

    assert family(score, Family.TESTS).value == 0
