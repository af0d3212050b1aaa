"""Which tests and helpers of tests a range of commits deleted for good."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from greenroom.history.definitions import Named, Names, is_of_tests
from greenroom.history.repository import Change, Commit, Repository
from greenroom.project.files.classify import is_vendored

Identity = tuple[str, str]
"""Path and qualified name of a test or helper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A test or helper that is not at the end of the range where it was."""

    path: str
    commit: Commit
    age: int
    """How many commits ago, counted from the end of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What one commit that deleted tests did to Python files."""

    commit: Commit
    tests: tuple[Change, ...]
    """Of test files that gained or lost a function."""
    product: tuple[Change, ...]
    around: tuple[Change, ...]
    """The product's Python files, pages, scripts and settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """What came and what went."""

    vanished: Mapping[Identity, Vanished]
    """The last deletion of each, newest first."""
    births: Mapping[Identity, int]
    """How many commits ago each was added; what is older than the range is not in it."""
    living: AbstractSet[Identity]
    """What is at the end, of the files that the range touched."""
    files: tuple[str, ...]
    """Test files that went, and are not there at the end."""
    deeds: tuple[Deed, ...]
    """The commits of `vanished`, newest first."""
    vendored: int
    """How many test files of somebody else's the range touched: what became of those tests nobody asks."""


def read_turnover(repository: Repository, changes: Iterable[Change], tree: Mapping[str, str]) -> Turnover:
    """Compare the tests of each file before and after each commit.

    Args:
        repository: where the texts are.
        changes: newest first.
        tree: path and blob of every file at the end of the range.
    """
    changes = list(changes)
    of_tests = [change for change in changes if change.path.endswith(".py") and is_of_tests(change.path)]
    concerned = [change for change in of_tests if not is_vendored(change.path)]
    named = _name_all(repository, concerned, tree)
    vanished: dict[Identity, Vanished] = {}
    births: dict[Identity, int] = {}
    telling: set[Change] = set()
    for change in concerned:
        before, after = named.get(change.before, {}), named.get(change.after, {})
        if before is after or (change.after and change.after not in named):
            continue  # what git does not hold is not known
        at_end = named.get(tree.get(change.path, ""), {})
        if after.keys() != before.keys():
            telling.add(change)
        for symbol in after.keys() - before.keys():
            births.setdefault((change.path, symbol), change.age)
        for symbol in before:
            if symbol not in after and symbol not in at_end:
                gone = Vanished(path=change.path, commit=change.commit, age=change.age)
                vanished.setdefault((change.path, symbol), gone)
    paths = {change.path for change in concerned}
    return Turnover(
        vanished=vanished, births=births,
        living=frozenset((path, symbol) for path in paths for symbol in named.get(tree.get(path, ""), ())),
        files=tuple(sorted({change.path for change in concerned if not change.after and change.path not in tree})),
        deeds=_deeds(changes, telling, vanished.values()),
        vendored=len({change.path for change in of_tests} - paths),
    )  # fmt: skip


def _deeds(
    changes: Iterable[Change], telling: AbstractSet[Change], vanished: Iterable[Vanished]
) -> tuple[Deed, ...]:
    grouped: dict[str, list[Change]] = {gone.commit.id: [] for gone in vanished}
    for change in changes:
        if change.commit.id in grouped:
            grouped[change.commit.id].append(change)
    return tuple(_deed(group, telling) for group in grouped.values())


def _deed(changes: Iterable[Change], telling: AbstractSet[Change]) -> Deed:
    changes = list(changes)
    around = tuple(
        change for change in changes if not is_of_tests(change.path) and ".min." not in change.path
    )
    return Deed(
        commit=changes[0].commit, tests=tuple(change for change in changes if change in telling),
        product=tuple(change for change in around if change.path.endswith(".py")), around=around,
    )  # fmt: skip


def _name_all(repository: Repository, changes: Iterable[Change], tree: Mapping[str, str]) -> dict[str, Named]:
    """The tests and helpers of every version of every file that the range touched, in order."""
    versions: dict[str, list[str]] = {}
    for change in changes:
        versions.setdefault(change.path, [tree.get(change.path, "")]).extend((change.after, change.before))
    blobs = (blob for path in sorted(versions) for blob in versions[path] if blob)
    names = Names()
    return {blob: names.of(text) for blob, text in repository.texts(blobs)}
