"""Which tests run only where somebody asks for them: nobody counts on them in a run that asks for none."""

import re
from typing import Final

from greenroom.project.project import Project
from greenroom.project.testing.items import Item
from greenroom.project.testing.runs import Run

_NEGATED: Final = re.compile(r"\bnot\s+\(?\s*([\w.-]+)")
_LIVE: Final = frozenset({"live", "manual", "manually"})
_WORDS: Final = re.compile(r"[^a-z]+")
_CAPITAL: Final = re.compile(r"([A-Z])")


def is_by_wish(project: Project, item: Item) -> bool:
    """Whether some command leaves it out by one of its markers, or its name says `live`: it asks the real thing by wish."""
    function = item.function
    names = {mark.name for mark in project.suite.marks.on(function, item.owner)}
    left_out = {name for run in project.suite.runs for name in _left_out_by(run)}
    return not names.isdisjoint(left_out) or _is_live(f"{function.path} {function.qualname}")


def _left_out_by(run: Run) -> list[str]:
    """`unit` and `slow` of `-m "not unit and not slow"`."""
    return _NEGATED.findall(run.marker)


def _is_live(name: str) -> bool:
    """`TestLiveBalance`, `test_live_e2e.py`."""
    return not _LIVE.isdisjoint(_WORDS.split(_CAPITAL.sub(r"_\1", name).lower()))
