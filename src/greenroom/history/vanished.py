"""Which tests and helpers of tests a range of commits deleted for good."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from greenroom.history.definitions import Definition, definitions, is_of_tests
from greenroom.history.repository import Change, Commit, Repository

_Names = Mapping[str, Definition]
Identity = tuple[str, str]
"""Path and qualified name of a test or helper."""
_NOTHING: _Names = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A test or helper that is not at the end of the range where it was."""

    path: str
    definition: Definition
    """As it stood before the deletion."""
    commit: Commit
    age: int
    """How many commits ago, counted from the end of the range."""
    blob: str
    """The file before the deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """What came and what went."""

    vanished: tuple[Vanished, ...]
    """The last deletion of each, newest first."""
    births: Mapping[Identity, int]
    """How many commits ago each was added; what is older than the range is not in it."""
    files: tuple[str, ...]
    """Test files that went, and are not there at the end."""
    dropped: Mapping[str, frozenset[str]]
    """By commit that deleted tests: functions and classes of the product that it deleted too."""


def read_turnover(repository: Repository, changes: Iterable[Change], tree: Mapping[str, str]) -> Turnover:
    """Compare the tests of each file before and after each commit.

    Args:
        repository: where the texts are.
        changes: newest first.
        tree: path and blob of every file at the end of the range.
    """
    changes = list(changes)
    concerned = [change for change in changes if is_of_tests(change.path)]
    named = _name_all(repository, concerned, tree)
    vanished: dict[Identity, Vanished] = {}
    births: dict[Identity, int] = {}
    for change in concerned:
        before, after = named.get(change.before, _NOTHING), named.get(change.after, _NOTHING)
        at_end = named.get(tree.get(change.path, ""), _NOTHING)
        for symbol in after.keys() - before.keys():
            births.setdefault((change.path, symbol), change.age)
        for symbol, definition in before.items():
            if symbol not in after and symbol not in at_end:
                gone = Vanished(
                    path=change.path,
                    definition=definition,
                    commit=change.commit,
                    age=change.age,
                    blob=change.before,
                )
                vanished.setdefault((change.path, symbol), gone)
    files = {change.path for change in concerned if not change.after and change.path not in tree}
    return Turnover(
        vanished=tuple(vanished.values()), births=births, files=tuple(sorted(files)),
        dropped=_read_dropped(repository, changes, {gone.commit.id for gone in vanished.values()}),
    )  # fmt: skip


def _read_dropped(
    repository: Repository, changes: Iterable[Change], commits: set[str]
) -> dict[str, frozenset[str]]:
    """What these commits deleted from the product, moves within the commit left out."""
    concerned = [change for change in changes if change.commit.id in commits and not is_of_tests(change.path)]
    blobs = {blob for change in concerned for blob in (change.before, change.after)}
    named = {
        blob: {found.name for found in definitions(text)} for blob, text in repository.texts(blobs - {""})
    }
    before: dict[str, set[str]] = defaultdict(set)
    after: dict[str, set[str]] = defaultdict(set)
    for change in concerned:
        before[change.commit.id] |= named.get(change.before, set())
        after[change.commit.id] |= named.get(change.after, set())
    return {commit: frozenset(names - after[commit]) for commit, names in before.items()}


def _name_all(
    repository: Repository, changes: Iterable[Change], tree: Mapping[str, str]
) -> dict[str, _Names]:
    """The tests and helpers of every version of every file that the range touched."""
    paths = {change.path for change in changes}
    blobs = {blob for change in changes for blob in (change.before, change.after)}
    blobs |= {tree[path] for path in paths & tree.keys()}
    return {blob: _names(text) for blob, text in repository.texts(blobs - {""})}


def _names(text: str) -> _Names:
    return {found.symbol: found for found in definitions(text) if found.is_test or found.is_helper}
