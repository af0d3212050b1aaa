"""The verdict: how real green is, as figures that open into the facts they are made of.

How it is counted, and why what is only read cannot reach 10: docs/score.md.
"""

from collections.abc import Iterable

from greenroom.detect.exposure import Exposure
from greenroom.detect.suite_facts import coverage_bars, suite_facts
from greenroom.model.finding import Finding
from greenroom.model.mode import Family
from greenroom.model.score import Bar, Fact, FamilyScore, Score
from greenroom.project.project import Project

READ_CAP = 7.0
"""The most that reading code can give: it shows that care was taken, not that it works."""
_WEIGHTS = {
    Family.TESTS: 4.0,
    Family.DEPENDENCY: 3.0,
    Family.EVENT_LOOP: 2.0,
    Family.STREAM: 2.0,
    Family.ERRORS: 2.0,
}
"""By how much production suffers from a family, as the field's reports count incidents; all others 1."""
_FAMILIES = (
    Family.EVENT_LOOP, Family.DEPENDENCY, Family.STREAM, Family.POOL, Family.DATASTORE, Family.RESOURCE,
    Family.STARTUP, Family.ERRORS, Family.TESTS,
)  # fmt: skip
_MUCH, _SOMETHING = 0.8, 0.55


def score(project: Project, findings: Iterable[Finding]) -> Score:
    """Count what production is exposed to and what the tests show.

    Args:
        project: the audited project.
        findings: of every confidence; shown or not makes no difference here.
    """
    listed = tuple(findings)
    bars = coverage_bars(project, listed)
    facts = Exposure(project, listed).facts()
    facts[Family.TESTS] = suite_facts(bars)
    families = tuple(_family(family, facts.get(family, ())) for family in _FAMILIES)
    overall = _overall(families)
    return Score(
        overall=overall, cap=READ_CAP, verdict=_verdict(overall, bars, project), families=families, bars=bars
    )


def _family(family: Family, facts: tuple[Fact, ...]) -> FamilyScore:
    weight = sum(fact.weight for fact in facts)
    value = None
    if weight:
        share = sum(fact.weight * fact.achieved / fact.total for fact in facts) / weight
        value = round(READ_CAP * share, 1)
    return FamilyScore(family=family, value=value, cap=READ_CAP, facts=facts)


def _overall(families: Iterable[FamilyScore]) -> float | None:
    counted = [(part.value, _WEIGHTS.get(part.family, 1.0)) for part in families if part.value is not None]
    weight = sum(share for _, share in counted)
    return round(sum(value * share for value, share in counted) / weight, 1) if weight else None


def _verdict(overall: float | None, bars: tuple[Bar, ...], project: Project) -> str:
    if overall is None:
        return "Nothing here can fail in the ways that Greenroom knows, and nothing is tested."
    if not project.suite.tests:
        return "There is no green to trust: no test was found."
    share = overall / READ_CAP
    worth = "means much" if share >= _MUCH else "means something" if share >= _SOMETHING else "means little"
    gaps = sorted((bar for bar in bars if bar.achieved < bar.total), key=lambda bar: bar.achieved / bar.total)
    told = "; ".join(_gap(bar) for bar in gaps[:2])
    return f"Green {worth} here.{' Least of all: ' + told + '.' if told else ''}"


def _gap(bar: Bar) -> str:
    if bar.achieved == 0:
        return f"none of {bar.total:,} {bar.name}" if bar.total > 1 else f"no {bar.name}"
    return f"{bar.achieved:,} of {bar.total:,} {bar.name}"
