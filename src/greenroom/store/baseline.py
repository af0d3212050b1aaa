"""The baseline: findings that the team has accepted for now. It may only shrink."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from greenroom.model.finding import Finding
from greenroom.project.files.errors import ProjectError
from greenroom.project.files.writing import write_whole

_VERSION = 1


class BaselineError(ProjectError):
    """The baseline file cannot be read or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How often each finding's key was accepted; keys hold no line numbers."""

    entries: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A baseline brought up to date."""

    baseline: Baseline
    removed: int
    """Entries that no longer occur."""
    added: int
    """Findings that are new in it."""
    refused: tuple[Finding, ...]
    """Findings that would have made it grow."""


def read_baseline(file: Path) -> Baseline | None:
    """The baseline in this file; None where there is none.

    Raises:
        BaselineError: it is there and cannot be read.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(file, str(error)) from error
    return Baseline(entries=_read_entries(file, content))


def write_baseline(file: Path, baseline: Baseline) -> None:
    """Replace the file as a whole; the same findings give the same bytes.

    Raises:
        BaselineError: the file cannot be written; an older one is untouched.
    """
    content = {"version": _VERSION, "findings": dict(sorted(baseline.entries.items()))}
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    try:
        write_whole(file, text.encode())
    except OSError as error:
        message = f"the baseline {file} cannot be written: {error.strerror}"
        raise BaselineError(message) from error


def revise(old: Baseline | None, findings: Iterable[Finding], *, accept_new: bool) -> Revision:
    """Drop what no longer occurs; add what is new only to a first baseline, or when told to."""
    listed = list(findings)
    today = Counter(finding.key for finding in listed)
    before = Counter[str]() if old is None else Counter(old.entries)
    kept = today & before
    new = today - before
    may_grow = accept_new or old is None
    return Revision(
        baseline=Baseline(entries=today if may_grow else kept),
        removed=(before - today).total(),
        added=new.total() if may_grow else 0,
        refused=() if may_grow else _last_of_each(listed, new),
    )


def _last_of_each(findings: list[Finding], wanted: Counter[str]) -> tuple[Finding, ...]:
    """As many findings per key as wanted, in order; of equal ones the last, as the first are known."""
    left = Counter(wanted)
    chosen = []
    for finding in reversed(findings):
        if left[finding.key]:
            left[finding.key] -= 1
            chosen.append(finding)
    return tuple(reversed(chosen))


def _read_entries(file: Path, content: Any) -> dict[str, int]:
    if not isinstance(content, dict) or not isinstance(content.get("findings"), dict):
        raise _unreadable(file, "expected an object with `version` and `findings`")
    if content.get("version") != _VERSION:
        reason = f"its version is {content.get('version')!r}, this Greenroom knows {_VERSION}"
        raise _unreadable(file, reason)
    for key, count in content["findings"].items():
        if type(count) is not int or count < 1:
            raise _unreadable(file, f"the count of {key!r} is {count!r}, expected 1 or more")
    return dict(content["findings"])


def _unreadable(file: Path, reason: str) -> BaselineError:
    return BaselineError(
        f"the baseline {file} cannot be read: {reason}. "
        "Restore it from version control, or delete it and run `greenroom baseline`."
    )
