"""The matrix of failure modes, by family, and lenses: what is known, and how strongly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from greenroom.model.finding import Finding, Severity
from greenroom.model.mode import Family, Lens
from greenroom.model.score import Fact
from greenroom.report.prove_words import family_words
from greenroom.report.request import ReportRequest

NOT_MEASURED: Final = "not measured yet"

QUESTIONS: Final = MappingProxyType(
    {
        Lens.EXPOSURE: "Is this code exposed to it?",
        Lens.TOUCHED: "Does any test go there?",
        Lens.NOTICED: "If it broke, would a test go red?",
        Lens.SURVIVED: "Does the running system cope?",
    }
)

_FAIR_ESCAPE: Final = 0.05
"""The field asks for an escape rate below this: what may be below it is not called poor."""

# Kinds of integration points (project/libraries/effects/README.md) whose tests speak for a family.
_STORES: Final = frozenset({"cache", "database", "search", "vector-store", "object-store"})
_LOCAL: Final = frozenset({"process", "file", "cpu", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one lens says of one family."""

    lens: Lens
    text: str
    state: str
    """`good`, `fair`, `poor`, `none` (not exposed) or `unmeasured`."""
    read: bool = False
    """Read from the code where the lens asks for a run: weaker than the lens promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One family through the four lenses."""

    family: Family
    value: float | None
    cells: tuple[Cell, ...]


def matrix(request: ReportRequest) -> tuple[MatrixRow, ...]:
    """A row for each family that was scored or looked for, in the catalogue's order."""
    scores = {score.family: score for score in request.audit.score.families}
    looked_for = {mode.family for mode in request.modes.values()}
    rows = []
    for family in Family:
        if family not in scores and family not in looked_for:
            continue
        score = scores.get(family)
        exposed = _is_exposed(request, family) if score is None else score.value is not None
        observed = score.touched if score is not None else None
        cells = (
            _exposure(request.shown, family, exposed=exposed),
            _touched(request, family, exposed=exposed) if observed is None else _observed(observed),
            _noticed(request, family, exposed=exposed),
            _unmeasured(Lens.SURVIVED, exposed=exposed),
        )
        rows.append(MatrixRow(family=family, value=score.value if score else None, cells=cells))
    return tuple(rows)


def _is_exposed(request: ReportRequest, family: Family) -> bool:
    """Of a family without a score: unless nothing of it stands in the code; a finding, also a hidden one, says otherwise."""
    return family not in request.audit.project.absent or any(
        each.code.startswith(family.value) for each in request.audit.findings
    )


def _exposure(findings: Sequence[Finding], family: Family, *, exposed: bool) -> Cell:
    counts = Counter(each.severity for each in findings if each.code.startswith(family.value))
    if not counts:
        if not exposed:
            return Cell(lens=Lens.EXPOSURE, text="not exposed", state="none")
        return Cell(lens=Lens.EXPOSURE, text="nothing found", state="good")
    text = ", ".join(f"{counts[each]} {each}" for each in Severity if counts[each])
    state = "poor" if counts[Severity.HIGH] else "fair"
    return Cell(lens=Lens.EXPOSURE, text=text, state=state)


def _touched(request: ReportRequest, family: Family, *, exposed: bool) -> Cell:
    if family is Family.TESTS:
        running = sum(test.runs for test in request.audit.tests)
        return _share(running, len(request.audit.tests), "run", nothing="no tests")
    points = [each for each in request.audit.integration_points if _speaks_for(each.kind, family)]
    if not points:
        return _unmeasured(Lens.TOUCHED, exposed=exposed)
    crossed = sum(bool(point.tests_real) for point in points)
    return _share(crossed, len(points), "crossed for real", nothing="nothing to cross")


def _observed(fact: Fact) -> Cell:
    return replace(_share(fact.achieved, fact.total, fact.name, nothing="nothing to reach"), read=False)


def _noticed(request: ReportRequest, family: Family, *, exposed: bool) -> Cell:
    """What the latest campaign says; nothing where its controls did not hold."""
    noticed = request.audit.noticed
    found = next((each for each in noticed.families if each.family is family), None) if noticed else None
    if found is None:
        return _unmeasured(Lens.NOTICED, exposed=exposed)
    rate = found.rate
    if not rate.of:
        text = f"no test runs any of {found.seeded:,} seeded" if found.seeded else "nothing seeded"
        return Cell(lens=Lens.NOTICED, text=text, state="poor")
    state = "good" if not rate.count else "fair" if rate.interval[0] <= _FAIR_ESCAPE else "poor"
    return Cell(lens=Lens.NOTICED, text=family_words(rate), state=state)


def _speaks_for(kind: str, family: Family) -> bool:
    match family:
        case Family.DEPENDENCY:
            return kind not in _LOCAL
        case Family.DATASTORE:
            return kind in _STORES
        case Family.LLM:
            return kind == "llm"
        case Family.WEBSOCKET:
            return kind == "socket"
        case _:
            return False


def _share(achieved: int, total: int, what: str, *, nothing: str) -> Cell:
    if not total:
        return Cell(lens=Lens.TOUCHED, text=nothing, state="none", read=True)
    state = "good" if achieved == total else "fair" if 2 * achieved >= total else "poor"
    text = f"{achieved:,} of {total:,} {what}"
    return Cell(lens=Lens.TOUCHED, text=text, state=state, read=True)


def _unmeasured(lens: Lens, *, exposed: bool) -> Cell:
    if not exposed:
        return Cell(lens=lens, text="not exposed", state="none")
    return Cell(lens=lens, text=NOT_MEASURED, state="unmeasured")
