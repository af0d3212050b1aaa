"""What a range of version history did to the tests."""

from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.place import Place


class Fate(StrEnum):
    """What became of a deleted test or test helper."""

    MOVED = "moved"
    """The same, in another file or class."""
    RENAMED = "renamed"
    """The same or nearly the same body, under another name."""
    MERGED = "merged"
    """What it does is part of a larger test."""
    SPLIT = "split"
    """What it does is now several tests."""
    REPLACED = "replaced"
    """A test that survives covers the same behaviour in another way."""
    RETIRED = "retired"
    """What it tested was deleted too."""
    UNCLEAR = "unclear"
    """Nothing that survives is like it, and nothing shows whether what it tested is still there."""
    LOST = "lost"
    """What it tested is still there, and nothing that can be imported and is collected covers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A test function or a test helper that the range deleted."""

    path: str
    """Of the file that held it, in the tree before the deletion."""
    symbol: str
    """Qualified name: `TestLogin.test_wrong_password`."""
    line: int
    """In that file, before the deletion."""
    is_test: bool
    """A test function; otherwise a helper: a fixture, a function or a class that tests share."""
    commit: str
    """The full id of the commit that deleted it."""
    date: str
    """ISO day of that commit."""
    subject: str
    """The first line of that commit's message."""
    fate: Fate
    evidence: str
    """One sentence: why this fate."""
    successors: tuple[Place, ...] = ()
    """Where it lives on; for LOST: what is like it and does not count."""
    similarity: float = 0.0
    """0 to 1, of its body and that of what is most like it."""
    checks: int = 0
    """Assertions that it spelled."""
    checks_now: int = 0
    """Those of its successors together."""
    area: str = ""
    """The part of the product that it was about: a folder of production code, else of tests."""
    covered: tuple[str, ...] = ()
    """Names of the project and routes that it touched and that still exist."""
    uncovered: tuple[str, ...] = ()
    """Of these, what no surviving test touches."""
    tested: Place | None = None
    """For LOST: where what it tested stands at the end of the range; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the product, and what its tests lost."""

    name: str
    """A folder of production code, or of tests where it is not known what they covered."""
    deleted: int
    """Test functions."""
    lost: int
    uncovered: tuple[str, ...]
    """Names and routes that lost their last test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a range of commits did to the tests."""

    project: str
    range: str
    """As it was asked for, in git's words."""
    first: str
    """The commit before the range; empty where the range begins with the first commit."""
    last: str
    commits: int
    shallow: bool
    """The clone does not hold the whole history: what was deleted before its first commit is not seen."""
    files_deleted: tuple[str, ...]
    """Test files that the range deleted and that are not there at its end."""
    deletions: tuple[Deletion, ...]
    """Lost first, then by path and line."""
    areas: tuple[Area, ...]
    """Those that lost most first."""
    broken: tuple[Place, ...]
    """Imports at the end of the range that name what it deleted."""
    untested: tuple[str, ...]
    """Routes and integration points that no test at the end of the range reaches, whatever was deleted."""
    notes: tuple[str, ...] = ()
    """What could not be read, and why."""

    def count(self, fate: Fate, *, tests: bool = True) -> int:
        """How many deletions had this fate; of tests, or of helpers."""
        return sum(part.fate is fate and part.is_test is tests for part in self.deletions)

    @property
    def weakened(self) -> tuple[Deletion, ...]:
        """Tests that live on in others, and check less there."""
        return tuple(
            gone
            for gone in self.deletions
            if gone.is_test and gone.fate in _LIVING and gone.checks_now < gone.checks
        )

    @property
    def grade(self) -> str:
        """A to F by the share of deleted tests that is lost; empty where none was deleted.

        A: none. B: up to 5 %. C: up to 15 %. D: up to 30 %. F: more.
        """
        deleted = sum(part.is_test for part in self.deletions)
        if not deleted:
            return ""
        share = self.count(Fate.LOST) / deleted
        return next((grade for grade, most in _GRADES if share <= most), "F")


_LIVING = frozenset({Fate.MOVED, Fate.RENAMED, Fate.MERGED, Fate.SPLIT, Fate.REPLACED})
_GRADES = (("A", 0.0), ("B", 0.05), ("C", 0.15), ("D", 0.30))
