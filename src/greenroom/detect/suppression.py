"""Inline suppressions: `# greenroom: ignore[EVL001] reason`, on a line of the statement or alone above it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from greenroom.model.finding import Finding
from greenroom.model.mode import FailureMode
from greenroom.model.place import Place
from greenroom.project.code.module import Module

_CODE = re.compile(r"[A-Z]{3}\d{3}")
_SEPARATOR = re.compile(r"[,\s]+")
_EXAMPLE = "write `# greenroom: ignore[EVL001] reason`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One well-formed comment."""

    path: str
    line: int
    codes: tuple[str, ...]
    reason: str
    alone: bool
    """No code stands on its line, so that it speaks for the line below."""

    def covers(self, code: str, place: Place, end_line: int = 0) -> bool:
        """Whether it suppresses a finding of this code whose statement spans these lines."""
        if code not in self.codes or place.path != self.path:
            return False
        first = place.line - 1 if self.alone else place.line
        return first <= self.line <= max(place.line, end_line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressions:
    """All comments of a project, and what is wrong with the malformed ones."""

    comments: tuple[Suppression, ...] = ()
    notices: tuple[str, ...] = ()


def read_suppressions(root: Path, modules: Iterable[Module], modes: Iterable[FailureMode]) -> Suppressions:
    """Judge the comments that the modules carry.

    Args:
        root: The project's root, to see whether a comment stands alone on its line.
        modules: Files of the project.
        modes: All of the catalogue.
    """
    known = frozenset(mode.code for mode in modes)
    comments: list[Suppression] = []
    notices: list[str] = []
    for module in modules:
        lines = _source_lines(root / module.path) if module.suppressions else []
        for line, codes, reason in module.suppressions:
            spelled = tuple(filter(None, _SEPARATOR.split(codes)))
            problem = _problem(spelled, reason, known)
            if problem:
                notices.append(f"{module.path}:{line}: suppression {problem}")
                continue
            comments.append(
                Suppression(
                    path=module.path,
                    line=line,
                    codes=spelled,
                    reason=reason,
                    alone=line <= len(lines) and lines[line - 1].lstrip().startswith(b"#"),
                )
            )
    return Suppressions(comments=tuple(comments), notices=tuple(notices))


def apply_suppressions(
    findings: Iterable[Finding], suppressions: Suppressions
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings, with those that a comment covers hidden; and notices about useless comments.

    A comment on one of a finding's further sites takes away that site only.
    """
    by_path: dict[str, list[Suppression]] = {}
    for comment in suppressions.comments:
        by_path.setdefault(comment.path, []).append(comment)
    used: set[tuple[Suppression, str]] = set()
    judged = tuple(_judge(finding, by_path, used) for finding in findings)
    unused = tuple(
        f"{comment.path}:{comment.line}: suppression of {code} is not needed: nothing is found here"
        for comment in suppressions.comments
        for code in comment.codes
        if (comment, code) not in used
    )
    return judged, suppressions.notices + unused


def _judge(
    finding: Finding, by_path: dict[str, list[Suppression]], used: set[tuple[Suppression, str]]
) -> Finding:
    def comments_on(place: Place, end_line: int = 0) -> list[Suppression]:
        nearby = by_path.get(place.path, ())
        return [comment for comment in nearby if comment.covers(finding.code, place, end_line)]

    covering = comments_on(finding.place, finding.end_line)
    sites = {site: comments_on(site) for site in finding.sites}
    used.update((comment, finding.code) for found in (covering, *sites.values()) for comment in found)
    if covering:
        return replace(finding, shown=False, hidden_because=f"suppressed: {covering[0].reason}")
    return replace(finding, sites=tuple(site for site, found in sites.items() if not found))


def _problem(codes: tuple[str, ...], reason: str, known: frozenset[str]) -> str:
    if not codes:
        return f"names no code; {_EXAMPLE}"
    malformed = [code for code in codes if not _CODE.fullmatch(code)]
    if malformed:
        return f"names {malformed[0]!r}, which is no code; {_EXAMPLE}"
    unknown = [code for code in codes if code not in known]
    if unknown:
        return f"names {unknown[0]}, a code that does not exist; `greenroom modes` lists them all"
    return "" if reason else f"gives no reason; {_EXAMPLE}"


def _source_lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError:  # gone since it was read: the comment then speaks for its own line
        return []
