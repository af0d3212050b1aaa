"""The run that an audit rests on, as the settings name it."""

from pathlib import Path

from greenroom.model.evidence import Run, TestEvidence
from greenroom.model.settings import Settings
from greenroom.store.errors import StoreError
from greenroom.store.location import locate


def used_run(
    root: Path, settings: Settings
) -> tuple[tuple[Run, tuple[TestEvidence, ...]] | None, tuple[str, ...]]:
    """The run, if there is one, and a notice where it cannot be had although nobody named one.

    Raises:
        StoreError: the run that the settings name cannot be had.
    """
    if settings.evidence == "none":
        return None, ()
    try:
        if settings.evidence == "latest" and not locate(root, settings.store).may_exist():
            return None, ()
        from greenroom.store.chosen_run import choose_run  # noqa: PLC0415  - loads SQLAlchemy

        return choose_run(root, settings.store, settings.evidence), ()
    except StoreError as error:
        if settings.evidence != "latest":
            raise
        return None, (f"what was recorded is not used: {error}",)
