"""What questions about single files were answered with, kept by content: most of them cost decoded bodies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from greenroom.project.code.kept_answers import KeptAnswers
from greenroom.project.files.packs import Pack, all_own_code

_FORMAT = 1


class Readings:
    """What earlier runs read out of files, and what this one does.

    A reader is a function of one module that gives plain data, as `marshal` takes it. It rests on nothing but what
    stands in the file: not on its path or its kind, on no other file and on no setting.
    """

    def __init__(self, root: Path) -> None:
        self.kept = KeptAnswers[str](Pack(root, "readings", _FORMAT), all_own_code())

    def of(self, digest: str, name: str, read: Callable[[], Any]) -> Any:
        """What the reader of this name makes of the file with this content; `read` runs it."""
        asked = self.kept.asked.get(name)
        if asked is None:
            asked = self.kept.open(name)
        if digest not in asked:
            self.kept.add(name, digest, read())
        return asked[digest]
