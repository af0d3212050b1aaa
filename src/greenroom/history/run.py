"""From a range of commits to what became of the tests in it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from greenroom.history.definitions import definitions, is_of_tests
from greenroom.history.fitness import Fitness
from greenroom.history.judge import Judge
from greenroom.history.lineage import Departure, read_departures
from greenroom.history.repository import Commit, Repository
from greenroom.history.sketch import Sketch, TestFile
from greenroom.history.subject import Subjects
from greenroom.history.support import settle_helpers
from greenroom.history.survivors import Survivors, Unfit
from greenroom.history.vanished import Identity, Turnover, Vanished, read_turnover
from greenroom.history.verdict import Verdict
from greenroom.model.history import Area, Deletion, Fate, History
from greenroom.model.place import Place
from greenroom.project.code.reading import Progress
from greenroom.project.collector import collector_paused
from greenroom.project.files.classify import is_vendored
from greenroom.project.files.errors import ProjectError

_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d.*)?|\d+[ .](?:day|week|month|year)s?[ .]ago|yesterday")
_MAINLINE = ("--first-parent",)
_ORDER = list(Fate)[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The commits to look at, along the main line: what a branch added and took back does not count."""

    spelled: str
    selection: tuple[str, ...]
    """As git's `log` takes it."""
    first: str
    """The id of the commit before it; empty where the range begins with the first commit of all."""
    last: str
    """The id of its last commit."""
    commits: tuple[Commit, ...]
    """Newest first."""


def read_range(repository: Repository, *, last: int = 0, since: str = "", span: str = "") -> Range:
    """Find the commits: the last so many, those since a date or a revision, or a range in git's words.

    Raises:
        ProjectError: git knows no such revision or date, or there is no commit in the range.
    """
    end = span.rpartition("..")[2].lstrip(".") or "HEAD" if ".." in span else "HEAD"
    newest = repository.resolve(end)
    if newest is None:
        raise ProjectError(_unknown(repository, end))
    spelled, selection = _select(repository, newest, last=last, since=since, span=span)
    commits = repository.commits(*_MAINLINE, *selection)
    if not commits:
        message = f"{spelled}: no commit in this range; try a longer one, such as --last 200"
        raise ProjectError(message)
    first = repository.resolve(f"{commits[-1].id}^") or ""
    return Range(spelled=spelled, selection=selection, first=first, last=newest, commits=tuple(commits))


def read_range_to_head(repository: Repository, commits: str) -> Range:
    """The last so many commits, or those of a range that ends at what is checked out.

    Raises:
        ProjectError: as for `read_range`, and where the range ends elsewhere.
    """
    if commits.isdecimal():
        return read_range(repository, last=int(commits))
    chosen = read_range(repository, span=commits if ".." in commits else f"{commits}..")
    if chosen.last != repository.resolve("HEAD"):
        message = f"{commits}: what is checked out is judged; give a range that ends at HEAD"
        raise ProjectError(message)
    return chosen


def read_history(
    repository: Repository,
    chosen: Range,
    fitness: Fitness,
    *,
    untested: Iterable[str],
    progress: Progress | None = None,
) -> History:
    """All that a report says of a range."""
    deletions, turnover = read_deletions(repository, chosen, fitness.doubt, progress)
    return History(
        project=repository.name, range=chosen.spelled, first=chosen.first, last=chosen.last,
        commits=len(chosen.commits), shallow=repository.is_shallow, files_deleted=turnover.files,
        deletions=deletions, areas=_areas(deletions),
        broken=fitness.broken_by(turnover.files, [gone.symbol for gone in deletions if not gone.is_test]),
        untested=tuple(untested), notes=tuple(_notes(repository, turnover)),
    )  # fmt: skip


def _notes(repository: Repository, turnover: Turnover) -> Iterator[str]:
    if repository.missing:
        held = f"Git does not hold {len(repository.missing):,} of the files that were asked for"
        yield f"{held} (a partial clone, or a damaged one: `git fsck`): what stood in them is not seen."
    if turnover.vendored:
        yield f"Test files of code that is somebody else's, such as in `vendor/`, are left out: {turnover.vendored:,}."


@collector_paused()
def read_deletions(
    repository: Repository, chosen: Range, unfit: Unfit, progress: Progress | None = None
) -> tuple[tuple[Deletion, ...], Turnover]:
    """Every test and helper that the range deleted, judged; lost ones first."""
    if progress:
        progress("reading history", 0, len(chosen.commits))
    tree = repository.tree(chosen.last)
    changes = list(repository.changes(*_MAINLINE, "--diff-merges=first-parent", *chosen.selection))
    turnover = read_turnover(repository, changes, tree)
    if not turnover.vanished:
        return (), turnover
    tests = {path: blob for path, blob in tree.items() if is_of_tests(path)}
    product = {path: blob for path, blob in tree.items() if path not in tests}
    former = {change.path for change in changes if change.path.endswith(".py")}
    subjects = Subjects(tree, former, _read(repository, product))
    departures = read_departures(repository, turnover, subjects)
    own = {path: blob for path, blob in tests.items() if not is_vendored(path)}
    files = (TestFile(path, text) for path, text in _read(repository, own))
    survivors = Survivors(files, subjects, unfit)
    judge = Judge(survivors, subjects, turnover.births, unfit)
    verdicts = _judge_all(departures, turnover, judge)
    judged = [
        (
            gone.sketch,
            _deletion(turnover.vanished[identity], gone.sketch, verdicts[identity], judge, subjects),
        )
        for identity, gone in departures.items()
        if identity in verdicts
    ]
    settled = _with_lines(repository, tree, settle_helpers(judged, survivors))
    return tuple(sorted(settled, key=_reading_order)), turnover


def _judge_all(
    departures: Mapping[Identity, Departure], turnover: Turnover, judge: Judge
) -> dict[Identity, Verdict]:
    """Those who live on in what was deleted later are told there, once."""
    living = {
        identity: [
            (one.path, one.symbol)
            for one in gone.heir.successors
            if (one.path, one.symbol) in turnover.living
        ]
        for identity, gone in departures.items()
        if gone.heir is not None
    }
    taken = {
        heir
        for identity, heirs in living.items()
        for heir in heirs
        if (found := departures[identity].heir) and found.fate in (Fate.MOVED, Fate.RENAMED)
    }
    verdicts: dict[Identity, Verdict] = {}
    left: list[Identity] = []
    for identity, gone in departures.items():
        heir, heirs = gone.heir, living.get(identity, [])
        if heir and heirs and (verdict := judge.inherited(gone, heir, heirs)):
            verdicts[identity] = verdict
        elif heirs or not heir or not any((one.path, one.symbol) in departures for one in heir.successors):
            left.append(identity)
    several = [(departures[identity], turnover.vanished[identity].age) for identity in left]
    return verdicts | dict(zip(left, judge.judge(several, taken), strict=True))


def _with_lines(
    repository: Repository, tree: Mapping[str, str], deletions: Iterable[Deletion]
) -> Iterator[Deletion]:
    """With the line of what was tested; until here only its file and name are known."""
    deletions = list(deletions)
    wanted = {gone.tested.path: tree[gone.tested.path] for gone in deletions if gone.tested}
    lines = {
        (path, one.name): one.line
        for path, text in _read(repository, wanted)
        for one in [*definitions(text)][::-1]
    }
    for gone in deletions:
        place = gone.tested
        line = lines.get((place.path, place.symbol), 1) if place else 0
        yield replace(gone, tested=replace(place, line=line)) if place else gone


def _areas(deletions: Iterable[Deletion]) -> tuple[Area, ...]:
    """Lost coverage by part of the product, those that lost most first."""
    parts: dict[str, list[Deletion]] = defaultdict(list)
    for deletion in deletions:
        if deletion.is_test:
            parts[deletion.area].append(deletion)
    found = [
        Area(
            name=name, deleted=len(group), lost=sum(one.fate is Fate.LOST for one in group),
            uncovered=tuple(sorted({name for one in group for name in one.uncovered})),
        )
        for name, group in parts.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda area: (-area.lost, -area.deleted, area.name)))


def _read(repository: Repository, tree: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Path and text of each file; copies of one another share a blob."""
    paths = defaultdict(list)
    for path, blob in tree.items():
        paths[blob].append(path)
    for blob, text in repository.texts(paths):
        for path in paths[blob]:
            yield path, text


def _deletion(gone: Vanished, sketch: Sketch, verdict: Verdict, judge: Judge, subjects: Subjects) -> Deletion:
    covered = judge.covered(sketch)
    path, name = subjects.file_of(verdict.subject) if verdict.subject else ("", "")
    return Deletion(
        path=gone.path, symbol=sketch.symbol, line=sketch.line, is_test=sketch.is_test, commit=gone.commit.id,
        date=datetime.fromtimestamp(gone.commit.time, UTC).date().isoformat(), subject=gone.commit.subject,
        fate=verdict.fate, evidence=verdict.evidence, successors=verdict.successors,
        similarity=round(verdict.similarity, 2), checks=sketch.assertions,
        checks_now=sum(judge.survivors[one.path, one.symbol].assertions for one in verdict.successors), area=subjects.area(subjects.of(sketch), gone.path),
        covered=covered, uncovered=judge.uncovered(covered) if verdict.fate is Fate.LOST else (),
        tested=Place(path=path, line=1, symbol=name) if path else None,
    )  # fmt: skip


def _reading_order(deletion: Deletion) -> tuple[object, ...]:
    return (_ORDER.index(deletion.fate), not deletion.is_test, deletion.path, deletion.line, deletion.symbol)


def _select(
    repository: Repository, newest: str, *, last: int, since: str, span: str
) -> tuple[str, tuple[str, ...]]:
    if span:
        for end in filter(None, span.replace("...", "..").split("..")):
            if repository.resolve(end) is None:
                raise ProjectError(_unknown(repository, end))
        return span, (span if ".." in span else f"{span}..HEAD",)
    if since:
        revision = repository.resolve(since)
        if revision is None and not _DATE.fullmatch(since):
            raise ProjectError(
                _unknown(repository, since, "; nor is it a date such as 2026-01-31 or '3 months ago'")
            )
        return (f"since {since}", (f"{revision}..{newest}",) if revision else (f"--since={since}", newest))
    return f"the last {last} commits", (f"--max-count={last}", newest)


def _unknown(repository: Repository, revision: str, more: str = "") -> str:
    shallow = (
        "; the clone is shallow: fetch the history first (`git fetch --unshallow`)"
        if repository.is_shallow
        else ""
    )
    return f"git knows no revision {revision!r} here{more}{shallow}"
