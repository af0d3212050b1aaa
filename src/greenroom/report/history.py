"""What a range of commits did to the tests, as text: for the terminal, as JSON, as Markdown."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Final

from greenroom.model.history import Area, Deletion, Fate, History
from greenroom.model.place import Place
from greenroom.report.markdown import code, escaped
from greenroom.report.text import count, joined, one_line

HISTORY_FORMATS: Final = ("full", "json", "markdown")
HISTORY_VERSION: Final = 1
"""Raised when a field goes, changes its meaning or its type; not when one is added."""

_SHOWN: Final = 10
"""Areas, broken imports and untested things listed before the rest is only counted, unless all is asked for."""
_WORDS: Final = {
    Fate.LOST: "Lost: nothing that survives and runs covers the same behaviour",
    Fate.UNCLEAR: "Unclear: nothing that survives is like it, and it cannot be told whether what it tested is still there",
    Fate.RETIRED: "Retired with what they tested",
    Fate.REPLACED: "Replaced by a test of the same behaviour",
    Fate.SPLIT: "Split into several",
    Fate.MERGED: "Merged into a larger one",
    Fate.RENAMED: "Renamed",
    Fate.MOVED: "Moved",
}


def render_history(found: History, format_name: str, *, show_all: bool = False) -> str:
    """Render it.

    Args:
        found: what became of the tests.
        format_name: one of `HISTORY_FORMATS`.
        show_all: list what is not lost, too; JSON always does.

    Raises:
        ValueError: the format is not one of `HISTORY_FORMATS`.
    """
    if format_name == "json":
        return _json(found)
    if format_name not in HISTORY_FORMATS:
        message = f"unknown format {format_name!r}: one of {', '.join(HISTORY_FORMATS)}"
        raise ValueError(message)
    lines = (
        _markdown(found, show_all=show_all) if format_name == "markdown" else _full(found, show_all=show_all)
    )
    return "\n".join(lines) + "\n"


def _json(found: History) -> str:
    document = {"version": HISTORY_VERSION, "grade": found.grade, **asdict(found)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _full(found: History, *, show_all: bool) -> Iterator[str]:
    size = f", {count(found.commits, 'commit')}" if f" {found.commits} " not in found.range else ""
    yield f"{one_line(found.project)}: {found.range}{size}"
    yield _verdict(found)
    yield from _remarks(found)
    for fate in _WORDS if show_all else (Fate.LOST,):
        group = [gone for gone in found.deletions if gone.fate is fate]
        if group:
            yield ""
            yield f"{_WORDS[fate]} ({len(group):,})"
            yield from (line for gone in group for line in _deletion(gone, show_all=show_all))
    for title, lines in (
        ("Areas that lost most", [_area_line(area, show_all=show_all) for area in found.areas if area.lost]),
        ("Live on, and check less", [_weakened(gone) for gone in found.weakened] if show_all else []),
        ("Imports that name what was deleted", [_spelled(place) for place in found.broken]),
        ("No test is seen to reach, whatever was deleted", list(found.untested)),
    ):
        yield from _section(title, lines, show_all=show_all)
    if not show_all and len(found.deletions) > found.count(Fate.LOST) + found.count(Fate.LOST, tests=False):
        yield ""
        yield "Not listed: what lives on or was retired; --all lists it with the evidence."


def _verdict(found: History) -> str:
    tests = [gone for gone in found.deletions if gone.is_test]
    helpers = len(found.deletions) - len(tests)
    if not found.deletions:
        return "No test and no helper of tests was deleted."
    told = [f"{found.count(fate):,} {fate.value}" for fate in _WORDS if found.count(fate)]
    files = f" ({count(len(found.files_deleted), 'whole file')})" if found.files_deleted else ""
    parts = [
        f"{count(len(tests), 'test')} deleted{files}: {joined(told)}." if tests else "No test was deleted."
    ]
    if found.weakened:
        parts.append(f"{len(found.weakened):,} that live on check less than before.")
    if helpers:
        lost = found.count(Fate.LOST, tests=False)
        parts.append(f"{count(helpers, 'helper')} deleted, {lost:,} lost.")
    if found.grade:
        parts.append(f"Grade {found.grade}.")
    return " ".join(parts)


def _remarks(found: History) -> Iterator[str]:
    if found.shallow:
        yield "The clone is shallow: what was deleted before its first commit is not seen (`git fetch --unshallow`)."
    yield from found.notes


def _deletion(gone: Deletion, *, show_all: bool) -> Iterator[str]:
    yield f"  {gone.path}:{gone.line} {gone.symbol}"
    yield f"      {gone.commit[:10]} {gone.date} {one_line(gone.subject)}"
    yield f"      {one_line(gone.evidence)}"
    if gone.fate is Fate.LOST and gone.uncovered:
        yield f"      No test touches any more: {_names(gone.uncovered, 4, show_all=show_all)}"


def _area_line(area: Area, *, show_all: bool) -> str:
    named = _names(area.uncovered, 3, show_all=show_all)
    untouched = f"; untouched now: {named}" if named else ""
    return f"{area.name}: {area.lost:,} of {area.deleted:,} deleted tests lost{untouched}"


def _weakened(gone: Deletion) -> str:
    now = gone.successors[0]
    checks = f"{count(gone.checks, 'assertion')} before, {gone.checks_now} now"
    return f"{now.path}:{now.line} {now.symbol}: {checks} ({gone.path} {gone.symbol})"


def _section(title: str, lines: list[str], *, show_all: bool) -> Iterator[str]:
    if lines:
        shown = len(lines) if show_all else _SHOWN
        yield ""
        yield f"{title} ({len(lines):,})"
        yield from (f"  {one_line(line)}" for line in lines[:shown])
        if len(lines) > shown:
            yield f"  and {len(lines) - shown:,} more; --all lists them"


def _names(names: Sequence[str], most: int, *, show_all: bool) -> str:
    """As many as are asked for, and how many more there are."""
    shown = len(names) if show_all else most
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def _spelled(place: Place) -> str:
    return f"{place.path}:{place.line} {place.note}".rstrip()


def _markdown(found: History, *, show_all: bool) -> Iterator[str]:
    yield f"## Greenroom: what {escaped(found.range)} did to the tests of {escaped(found.project)}"
    yield ""
    yield f"**{escaped(_verdict(found))}**"
    for remark in _remarks(found):
        yield f"\n{escaped(remark)}"
    for fate in _WORDS if show_all else (Fate.LOST,):
        group = [gone for gone in found.deletions if gone.fate is fate]
        if group:
            yield from _table(_WORDS[fate], group)
    if found.areas:
        yield from (
            "",
            "### By area",
            "",
            "| area | deleted | lost | no test touches any more |",
            "|---|--:|--:|---|",
        )
        for area in found.areas:
            names = _names([code(name) for name in area.uncovered], 4, show_all=show_all)
            yield f"| {code(area.name)} | {area.deleted:,} | {area.lost:,} | {names} |"
    yield from _checklist(found)


def _table(title: str, group: Iterable[Deletion]) -> Iterator[str]:
    yield from ("", f"### {escaped(title)}", "", "| test | commit | why |", "|---|---|---|")
    for gone in group:
        where = code(f"{gone.path}::{gone.symbol}")
        yield f"| {where} | {code(gone.commit[:10])} {escaped(gone.subject)} | {escaped(gone.evidence)} |"


def _checklist(found: History) -> Iterator[str]:
    todo = [
        f"Bring back or replace {code(gone.symbol)} ({code(gone.path)})"
        for gone in found.deletions
        if gone.fate is Fate.LOST
    ]
    todo += [f"See why less is checked: {code(_weakened(gone))}" for gone in found.weakened]
    todo += [f"Mend the import at {code(_spelled(place))}" for place in found.broken]
    todo += [f"Write a first test for {code(name)}" for name in found.untested]
    if todo:
        yield from ("", "### Checklist", "")
        yield from (f"- [ ] {item}" for item in todo)
