"""The audit of the help desk finds every weakness of its ledger that it can see, and nothing beside."""

from collections import Counter
from pathlib import Path

import pytest

from examples.helpdesk.check_ledger import LEDGER, Row, problems, read_rows
from greenroom import api
from greenroom.model.audit import Audit
from greenroom.model.finding import Finding
from greenroom.model.test_case import Interface
from tests.examples.areas import Area, area_of, areas_met, is_known, spots_of

TODAY = "static-1"
PERHAPS = "static-1-possible"
THEATRE_ONLY = "static-1-theatre"
REAL = "tests/suite_real/"

ROWS = read_rows(LEDGER.read_text(encoding="utf-8"))
VISIBLE = [row for row in ROWS if row.lens == TODAY]
COMPLETE = {row.code for row in VISIBLE}
"""The codes of which the ledger has every weakness that the audit shows."""
DOUBTFUL = [row for row in ROWS if row.lens == PERHAPS]
ALLOWED = [row for row in ROWS if row.lens in (TODAY, PERHAPS) or row.code not in COMPLETE]
BLIND = [row for row in ROWS if row.lens == THEATRE_ONLY]
"""What is shown as well when the real suite is not there."""


@pytest.fixture
def audit(helpdesk: Path) -> Audit:
    """The audit with its default selection."""
    return api.audit(helpdesk)


def shown(audit: Audit) -> list[Finding]:
    return [finding for finding in audit.findings if finding.shown]


def place(finding: Finding) -> str:
    return f"{finding.place.path}:{finding.place.line}: {finding.code} {finding.message}"


def missing(rows: list[Row], findings: list[Finding], root: Path) -> list[str]:
    """The rows that no finding covers; two rows of one function need two lines."""
    areas = {row: area_of(row, root) for row in rows}
    spots = {(finding.code, spot.path, spot.line): spot for finding in findings for spot in spots_of(finding)}
    needed = Counter(areas.values())
    seen = {
        area: sum(code == area.code and area.holds(spot) for (code, _, _), spot in spots.items())
        for area in needed
    }
    return [
        f"{row.file}:{row.line}: {row.code} {row.quote}"
        for row in rows
        if seen[areas[row]] < needed[areas[row]]
    ]


def beside(rows: list[Row], findings: list[Finding], root: Path) -> list[str]:
    """The findings that no row knows; one function may have as many as it has rows."""
    allowed = Counter(area_of(row, root) for row in rows)
    areas = frozenset(allowed)
    met = {finding: areas_met(finding, areas) for finding in findings}
    taken: Counter[Area] = Counter(area for each in met.values() for area in each)
    return [
        place(finding)
        for finding in findings
        if not is_known(finding, areas) or any(taken[area] > allowed[area] for area in met[finding])
    ]


def test_every_row_names_a_line_and_quotes_it() -> None:
    assert problems(ROWS) == []


def test_the_ledger_covers_the_whole_first_catalogue() -> None:
    assert {
        *("EVL001", "EVL002", "EVL004", "DEP001", "DEP002", "STR001", "STR002", "STR006"),
        *("POL001", "POL002", "DAT001", "RES001", "STA001", "ERR001"),
        *("STA002", "STA005", "CFG001", "CFG002", "CFG003", "CFG007"),
        *("INT001", "INT002", "INT003", "INT005", "SEC006", "LLM004"),
        *(f"TST00{number}" for number in range(1, 10)),
    } == COMPLETE


def test_every_weakness_is_found(audit: Audit, helpdesk: Path) -> None:
    assert missing(VISIBLE, shown(audit), helpdesk) == []


def test_what_the_code_alone_does_not_decide_is_found_as_possible(audit: Audit, helpdesk: Path) -> None:
    assert missing(DOUBTFUL, list(audit.findings), helpdesk) == []


def test_nothing_is_found_beside(audit: Audit, helpdesk: Path) -> None:
    assert beside(ALLOWED, shown(audit), helpdesk) == []


def test_without_the_real_suite_more_failures_are_provoked_by_nobody(helpdesk: Path) -> None:
    settings = api.configure(helpdesk, {"exclude": (f"{REAL}**",)})

    findings = shown(api.audit(helpdesk, settings))

    assert missing(BLIND, findings, helpdesk) == []
    assert beside([*ALLOWED, *BLIND], findings, helpdesk) == []


def test_every_test_of_the_real_suite_meets_the_real_product(audit: Audit) -> None:
    real = {test.id: test for test in audit.tests if test.path.startswith(REAL)}

    assert len(real) > 20
    assert {test.interface for test in real.values()} == {Interface.REAL}
    assert all(test.runs for test in real.values())


def test_the_theatre_meets_the_real_product_only_where_it_skips(audit: Audit) -> None:
    real = {
        test.path
        for test in audit.tests
        if "/suite_theatre/" in test.path and test.interface is Interface.REAL
    }

    assert "tests/suite_theatre/test_infrastructure.py" in real
    assert real <= {"tests/suite_theatre/test_infrastructure.py", "tests/suite_theatre/test_warehouse.py"}
