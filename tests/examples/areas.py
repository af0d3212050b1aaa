"""Where a row of the help desk's ledger and a finding of the audit meet: in one function, class or statement."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from examples.helpdesk.check_ledger import Row
from greenroom.model.finding import Finding
from greenroom.model.place import Place

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ONE_CAUSE_MANY_TESTS = {"TST004", "TST005"}
"""Each site is one more test that does not run; the place may be a line of configuration.

In findings of other codes the sites tell where the cause is, or who suffers from it.
"""


class Area(NamedTuple):
    """The lines of one file in which a weakness may be shown."""

    code: str
    path: str
    first: int
    last: int

    def holds(self, place: Place) -> bool:
        return self.path == place.path and self.first <= place.line <= self.last


def area_of(row: Row, root: Path) -> Area:
    """The innermost function around the row's line; at module level the statement; elsewhere the line."""
    spans = list(_spans(root / row.file, row.line)) if row.file.endswith(".py") else []
    first, last = min(spans, key=lambda span: span[1] - span[0], default=(row.line, row.line))
    return Area(row.code, row.file, first, last)


def _spans(file: Path, line: int) -> Iterator[tuple[int, int]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        decorators = getattr(node, "decorator_list", [])
        span = (
            min(node.lineno, *(each.lineno for each in decorators), node.lineno),
            node.end_lineno or node.lineno,
        )
        if isinstance(node, _FUNCTIONS):
            wanted = span[0] <= line <= span[1]
        elif isinstance(node, ast.ClassDef):
            wanted = span[0] <= line <= node.lineno
        else:
            wanted = node in tree.body and span[0] <= line <= span[1]
        if wanted:
            yield span


def spots_of(finding: Finding) -> frozenset[Place]:
    """Where a finding says that something is wrong."""
    return frozenset({finding.place, *finding.sites})


def areas_met(finding: Finding, areas: frozenset[Area]) -> frozenset[Area]:
    """The areas of the finding's own code in which one of its spots lies."""
    own = {area for area in areas if area.code == finding.code}
    return frozenset(area for area in own if any(area.holds(spot) for spot in spots_of(finding)))


def is_known(finding: Finding, areas: frozenset[Area]) -> bool:
    """Does the ledger accuse what the finding accuses?"""
    own = [area for area in areas if area.code == finding.code]
    spots = spots_of(finding)
    known = {spot for spot in spots if any(area.holds(spot) for area in own)}
    if finding.code in _ONE_CAUSE_MANY_TESTS:
        return known >= {spot for spot in spots if spot.path.endswith(".py")}
    return bool(known)
