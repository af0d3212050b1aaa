"""Writes the table of all failure modes from the catalogue: `python docs/modes.py`."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from greenroom.catalogue import all_modes
from greenroom.model.mode import FailureMode, Family, Lens

PAGE = Path(__file__).parent / "modes.md"
_HEAD = """\
# Failure modes

What Greenroom knows, by family. *Read*: the code alone shows it (`greenroom audit`). *Recorded*: a recorded run of the tests
shows it (`greenroom record`). *Seeded*: `greenroom prove` puts it into the code and asks whether a test notices.
`greenroom explain CODE` says why production does this, what is flagged and what is accepted; each of these examples is a test.

This page is written by `python docs/modes.py`, from the catalogue.
"""
_LENSES = {Lens.EXPOSURE: "read", Lens.TOUCHED: "recorded", Lens.NOTICED: "seeded"}


def text() -> str:
    """The whole page."""
    return "\n".join([_HEAD, f"{len(all_modes())} failure modes.", "", *_tables()])


def _tables() -> Iterator[str]:
    for family, modes in groupby(sorted(all_modes(), key=_order), key=lambda mode: mode.family):
        yield f"## {family.words} ({family.value})\n"
        yield "| code | name | what it is | seen |"
        yield "|---|---|---|---|"
        for mode in modes:
            yield f"| {mode.code} | {mode.name} | {mode.summary} | {_seen(mode)} |"
        yield ""


def _order(mode: FailureMode) -> tuple[int, str]:
    return list(Family).index(mode.family), mode.code


def _seen(mode: FailureMode) -> str:
    return ", ".join(word for lens, word in _LENSES.items() if lens in mode.lenses)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
