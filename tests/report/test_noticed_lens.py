"""The lens *noticed* in the reports of an audit: what a campaign found, and what it may not say."""

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from greenroom.model.audit import Audit
from greenroom.model.mode import Family
from greenroom.model.noticed import EscapedFailure, Noticed, NoticedFamily
from greenroom.model.rate import Rate
from greenroom.report.json_schema import audit_schema
from tests.report.rendering import rendered
from tests.report.sample import rich_audit

FORMATS = pytest.mark.parametrize("format_name", ["full", "json", "markdown", "html"])
SHOWN = "12 of 40 escaped (30.0 %, 18.1–45.4 %)"  # noqa: RUF001  - a range
SAID = (
    "Of 45 production failures seeded on lines that tests run, 12 would have reached production "
    "(26.7 %, 16.0–41.0 %): `greenroom prove` of 2026-11-21 12:00 UTC, at commit 0123456789ab with changes "  # noqa: RUF001
    "(shard 1 of 2). The tree has changed since, in 1 file: src/desk/chat.py."
)
DOUBTED = "2 of 4 controls failed: unchanged code was called a failure (src/desk/chat.py:3)"


def noticed(**fields: object) -> Noticed:
    found = Noticed(
        at=1795262400.0,
        revision="0123456789abcdef",
        modified=True,
        narrowed=("shard 1 of 2",),
        rate=Rate(count=12, of=45),
        seeded=70,
        families=(
            NoticedFamily(family=Family.EVENT_LOOP, seeded=50, rate=Rate(count=12, of=40)),
            NoticedFamily(family=Family.DEPENDENCY, seeded=12, rate=Rate(count=0, of=5)),
            NoticedFamily(family=Family.STREAM, seeded=8, rate=Rate(count=0, of=0)),
        ),
        escapes=(
            EscapedFailure(path="src/desk/chat.py", line=9, code="EVL001", operator="A3", name="block-loop"),
        ),
        changed=("src/desk/chat.py",),
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def audit(found: Noticed | None) -> Audit:
    plain = rich_audit()
    first, *rest = plain.findings
    return replace(plain, noticed=found, findings=(replace(first, escapes=("A3 block-loop",)), *rest))


@FORMATS
def test_every_format_tells_what_escaped(format_name: str) -> None:
    told = rendered(format_name, audit(noticed()))

    if format_name == "json":
        document = json.loads(told)
        assert [error.message for error in Draft202012Validator(audit_schema()).iter_errors(document)] == []
        assert document["noticed"]["rate"] == pytest.approx(
            {"escaped": 12, "of": 45, "share": 0.2667, "low": 0.1596, "high": 0.4104}, abs=1e-4
        )
        assert document["noticed"]["began"] == "2026-11-21T12:00:00+00:00"
        assert [each["family"] for each in document["noticed"]["families"]] == ["EVL", "DEP", "STR"]
        assert document["noticed"]["changed"] == ["src/desk/chat.py"]
        assert [each["escapes"] for each in document["findings"][:2]] == [["A3 block-loop"], []]
        return
    flat = " ".join(told.replace("\\", "").split())
    assert SHOWN in flat
    assert "0 of 5 escaped; not enough to say more" in flat
    assert "noticed by no test: A3 block-loop" in flat
    assert "12 would have reached production" in flat


def test_the_sentence_names_the_campaign_and_what_has_changed() -> None:
    assert SAID in " ".join(rendered("full", audit(noticed())).split())


def test_the_matrix_tells_seeded_from_not_measured() -> None:
    cells = [
        part.partition("</span>")[0]
        for part in rendered("html", audit(noticed())).split('data-label="noticed"')[1:]
    ]

    assert SHOWN in cells[0]
    assert 'class="poor"' in cells[0]
    assert any("no test runs any of 8 seeded" in cell for cell in cells)
    assert any("not measured yet" in cell for cell in cells)


@FORMATS
def test_nothing_is_shown_where_the_controls_did_not_hold(format_name: str) -> None:
    doubted = Noticed(at=1795262400.0, doubt=DOUBTED)
    told = rendered(format_name, audit(doubted))

    flat = " ".join(told.split())
    if format_name == "json":
        document = json.loads(told)
        assert [error.message for error in Draft202012Validator(audit_schema()).iter_errors(document)] == []
        assert (document["noticed"]["rate"], document["noticed"]["families"]) == (None, [])
        assert document["noticed"]["doubt"] == DOUBTED
    else:
        assert "2 of 4 controls failed" in flat
    assert "escaped (" not in flat
    assert "would have reached" not in flat


@FORMATS
def test_nothing_is_said_where_there_was_no_campaign(format_name: str) -> None:
    told = rendered(format_name, rich_audit())

    assert "greenroom prove" not in told
    assert "failures were seeded" not in told
    if format_name == "json":
        assert json.loads(told)["noticed"] is None
