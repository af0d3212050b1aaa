"""The store of a project: its runs with the evidence of each test, and its audits."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from greenroom.model.audit_record import AuditRecord, FindingRecord
from greenroom.model.evidence import Run, TestEvidence
from greenroom.model.finding import Finding
from greenroom.model.flakiness import Repetition
from greenroom.model.run_summary import RunSummary
from greenroom.model.settings import Settings
from greenroom.model.test_record import TestRecord
from greenroom.project.files.packs import ignore_everything
from greenroom.store import audits, evidence, repetitions, tally
from greenroom.store.engine import WRITES, make_engine
from greenroom.store.errors import StoreError
from greenroom.store.failures import damaged, explained
from greenroom.store.location import StoreLocation, locate
from greenroom.store.schema import HEAD, migrate, read_version

PATIENCE = timedelta(seconds=60)
"""How long to wait for another process that writes; taking in 20,000 tests takes a few seconds."""

_Answer = TypeVar("_Answer")


def open_store(
    root: str | Path,
    url: str | None = None,
    *,
    keep: int | None = None,
    patience: timedelta = PATIENCE,
) -> "Store":
    """Open the store of a project; one that is not there is made, an older one is migrated.

    Args:
        root: The project's folder.
        url: A file, relative to it, or `postgresql://…`; None: the default file.
        keep: How many runs keep their evidence; None: as many as the settings do where nothing is said.
        patience: How long to wait for another process that writes.

    Raises:
        StoreError: it cannot be opened; it is as it was.
    """
    location = locate(Path(root), url)
    if location.file is not None:
        _make_folder(location.file.parent)
    store = Store(location, keep=keep or Settings().keep_runs, patience=patience)
    store.prepare()
    return store


def open_existing(
    root: str | Path, url: str | None = None, *, keep: int | None = None, patience: timedelta = PATIENCE
) -> "Store | None":
    """Open the store of a project if it has one, and make none.

    Args:
        root: The project's folder.
        url: As for `open_store`; so are the others.
        keep: How many runs keep their evidence.
        patience: How long to wait for another process that writes.

    Raises:
        StoreError: it cannot be opened; it is as it was.
    """
    location = locate(Path(root), url)
    if not location.may_exist():
        return None
    store = Store(location, keep=keep or Settings().keep_runs, patience=patience)
    if not store.has_tables():
        return None
    store.prepare()
    return store


class Store:
    """Every method is one transaction, and raises StoreError where the database fails."""

    def __init__(self, location: StoreLocation, *, keep: int, patience: timedelta) -> None:
        self.location = location
        self._keep = keep
        self._project = location.project
        self._engine = make_engine(location, patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is open; the store must not be used afterwards."""
        self._engine.dispose()

    def prepare(self) -> None:
        """Bring the tables to today's form, if they are not."""
        if self._version() == HEAD:
            return
        with self._writing() as connection:
            # Another process may have done it while this one waited.
            if read_version(connection, self.location) != HEAD:
                migrate(connection)

    def has_tables(self) -> bool:
        """Whether somebody has made its tables, in whichever form."""
        return self._version() is not None

    def absorb(self, run: Run, tests: Iterable[TestEvidence]) -> bool:
        """Take in a run; evidence of the oldest run becomes counts when there are too many.

        Returns:
            Whether anything changed: a run that is known already changes nothing, unless more is known
            of it now, as it was still running then.
        """
        listed = tuple(tests)
        with self._writing() as connection:
            changed = evidence.absorb(connection, self._project, run, listed)
            if changed:
                tally.fold_old_runs(connection, self._project, self._keep)
        return changed

    def latest_run(self) -> Run | None:
        """The newest run; it may have been killed, see its exit code."""
        newest = self._read(lambda connection: evidence.read_runs(connection, self._project, limit=1))
        return newest[0].run if newest else None

    def runs(self) -> tuple[RunSummary, ...]:
        """The runs whose evidence is kept, newest first."""
        return self._read(lambda connection: evidence.read_runs(connection, self._project))

    def tests_of(self, run_id: str) -> tuple[TestEvidence, ...]:
        """The evidence of a run, in the order of its tests; empty where the run is not known."""
        return self._read(lambda connection: evidence.read_tests(connection, self._project, run_id))

    def test_records(self) -> tuple[TestRecord, ...]:
        """How every test has ended over time, by name; also in runs whose evidence is gone."""
        return self._read(lambda connection: tally.read_test_records(connection, self._project))

    def record_repetition(self, repetition: Repetition) -> None:
        """Add a repetition; the oldest goes when there are more than runs are kept."""
        with self._writing() as connection:
            repetitions.write_repetition(connection, self._project, repetition, self._keep)

    def repetitions(self) -> tuple[Repetition, ...]:
        """Repetitions, newest first."""
        return self._read(lambda connection: repetitions.read_repetitions(connection, self._project))

    def passed_in_a_row(self, test: str) -> int:
        """How often a test has passed since it last did not, in the runs whose evidence is kept."""
        return self._read(lambda connection: evidence.passed_in_a_row(connection, self._project, test))

    def record_audit(self, record: AuditRecord, findings: Iterable[Finding]) -> None:
        """Add an audit to the history."""
        listed = tuple(findings)
        with self._writing() as connection:
            audits.write_audit(connection, self._project, record, listed)

    def audits(self) -> tuple[AuditRecord, ...]:
        """All audits, oldest first."""
        return self._read(lambda connection: audits.read_audits(connection, self._project))

    def findings(self) -> tuple[FindingRecord, ...]:
        """All that an audit ever found, by key."""
        return self._read(lambda connection: audits.read_findings(connection, self._project))

    def _version(self) -> str | None:
        with self._reading() as connection:
            return read_version(connection, self.location)

    def _read(self, ask: Callable[[Connection], _Answer]) -> _Answer:
        with self._reading() as connection:
            try:
                return ask(connection)
            except (KeyError, TypeError, ValueError) as error:
                raise damaged(self.location, f"{type(error).__name__}: {error}") from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self.location), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self.location), self._engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})  # noqa: PLW2901
            with connection.begin():
                yield connection


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.name == ".greenroom":
            ignore_everything(folder)
    except OSError as error:
        message = (
            f"the folder {folder} of the store cannot be made: {error.strerror}. "
            "Give yourself the right to write there, or set another `store`."
        )
        raise StoreError(message) from error
