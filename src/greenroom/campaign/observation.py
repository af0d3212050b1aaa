"""What is known of a suite before anything is seeded: which test runs what, how long it takes, whom to believe."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path

from greenroom.project.files.writing import write_whole

Lines = dict[str, set[int]]
"""By path relative to the root."""


def add(lines: Lines, found: Iterable[tuple[str, Iterable[int]]]) -> None:
    """Put in what was found."""
    for path, numbers in found:
        lines.setdefault(path, set()).update(numbers)


@dataclass(slots=True, kw_only=True)
class ObservedTest:
    """One test."""

    id: str
    outcome: str = ""
    """passed · failed · skipped · xfailed · error; empty where it was never reached."""
    why: str = ""
    """Why it failed or was skipped."""
    seconds: float = 0.0
    """With set-up and tear-down; the longer of the two runs. With what it shares, where it was never run alone."""
    work: float = 0.0
    """Seconds of processor time of this and what it started; the longer of the two runs."""
    lines: Lines = field(default_factory=dict)
    """Of those that matter: lines that mutants change."""
    own: Lines = field(default_factory=dict)
    """Of these, what it runs itself, or has processes run that are started for it and for nobody else: not what others share."""
    files: set[str] = field(default_factory=set)
    """Of the project, of which it runs any function; `ANYTHING` where nobody knows."""
    alone: bool = True
    """Whether it passes alone in a fresh process."""
    timing: bool = False
    """Whether it fails on a busy machine: it does not vote."""
    left: bool = False
    """Whether its coroutine is never awaited: it is green whatever happens, and does not vote."""

    @property
    def votes(self) -> bool:
        """Whether its failure says anything."""
        return self.outcome == "passed" and not self.timing and not self.left


@dataclass(slots=True, kw_only=True)
class Observation:
    """A whole suite, in the order in which it was collected."""

    tests: list[ObservedTest] = field(default_factory=list)
    imported: Lines = field(default_factory=dict)
    """Lines that run when the project is imported."""
    run_by_import: list[str] = field(default_factory=list)
    """Files of which the import of the project runs functions."""
    in_children: Lines = field(default_factory=dict)
    """Lines that run in processes which tests start."""
    late: list[str] = field(default_factory=list)
    """Libraries that are imported by tests, not with them."""
    libraries: list[str] = field(default_factory=list)
    """All that are imported with the tests, in that order."""
    deselected: list[str] = field(default_factory=list)
    """Ids of tests that were found and are not to run."""
    unsafe: list[str] = field(default_factory=list)
    """Why the collected suite may not be forked; empty: it may."""
    colliding: list[str] = field(default_factory=list)
    """Tests that disturb one another when they run at the same time."""
    own_network: bool = False
    """Whether tests run in networks of their own, since they disturb one another in a common one."""
    hurried: bool = False
    """Whether only modules were run alone, for want of time: who has more looks again."""
    seconds: float = 0.0
    """All tests in turn."""
    collecting: float = 0.0
    """Seconds until the tests are collected."""
    wanted: Lines = field(default_factory=dict)
    """The lines that mattered."""
    contents: dict[str, str] = field(default_factory=dict)
    """Digests of the files in which they stand."""
    rests: dict[str, str] = field(default_factory=dict)
    """By test, a digest of all on which rests what it runs."""

    def voters(self, path: str, lines: Iterable[int]) -> list[ObservedTest]:
        """The tests that run any of these lines, and whose failure counts."""
        wanted = set(lines)
        return [test for test in self.tests if test.votes and wanted & test.lines.get(path, set())]

    def run(self) -> Lines:
        """The lines that voters or the import of the project run."""
        found: Lines = {}
        for lines in (self.imported, *(test.lines for test in self.tests if test.votes)):
            for path, numbers in lines.items():
                found.setdefault(path, set()).update(numbers)
        return found

    def save(self, file: Path) -> None:
        """Keep it for the next campaign.

        Raises:
            OSError: it cannot be written.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(self, default=_plain).encode())


def load_observation(file: Path) -> Observation | None:
    """What `save` kept; None where there is nothing to be had."""
    try:
        told = json.loads(file.read_bytes())
        tests = [
            ObservedTest(
                **{
                    **test,
                    "lines": _sets(test["lines"]),
                    "own": _sets(test["own"]),
                    "files": set(test["files"]),
                }
            )
            for test in told.pop("tests")
        ]
        imported, in_children = _sets(told.pop("imported")), _sets(told.pop("in_children"))
        wanted = _sets(told.pop("wanted"))
        return Observation(tests=tests, imported=imported, in_children=in_children, wanted=wanted, **told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _plain(what: object) -> object:
    """For JSON, one at a time: a copy of all would stay in the memory of the campaign."""
    if isinstance(what, Observation | ObservedTest):
        return {each.name: getattr(what, each.name) for each in fields(what)}
    if isinstance(what, set):
        return sorted(what)
    raise TypeError(type(what).__name__)


def _sets(lines: dict[str, list[int]]) -> Lines:
    return {path: set(numbers) for path, numbers in lines.items()}
