"""Markdown for a comment on a pull request or the summary of a job."""

import re
from collections.abc import Sequence
from typing import Final

from greenroom.model.finding import Finding
from greenroom.model.place import Place
from greenroom.model.score import Bar, FamilyScore, Score
from greenroom.report.closing import hidden_sentence, shown_sentence
from greenroom.report.evidence import cap_sentence, evidence_sentences
from greenroom.report.full import REACHED_FROM
from greenroom.report.gaps.gap_report import gap_sections
from greenroom.report.gaps.section import Item, Section
from greenroom.report.noticed import escape_sentence, noticed_families, noticed_sentences
from greenroom.report.ranking import by_urgency, fix_first
from greenroom.report.request import ReportRequest
from greenroom.report.text import count, one_line

_MOST_ROWS: Final = 100
"""A comment on GitHub holds 65,536 characters; who reads more reads the HTML."""
_MOST_CHARACTERS: Final = 60_000
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~&@!])")


def render(request: ReportRequest) -> str:
    """The verdict, what to fix first, the gap report, then a folded table of all findings."""
    score = request.audit.score
    gaps = [_section(section) for section in gap_sections(request)]
    parts = [
        _headline(request, score),
        "\n".join(f"- {escaped(each)}" for each in evidence_sentences(request.audit)),
        _bars("coverage", score.bars),
        _bars(
            "coverage in the recorded run", request.audit.evidence.coverage if request.audit.evidence else ()
        ),
        _noticed(request),
        _first(request),
        _families(score.families),
        *gaps,
        _table(request, sum(map(len, gaps))),
        "\n".join(f"- {escaped(notice)}" for notice in request.audit.notices),
        f"{shown_sentence(request)} {hidden_sentence(request)}".rstrip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """The text so that Markdown and HTML in it mean nothing, and nobody is mentioned.

    What stands between backticks in our own messages stays code.
    """
    pieces = one_line(text).split("`")
    if len(pieces) % 2 == 0:  # an odd backtick belongs to the text
        return _plain(one_line(text))
    return "".join(
        code(piece) if number % 2 and piece else _plain(piece) for number, piece in enumerate(pieces)
    )


def code(text: str) -> str:
    """The text as code, whatever backticks it holds; a pipe would end a table's cell."""
    text = one_line(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)


def _headline(request: ReportRequest, score: Score) -> str:
    name = escaped(request.audit.project.name)
    if score.overall is None:
        return f"## Greenroom: {name}\n\n{escaped(score.verdict)}"
    figure = f"realism {score.overall:.1f} of 10"
    return f"## Greenroom: {name}, {figure}\n\n**{escaped(score.verdict)}** {cap_sentence(request.audit)}"


def _bars(title: str, bars: Sequence[Bar]) -> str:
    is_mixed = any(bar.measured for bar in bars) and not all(bar.measured for bar in bars)
    rows = [
        f"| {escaped(bar.name)}{' (measured)' if is_mixed and bar.measured else ''} | {bar.achieved:,} of {bar.total:,} | {_missing(bar)} |"
        for bar in bars
        if bar.total
    ]
    return "\n".join([f"| {title} | | not covered |", "|---|--:|---|", *rows]) if rows else ""


def _missing(bar: Bar) -> str:
    names = [code(name) for name in bar.missing[:3]]
    more = len(bar.missing) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")


def _noticed(request: ReportRequest) -> str:
    """The latest campaign of `prove`."""
    told = " ".join(map(escaped, noticed_sentences(request.audit)))
    rows = [f"| {each.family.words} | {escaped(words)} |" for each, words in noticed_families(request.audit)]
    table = ["| noticed, as failures were seeded | |", "|---|---|", *rows] if rows else []
    return "\n\n".join(part for part in (told, "\n".join(table)) if part)


def _first(request: ReportRequest) -> str:
    first = fix_first(request.shown)
    if not first:
        return ""
    return "\n\n".join(["### Fix first", *(_item(request, *pair) for pair in enumerate(first, 1))])


def _item(request: ReportRequest, number: int, finding: Finding) -> str:
    chain = " → ".join(_hop(place) for place in finding.chain)
    lines = [
        f"{number}. **{finding.code}** {code(_where(finding.place))} {escaped(finding.message)}",
        f"Reached through {chain}." if chain else "",
        _labelled("In production:", request.consequence(finding)),
        _labelled("Try:", request.remedy(finding)),
        _labelled("Escaped:", escape_sentence(finding)),
    ]
    return "  \n   ".join(line for line in lines if line)


def _labelled(label: str, text: str) -> str:
    return f"*{label}* {escaped(text)}" if text else ""


def _hop(place: Place) -> str:
    return code(place.symbol or _where(place))


def _where(place: Place) -> str:
    return f"{place.path}:{place.line}"


def _families(families: Sequence[FamilyScore]) -> str:
    if not families:
        return ""
    rows = [_family(family) for family in families]
    table = ["| family | score | made of |", "|---|--:|---|", *rows]
    return _folded("Score by family", table)


def _family(family: FamilyScore) -> str:
    if family.value is None:
        return f"| {family.family.words} | n/a | not exposed |"
    facts = ", ".join(f"{fact.achieved:,}/{fact.total:,} {escaped(fact.name)}" for fact in family.facts)
    return f"| {family.family.words} | {family.value:.1f} | {facts} |"


def _section(section: Section) -> str:
    items = [_entry(item) for item in section.items]
    parts = [f"### {section.title}", escaped(section.lead), "\n".join(items)]
    return "\n\n".join(part for part in parts if part)


def _entry(item: Item) -> str:
    """A line of a list, its example and its notes below."""
    label = f"**{escaped(item.label)}:** " if item.label else ""
    where = f" {code(_where(item.place))}" if item.place is not None else ""
    source = f" {code(item.source)}" if item.source else ""
    lines = [f"{label}{escaped(item.text)}{where}{source}", *map(escaped, item.notes)]
    return "- " + "  \n  ".join(lines)


def _table(request: ReportRequest, taken: int) -> str:
    """The findings, as far as a comment has room behind the `taken` characters of the gap report."""
    findings = by_urgency(request.shown)
    if not findings:
        return ""
    rows: list[str] = []
    for finding in findings[:_MOST_ROWS]:
        if sum(map(len, rows)) + taken > _MOST_CHARACTERS:
            break
        rows.append(_row(finding))
    more = len(findings) - len(rows)
    lines = ["| | code | where | what | reach |", "|---|---|---|---|---|", *rows]
    if more:
        lines += ["", f"{count(more, 'further finding')} not listed here."]
    return _folded(f"All {count(len(findings), 'finding')}", lines)


def _row(finding: Finding) -> str:
    level = f"{finding.severity}, {finding.confidence}"
    where = code(_where(finding.place))
    reach = REACHED_FROM[finding.reach]
    return f"| {level} | {finding.code} | {where} | {escaped(finding.message)} | {reach} |"


def _folded(title: str, lines: Sequence[str]) -> str:
    body = "\n".join(lines)
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
