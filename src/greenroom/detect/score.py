"""The verdict: how real green is, as figures that open into the facts they are made of.

How it is counted, and why what is only read cannot reach 10: docs/score.md.
"""

from collections.abc import Iterable

from greenroom.detect.exposure import Exposure
from greenroom.detect.noticed import as_fact, noticed_facts
from greenroom.detect.observe import Observed
from greenroom.detect.suite_facts import coverage_bars, suite_facts
from greenroom.detect.touched import touched_families
from greenroom.model.finding import Finding
from greenroom.model.mode import Family
from greenroom.model.noticed import Noticed
from greenroom.model.score import FAIR, GOOD, Bar, Fact, FamilyScore, Score
from greenroom.project.project import Project

READ_CAP = 7.0
"""The most that reading code can give: it shows that care was taken, not that it works."""
TOUCHED_CAP = 8.0
"""The most that recording the tests can give: it shows that they went there, not that they would notice."""
PROVEN_CAP = 10.0
"""What was broken on purpose, and noticed, is measured."""
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
    Family.CONFIG, Family.STARTUP, Family.ERRORS, Family.TESTS,
)  # fmt: skip


def score(
    project: Project,
    findings: Iterable[Finding],
    observed: Observed | None = None,
    noticed: Noticed | None = None,
) -> Score:
    """Count what production is exposed to and what the tests show.

    Args:
        project: the audited project; as `observed` has it, where there is a run.
        findings: of every confidence; shown or not makes no difference here.
        observed: what a run says.
        noticed: what the latest campaign says.
    """
    listed = tuple(findings)
    bars = coverage_bars(project, listed, observed)
    exposure = Exposure(project, listed)
    facts = exposure.facts()
    facts[Family.TESTS] = suite_facts(bars)
    for family, counts in noticed_facts(noticed).items():
        if facts.get(family):
            facts[family] = (*facts[family], as_fact(counts, facts[family]))
    touched = touched_families(exposure, observed) if observed is not None else {}
    families = tuple(_family(family, facts.get(family, ()), touched.get(family)) for family in _FAMILIES)
    overall, cap = _overall(families)
    return Score(
        overall=overall, cap=cap, verdict=_verdict(overall, bars, project), families=families, bars=bars
    )


def _family(family: Family, facts: tuple[Fact, ...], touched: Fact | None) -> FamilyScore:
    weight = sum(fact.weight for fact in facts)
    value, cap = None, READ_CAP
    if weight:
        cap = round(sum(fact.weight * _cap(fact) for fact in facts) / weight, 1)
        value = round(
            sum(fact.weight * _cap(fact) * fact.achieved / fact.total for fact in facts) / weight, 1
        )
    return FamilyScore(family=family, value=value, cap=cap, facts=facts, touched=touched)


def _cap(fact: Fact) -> float:
    if fact.proven:
        return PROVEN_CAP
    return TOUCHED_CAP if fact.measured else READ_CAP


def _overall(families: Iterable[FamilyScore]) -> tuple[float | None, float]:
    """The score and its cap: means of those of the families that apply."""
    counted = [
        (part.value, part.cap, _WEIGHTS.get(part.family, 1.0)) for part in families if part.value is not None
    ]
    weight = sum(share for _, _, share in counted)
    if not weight:
        return None, READ_CAP
    return (
        round(sum(value * share for value, _, share in counted) / weight, 1),
        round(sum(cap * share for _, cap, share in counted) / weight, 1),
    )


def _verdict(overall: float | None, bars: tuple[Bar, ...], project: Project) -> str:
    if overall is None:
        return "Nothing here can fail in the ways that Greenroom knows, and nothing is tested."
    if not project.suite.tests:
        return "There is no green to trust: no test was found."
    worth = "means much" if overall >= GOOD else "means something" if overall >= FAIR else "means little"
    gaps = sorted((bar for bar in bars if bar.achieved < bar.total), key=lambda bar: bar.achieved / bar.total)
    told = ", ".join(f"{bar.name} ({bar.achieved:,} of {bar.total:,})" for bar in gaps[:2])
    return f"Green {worth} here.{' Least of all: ' + told + '.' if told else ''}"
