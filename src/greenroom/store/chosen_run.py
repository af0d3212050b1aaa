"""The run that an audit rests on, from the store."""

from pathlib import Path

from greenroom.model.evidence import Run, TestEvidence
from greenroom.model.notes import ELSEWHERE
from greenroom.model.outcome import Outcome, says_something
from greenroom.store.errors import StoreError
from greenroom.store.store import Store, open_existing

LATEST = "latest"


def choose_run(root: Path, url: str, wanted: str) -> tuple[Run, tuple[TestEvidence, ...]] | None:
    """A run and its evidence.

    Args:
        root: The project's folder.
        url: Of the store, as for `open_store`.
        wanted: `latest`: the newest that says something of tests (`_latest`); or the id of a run.

    Returns:
        None where there is no store, or no such run in it and `latest` was asked for.

    Raises:
        StoreError: the store cannot be read; the run that was named is not in it, or says nothing of its files;
            its tests met another copy of the code.
    """
    store = open_existing(root, url)
    if store is None:
        if wanted == LATEST:
            return None
        raise StoreError(_missing(wanted))
    with store:
        run = _latest(store) if wanted == LATEST else _named(store, wanted)
        if run is None:
            return None
        for note in run.notes:
            if note.startswith(ELSEWHERE):
                message = f"in the run {run.id} the code was {note}"
                raise StoreError(message)
        return run, store.tests_of(run.id)


def _latest(store: Store) -> Run | None:
    """The newest that has ended, in which some test came as far as its body; one that was broken off only where there is no other.

    Where collecting or all setting up failed, nothing was measured, and an earlier run knows more.
    """
    fit = [
        each for each in store.runs()
        if each.run.exit_code is not None and each.run.contents and any(map(says_something, each.outcomes))
    ]  # fmt: skip
    whole = (each.run for each in fit if not each.outcomes.get(Outcome.UNFINISHED))
    return next(whole, fit[0].run if fit else None)


def _named(store: Store, wanted: str) -> Run:
    run = next((each.run for each in store.runs() if each.run.id == wanted), None)
    if run is None:
        raise StoreError(_missing(wanted))
    if not run.contents:
        message = f"the run {wanted} does not say which files it saw, as newer ones do: record it again"
        raise StoreError(message)
    return run


def _missing(wanted: str) -> str:
    return f"the run {wanted} is not in the store; `greenroom runs` lists those that are"
