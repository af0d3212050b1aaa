"""A campaign and an audit: which findings say that a failure escaped there, and what it does to the score."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.model.mode import Family
from greenroom.model.noticed import EscapedFailure, Noticed, NoticedFamily
from greenroom.model.rate import Rate
from greenroom.project.files.contents import contents_of
from greenroom.store.latest_proof import keep_noticed

MAIN = """
    import requests
    from fastapi import FastAPI

    app = FastAPI()


    @app.get("/rates")
    async def rates():
        return requests.get("https://rates.example", timeout=5).json()
    """
LINE = 9


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(dedent(MAIN).lstrip())
    return tmp_path


def campaign(
    root: Path, count: int = 3, of: int = 20, narrowed: tuple[str, ...] = (), doubt: str = ""
) -> Noticed:
    rate = Rate(count=count, of=of)
    escape = EscapedFailure(path="main.py", line=LINE, code="DEP001", operator="T1", name="drop-timeout")
    return Noticed(
        at=1.0, contents=contents_of(root), narrowed=narrowed, doubt=doubt, rate=rate, seeded=25, escapes=(escape,),
        families=(NoticedFamily(family=Family.EVENT_LOOP, seeded=25, rate=rate),),
    )  # fmt: skip


def event_loop(audit: Audit) -> tuple[float | None, float, list[str]]:
    found = next(each for each in audit.score.families if each.family is Family.EVENT_LOOP)
    return found.value, found.cap, [fact.name for fact in found.facts if fact.proven]


def test_a_finding_on_whose_line_a_failure_escaped_says_so(root: Path) -> None:
    keep_noticed(root, campaign(root))

    escapes = {(each.code, each.place.line): each.escapes for each in api.audit(root).findings}

    assert escapes["EVL001", LINE] == ("T1 drop-timeout",)
    assert not any(found for (_, line), found in escapes.items() if line != LINE)


def test_a_file_that_has_changed_says_nothing_and_is_named(root: Path) -> None:
    keep_noticed(root, campaign(root))
    before = (root / "main.py").read_text()
    (root / "main.py").write_text(f"import os\n{before}")

    audit = api.audit(root)

    assert audit.noticed is not None
    assert audit.noticed.changed == ("main.py",)
    assert [each.escapes for each in audit.findings if each.escapes] == []
    assert event_loop(audit)[2] == []


def test_a_score_that_rises_takes_no_better_word_away(root: Path) -> None:
    (root / "test_main.py").write_text("from main import app\n\n\ndef test_app():\n    assert app.routes\n")
    words = ["Green means little here", "Green means something here", "Green means much here"]
    scores = [api.audit(root).score]
    for escaped in range(0, 101, 10):
        rate = Rate(count=escaped, of=100)
        families = tuple(NoticedFamily(family=family, seeded=100, rate=rate) for family in Family)
        keep_noticed(root, replace(campaign(root), rate=rate, families=families))
        scores.append(api.audit(root).score)

    told = sorted((score.overall or 0.0, words.index(score.verdict.partition(".")[0])) for score in scores)

    assert [word for _, word in told] == sorted(word for _, word in told)
    assert all(word == (value >= 4.0) + (value >= 6.0) for value, word in told)
    assert {word for _, word in told} == {0, 1, 2}
    assert len({score.cap for score in scores}) > 1


def test_what_was_measured_weighs_as_much_as_what_was_read(root: Path) -> None:
    read = event_loop(api.audit(root))
    keep_noticed(root, campaign(root))

    value, cap, proven = event_loop(api.audit(root))

    assert read == (0.0, 7.0, [])
    assert proven == ["seeded failures that a test noticed"]
    assert cap == 8.5  # half of it up to 7, half of it up to 10
    assert value == pytest.approx(4.2, abs=0.06)  # 10 * 17/20, and 0


@pytest.mark.parametrize(
    "fields",
    [{"of": 9}, {"narrowed": ("operators of the first rank only",)}, {"doubt": "1 of 2 controls failed"}],
    ids=["too few", "not all", "in doubt"],
)
def test_the_score_takes_over_only_what_was_measured_as_a_whole(
    root: Path, fields: dict[str, object]
) -> None:
    read = event_loop(api.audit(root))
    keep_noticed(root, campaign(root, **fields))  # type: ignore[arg-type]

    assert event_loop(api.audit(root)) == read


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 99}', '{"version": 1, "at": "x"}', '"\\ud800"']
)
def test_a_file_that_cannot_be_read_is_no_campaign(root: Path, content: str) -> None:
    keep_noticed(root, campaign(root))
    (root / ".greenroom" / "noticed.json").write_text(content)

    assert api.audit(root).noticed is None
