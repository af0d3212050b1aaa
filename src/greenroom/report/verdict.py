"""The verdict as a terminal shows it: figures, bars, and what to fix first."""

from typing import Final

from greenroom.model.score import FAIR, GOOD, Bar, Fact, FamilyScore, Score
from greenroom.report.evidence import cap_sentence, evidence_sentences
from greenroom.report.noticed import noticed_families, noticed_sentences
from greenroom.report.ranking import fix_first
from greenroom.report.request import ReportRequest
from greenroom.report.style import Paint, Signs, draw_bar
from greenroom.report.text import columns, count, one_line, padded, wrapped

_BAR: Final = 20
_NAMED: Final = 3
_FACTS_AT: Final = 45
"""The column behind a family's name, bar and figure."""


def verdict_lines(request: ReportRequest, paint: Paint, signs: Signs) -> list[str]:
    """The whole opening, each part set apart by an empty line."""
    score = request.audit.score
    parts = [
        _headline(request, score, paint),
        [line for family in score.families for line in _family_lines(request, family, paint, signs)],
        _cap_lines(request, score),
        [
            line
            for text in evidence_sentences(request.audit)
            for line in wrapped("", text, request.options.width)
        ],
        _bar_lines(request, "Coverage, as the code shows it", score.bars, paint, signs),
        _measured_lines(request, paint, signs),
        _noticed_lines(request, paint),
        _fix_first_lines(request, paint),
    ]
    return [line for part in parts if part for line in (*part, "")]


def grade(value: float) -> str:
    """`good`, `fair` or `poor`: the role of a score's colour."""
    if value >= GOOD:
        return "good"
    return "fair" if value >= FAIR else "poor"


def _headline(request: ReportRequest, score: Score, paint: Paint) -> list[str]:
    name = paint("title", one_line(request.audit.project.name))
    if score.overall is None:
        figure = "no realism score"
    else:
        figure = f"realism {paint(grade(score.overall), f'{score.overall:.1f}')} of 10"
    return [f"{name}: {figure}", *wrapped("", score.verdict, request.options.width)]


def _family_lines(request: ReportRequest, family: FamilyScore, paint: Paint, signs: Signs) -> list[str]:
    name = f"  {family.family.words:<14}"
    if family.value is None:
        blank = paint("quiet", f"{'':{_BAR}}   n/a  not exposed")
        return [f"{name} {blank}"]
    role = grade(family.value)
    bar = paint(role, draw_bar(family.value / 10, _BAR, signs))
    head = f"{name} {bar}  {paint(role, f'{family.value:4.1f}')}"
    facts = _fact_lines(family.facts, request.options.width - _FACTS_AT, signs)
    lines = [f"{head}  {facts[0]}" if facts else head]
    return [*lines, *(f"{'':{_FACTS_AT}}{line}" for line in facts[1:])]


def _fact_lines(facts: tuple[Fact, ...], room: int, signs: Signs) -> list[str]:
    """As many facts on a line as there is room for."""
    lines: list[str] = []
    for fact in facts:
        text = f"{fact.achieved:,}/{fact.total:,} {one_line(fact.name)}"
        if lines and columns(lines[-1]) + columns(text) + 3 <= room:
            lines[-1] += f" {signs.dot} {text}"
        else:
            lines += wrapped("", text, room)
    return lines


def _cap_lines(request: ReportRequest, score: Score) -> list[str]:
    if score.overall is None:
        return []
    text = f"{cap_sentence(request.audit)} A family that the project is not exposed to does not count."
    return wrapped("", text, request.options.width)


def _measured_lines(request: ReportRequest, paint: Paint, signs: Signs) -> list[str]:
    """The figures of docs/coverage.md, where a run was used."""
    used = request.audit.evidence
    if used is None:
        return []
    lines = _bar_lines(request, "Coverage, as the run measured it", used.coverage, paint, signs)
    if used.redundant:
        text = f"{count(len(used.redundant), 'test')} could be deleted without losing evidence; the JSON report names them."
        lines += wrapped("  ", text, request.options.width)
    return lines


def _noticed_lines(request: ReportRequest, paint: Paint) -> list[str]:
    """The latest campaign of `prove`, by family."""
    told = [
        line
        for text in noticed_sentences(request.audit)
        for line in wrapped("  ", text, request.options.width)
    ]
    if not told:
        return []
    families = [f"  {each.family.words:<14} {words}" for each, words in noticed_families(request.audit)]
    return [paint("title", "Noticed, as failures were seeded"), *families, *told]


def _bar_lines(
    request: ReportRequest, title: str, bars: tuple[Bar, ...], paint: Paint, signs: Signs
) -> list[str]:
    if not bars:
        return []
    width = max(columns(one_line(bar.name)) for bar in bars)
    digits = max(len(f"{bar.achieved:,}/{bar.total:,}") for bar in bars)
    is_mixed = any(bar.measured for bar in bars) and not all(bar.measured for bar in bars)
    lines = [paint("title", title + (", * as the run measured it" if is_mixed else ""))]
    for bar in bars:
        share = bar.achieved / bar.total if bar.total else 0.0
        drawn = paint(grade(share * 10), draw_bar(share, _BAR, signs)) if bar.total else " " * _BAR
        figure = f"{bar.achieved:,}/{bar.total:,}" if bar.total else "none"
        room = request.options.width - (2 + width + 1 + _BAR + 2 + digits)
        mark = "*" if is_mixed and bar.measured else " " if is_mixed else ""
        named = _missing(bar, room - len(mark))
        line = f"  {padded(one_line(bar.name), width)} {drawn}  {figure:>{digits}}{mark}{named}"
        lines.append(line.rstrip())
        if bar.missing and not named:
            lines += _missing_below(bar, request.options.width)
    return lines


def _missing(bar: Bar, room: int) -> str:
    """The first names that are not covered, as far as they fit the line."""
    text = ""
    for number, name in enumerate(bar.missing[:_NAMED]):
        rest = len(bar.missing) - number - 1
        more = f" and {rest:,} more" if rest else ""
        longer = f"{text}, {one_line(name)}" if text else f"  not: {one_line(name)}"
        if columns(longer) + len(more) > room:
            break
        text = longer
    shown = text.count(", ") + 1 if text else 0
    rest = len(bar.missing) - shown
    return f"{text} and {rest:,} more" if text and rest else text


def _missing_below(bar: Bar, width: int) -> list[str]:
    """The first name that is not covered, on a line of its own: beside the bar there is no room for any."""
    rest = len(bar.missing) - 1
    more = f" and {rest:,} more" if rest else ""
    return wrapped("    not: ", f"{one_line(bar.missing[0])}{more}", width)


def _fix_first_lines(request: ReportRequest, paint: Paint) -> list[str]:
    first = fix_first(request.shown)
    if not first:
        return []
    lines = [paint("title", "Fix first")]
    for number, finding in enumerate(first, start=1):
        label = f"  {number}. {finding.code} "
        what = wrapped(label, finding.message, request.options.width)
        what[0] = what[0].replace(finding.code, paint(finding.severity.value, finding.code), 1)
        where = paint("quiet", one_line(request.location(finding.place)))
        lines += [*what, f"{'':{len(label)}}{where}"]
    return lines
