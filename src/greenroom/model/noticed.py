"""The lens *noticed*: of the failures that were seeded lately, what the tests noticed."""

from dataclasses import dataclass, field

from greenroom.model.mode import Family
from greenroom.model.rate import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticedFamily:
    """One family in one campaign."""

    family: Family
    seeded: int
    """All that were tried, also those that no test runs."""
    rate: Rate
    """Escaped, of those that came to a verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscapedFailure:
    """A failure that no test noticed, and that no comment accepts."""

    path: str
    line: int
    code: str
    """The failure mode's."""
    operator: str
    name: str
    """The operator's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The latest campaign on the whole project."""

    at: float
    """When it began; seconds since the epoch."""
    revision: str = ""
    """The git commit; empty where there is none."""
    modified: bool = False
    """Whether the tree differed from it."""
    narrowed: tuple[str, ...] = ()
    """In words, what it left out: `first rank only`; empty: nothing."""
    doubt: str = ""
    """Why nothing of it may be shown: its controls did not hold; the rest is then empty."""
    rate: Rate = field(default_factory=lambda: Rate(count=0, of=0))
    seeded: int = 0
    families: tuple[NoticedFamily, ...] = ()
    escapes: tuple[EscapedFailure, ...] = ()
    contents: dict[str, str] = field(default_factory=dict)
    """Path → digest of each Python file when it began."""
    changed: tuple[str, ...] = ()
    """Files whose content is another now; filled by who compares."""

    @property
    def is_of_this_tree(self) -> bool:
        """Whether all of it is true of the tree as it is, and of all that can be seeded there."""
        return not (self.doubt or self.changed or self.narrowed)
