"""What the gap report says, by what an audit counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from greenroom.api import audit as audit_project
from greenroom.api import configure
from greenroom.detect.gate import broken_rules, read_rules
from greenroom.model.audit import Audit
from greenroom.model.finding import Confidence, Finding, Reach, Severity
from greenroom.model.place import Place
from greenroom.model.score import Bar
from greenroom.model.test_case import Interface, TestCase
from greenroom.report.gaps.gap_report import gap_sections
from greenroom.report.gaps.plan import Priority, priority_of
from greenroom.report.gaps.section import Item, Section
from greenroom.report.request import ReportRequest
from tests.report.sample import (
    BLOCKING,
    EMPTY_TEST,
    MODES,
    TESTS,
    TIMEOUT,
    empty_audit,
    rich_audit,
    sample_lines,
)

UNTOUCHED = replace(
    BLOCKING,
    code="INT002",
    name="route-untouched",
    place=Place(path="src/desk/main.py", line=30, symbol="post_chat"),
    message="no test asks for 1 of the 2 routes",
    severity=Severity.MEDIUM,
    confidence=Confidence.PROBABLE,
    chain=(),
    sites=(),
    key="INT002",
)


def sections_of(audit: Audit) -> dict[str, Section]:
    """The gap report, by title."""
    request = ReportRequest(audit=audit, modes={mode.code: mode for mode in MODES}, lines=sample_lines)
    return {section.title: section for section in gap_sections(request)}


def labels(section: Section) -> list[str]:
    """What stands in front of the items."""
    return [item.label for item in section.items]


def item_of(section: Section, label: str) -> Item:
    """The only item with this label."""
    (found,) = [item for item in section.items if item.label == label]
    return found


def test_every_section_of_an_empty_audit_says_that_there_is_nothing() -> None:
    sections = sections_of(empty_audit())

    assert [(title, section.items) for title, section in sections.items()] == [
        (title, ())
        for title in (
            "Summary",
            "Strengths",
            "Weaknesses",
            "Root causes",
            "Critical gaps by business risk",
            "Plan",
            "Success criteria",
        )
    ]
    assert all(section.lead for section in sections.values())


def test_a_cause_is_marked_when_a_count_says_so_of_half() -> None:
    running = [replace(TESTS[0], id=f"tests/test_api.py::test_{number}") for number in range(4)]
    mocked = [replace(each, interface=Interface.MOCKED) for each in running]
    quiet = replace(rich_audit(), routes=(), integration_points=(), findings=())

    def told(tests: list[TestCase]) -> str:
        section = sections_of(replace(quiet, tests=tuple(tests)))["Root causes"]
        return next(label for label in labels(section) if label.startswith("mock overuse"))

    assert told([*running]) == "mock overuse (not seen)"
    assert told([*running[:3], mocked[3]]) == "mock overuse (partly)"
    assert told([*running[:2], *mocked[2:]]) == "mock overuse (marked)"


def test_a_load_generator_among_the_test_commands_is_seen() -> None:
    audit = rich_audit()
    commands = ("pytest -q", "locust -f load.py --headless")
    loaded = replace(audit, project=replace(audit.project, test_commands=commands))

    assert "no load (marked)" in labels(sections_of(audit)["Root causes"])
    assert "no load (not seen)" in labels(sections_of(loaded)["Root causes"])


def test_no_chaos_where_only_doubles_fail() -> None:
    text = item_of(sections_of(rich_audit())["Root causes"], "no chaos (marked)").text

    assert text.startswith("2 of 2 dependencies are made to fail by no test that also crosses them for real")


def test_a_route_is_called_untested_only_where_reading_was_enough() -> None:
    audit = rich_audit()
    unread = sections_of(replace(audit, findings=()))["Critical gaps by business risk"]
    known = sections_of(replace(audit, findings=(UNTOUCHED,)))["Critical gaps by business risk"]
    doubted = replace(UNTOUCHED, confidence=Confidence.POSSIBLE)

    assert unread.items == ()
    assert "Of 1 it could not be read whether a test requests them" in unread.lead
    assert [item.text for item in known.items] == ["`POST /chat`: no test requests it."]
    assert sections_of(replace(audit, findings=(doubted,)))[known.title].items == ()


def test_critical_gaps_come_by_worth_with_what_was_found_on_their_way() -> None:
    critical = ("POST /chat 3", "WEBSOCKET /ws/{x} 5", "GET /gone 9")
    section = sections_of(replace(rich_audit(), critical=critical))["Critical gaps by business risk"]

    assert section.lead.startswith(
        "Critical routes with a gap: 2 of 3, worth 12 of 17 (by the setting `critical`)."
    )
    assert [(item.label, item.text) for item in section.items] == [
        ("worth 9", "`GET /gone`: no route that was found has this method and path."),
        ("worth 3", "`POST /chat`: 1 finding on its way."),
    ]
    assert section.items[1].notes[0].startswith("EVL001 (high): `time.sleep`")


def test_an_untested_route_is_urgent_where_the_team_called_it_critical() -> None:
    audit = replace(rich_audit(), findings=(UNTOUCHED,))
    words = "Request 1 of 1 critical routes in a test"

    def priorities(critical: tuple[str, ...]) -> list[str]:
        plan = sections_of(replace(audit, critical=critical))["Plan"]
        return [item.label for item in plan.items if item.text.startswith(words)]

    assert priorities(()) == [Priority.P1]
    assert priorities(("POST /chat 5",)) == [Priority.P0]


@pytest.mark.parametrize(
    ("finding", "priority"),
    [
        (BLOCKING, Priority.P0),
        (EMPTY_TEST, Priority.P1),
        (replace(BLOCKING, reach=Reach.UNREACHED), Priority.P1),
        (replace(BLOCKING, severity=Severity.MEDIUM), Priority.P1),
        (replace(EMPTY_TEST, severity=Severity.MEDIUM), Priority.P2),
        (TIMEOUT, Priority.P2),
    ],
)
def test_what_comes_first(finding: Finding, priority: Priority) -> None:
    assert priority_of(finding) is priority


def test_every_criterion_is_a_line_that_the_gate_takes_and_judges() -> None:
    audit = rich_audit()
    criteria = sections_of(audit)["Success criteria"]
    rules = {item.label: item.text.partition("[")[2].partition("]")[0] for item in criteria.items}
    read = {label: [rule.strip('" ') for rule in text.split(",")] for label, text in rules.items()}

    assert read == {
        "from today": ["score<3.4"],
        "after P0": ["EVL001", "STR001", "score<3.4"],
        "after P1": ["high", "EVL001", "RES001", "STR001", "TST002", "score<3.4"],
        "after P2": ["low", "score<3.4"],
    }
    for label, each in read.items():
        assert len(read_rules(each)) == len(each)
        assert item_of(criteria, label).text.endswith("Met today.") is (not broken_rules(audit, each))


def test_strengths_and_weaknesses_come_with_an_example() -> None:
    bars = (
        Bar(
            name="tests that run",
            achieved=4,
            total=5,
            covered=(TESTS[0].id,),
            missing=("tests/x.py::test_y",),
        ),
        Bar(name="tests over an interface", achieved=1, total=3, covered=("a",), missing=("b", TESTS[1].id)),
        Bar(name="tests that can fail", achieved=3, total=5, covered=("a",), missing=("b",)),
    )
    audit = rich_audit()
    sections = sections_of(replace(audit, score=replace(audit.score, bars=bars, families=())))
    (strong,), (weak,) = sections["Strengths"].items, sections["Weaknesses"].items

    assert (strong.label, strong.text) == ("tests that run", f"4 of 5. For example: `{TESTS[0].id}`.")
    assert strong.place == Place(path="tests/test_api.py", line=12, symbol="TestChat.test_post")
    assert (weak.label, weak.text) == (
        "tests over an interface",
        f"1 of 3. Not so, for example: `{TESTS[1].id}`.",
    )
    assert weak.source == "def test_answer():"


def test_nothing_is_a_strength_of_which_something_severe_was_found() -> None:
    audit = rich_audit()
    family = audit.score.families[0]
    most = replace(family, facts=(replace(family.facts[0], achieved=7),))
    scored = replace(audit, score=replace(audit.score, bars=(), families=(most,)))

    assert sections_of(scored)["Strengths"].items == ()
    assert labels(sections_of(replace(scored, findings=()))["Strengths"]) == [
        "event loop: async entry points free of blocking calls"
    ]


def test_routes_of_one_name_in_two_applications_are_told_apart() -> None:
    audit = rich_audit()
    chat = audit.routes[0]
    other = replace(chat, application="desk.other.app", file="src/desk/other.py")
    bars = (Bar(name="HTTP routes requested", achieved=2, total=2, covered=("POST /chat", "POST /chat")),)
    both = replace(
        audit, routes=(other, chat), findings=(UNTOUCHED,), score=replace(audit.score, bars=bars, families=())
    )
    section = sections_of(both)["Critical gaps by business risk"]

    assert section.lead.startswith("Critical routes with a gap: 1 of 2,")
    assert [item.place.path for item in section.items if item.place] == ["src/desk/main.py"]


def test_a_project_is_read_with_the_worth_of_its_routes(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "shop.py").write_text(
        "import requests\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.post("/orders")\nasync def order():\n    return requests.get("http://stock/").text\n\n\n'
        '@app.post("/notes")\nasync def note():\n    return {}\n\n\n'
        '@app.get("/health")\nasync def health():\n    return {}\n'
    )
    (tmp_path / "tests" / "test_shop.py").write_text(
        "from fastapi.testclient import TestClient\n\nfrom shop import app\n\n\n"
        'def test_health():\n    assert TestClient(app).get("/health").json() == {}\n'
    )
    settings = configure(tmp_path, {"critical": ("POST /orders 5", "GET /health")})
    sections = sections_of(audit_project(tmp_path, settings))
    gaps = sections["Critical gaps by business risk"]

    assert gaps.lead == "Critical routes with a gap: 1 of 2, worth 5 of 6 (by the setting `critical`)."
    assert [item.label for item in gaps.items] == ["worth 5"]
    assert gaps.items[0].text.startswith("`POST /orders`: no test requests it; ")
    assert gaps.items[0].place == Place(path="shop.py", line=8, symbol="order")
    assert "P0" in labels(sections["Plan"])
