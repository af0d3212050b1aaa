"""Repeated runs of a project: kept in its store, and told from there."""

from collections.abc import Sequence
from pathlib import Path

from greenroom.model.flakiness import Repetition
from greenroom.model.settings import Settings
from greenroom.record.recording import Recording
from greenroom.store.location import locate


def remember_repetition(repetition: Repetition, first: Recording, path: Path, settings: Settings) -> None:
    """Keep what came of repeated runs, and the first of them as a run like any other.

    Raises:
        StoreError: the store cannot be read or written; it is as it was.
    """
    from greenroom.store.store import open_store  # noqa: PLC0415  - loads SQLAlchemy

    with open_store(path, settings.store, keep=settings.keep_runs) as store:
        store.absorb(first.run, first.tests)
        store.record_repetition(repetition)


def recall_repetitions(path: Path, settings: Settings) -> tuple[Repetition, ...]:
    """The repetitions of a project, newest first.

    Raises:
        StoreError: the store cannot be read.
    """
    if not locate(path, settings.store).may_exist():
        return ()
    from greenroom.store.store import open_existing  # noqa: PLC0415  - as above

    store = open_existing(path, settings.store)
    if store is None:
        return ()
    with store:
        return store.repetitions()


def count_passes(path: Path, settings: Settings, tests: Sequence[str]) -> dict[str, int]:
    """How often each of these tests has passed in a row until now, in the runs whose evidence is kept.

    Raises:
        StoreError: the store cannot be read.
    """
    if not tests or not locate(path, settings.store).may_exist():
        return {}
    from greenroom.store.store import open_existing  # noqa: PLC0415  - as above

    store = open_existing(path, settings.store)
    if store is None:
        return {}
    with store:
        return {test: store.passed_in_a_row(test) for test in tests}
