"""The summary: what a team lead would say of it in one breath."""

from collections.abc import Iterable, Iterator

from greenroom.model.audit import Audit
from greenroom.report.gaps.asked import Asked
from greenroom.report.gaps.causes import OVER_AN_INTERFACE, Cause, Degree
from greenroom.report.gaps.plan import Priority, Step
from greenroom.report.gaps.risks import CriticalRoute
from greenroom.report.gaps.section import Item, Section
from greenroom.report.text import count, joined


def summary(
    audit: Audit, causes: Iterable[Cause], routes: tuple[CriticalRoute, ...], steps: tuple[Step, ...]
) -> Section:
    """How much there is, why, what it endangers, and what to begin with."""
    told = [*_suite(audit), *_risk(routes), *_why(causes), *_begin(steps)]
    return Section(
        title="Summary",
        lead="" if told else "Nothing was found to report on.",
        items=tuple(Item(text=text) for text in told),
    )


def _suite(audit: Audit) -> Iterator[str]:
    if not audit.tests:
        if audit.score.overall is not None:
            yield "No test was found."
        return
    running = [test for test in audit.tests if test.runs]
    over = sum(test.interface in OVER_AN_INTERFACE for test in running)
    yield f"{len(running):,} of {len(audit.tests):,} tests run, and {over:,} of these come in as users do."


def _risk(routes: tuple[CriticalRoute, ...]) -> Iterator[str]:
    gaps = [route for route in routes if route.is_gap]
    if gaps:
        untested = sum(route.asked is Asked.NO for route in routes)
        found = sum(bool(route.findings) for route in routes)
        parts = [f"{untested:,} requested by no test"] if untested else []
        parts += [f"{found:,} with findings on their way"] if found else []
        told = f" ({', '.join(parts)})" if parts else ""
        yield f"Critical routes with a gap: {len(gaps):,} of {len(routes):,}{told}."


def _why(causes: Iterable[Cause]) -> Iterator[str]:
    listed = tuple(causes)
    marked = [cause.name for cause in listed if cause.degree is Degree.MARKED]
    if marked:
        yield f"Why green does not tell: {joined(marked)} ({len(marked)} of {len(listed)} root causes marked)."


def _begin(steps: tuple[Step, ...]) -> Iterator[str]:
    first = [step for step in steps if step.priority is Priority.P0]
    if first:
        codes = [step.code for step in first if step.code]
        number = sum(len(step.findings) for step in first)
        told = f" ({joined(codes)}; {count(number, 'finding')})" if codes else ""
        yield f"Begin with {count(len(first), 'step')} of priority P0{told}."
    elif steps:
        yield "Nothing is of priority P0: no severe finding where production runs."
