"""The lines of the audited project, for source frames."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

SourceLines = Callable[[str], Sequence[str]]
"""Relative path → its lines without line ends; empty where there is nothing to read."""

_MOST_BYTES: Final = 8_000_000
"""A larger file is not source that anybody reads in a frame."""


def no_source(path: str) -> Sequence[str]:  # noqa: ARG001 - the shape of SourceLines
    """Know of no file."""
    return ()


class SourceReader:
    """Reads the files of one project, each once; what cannot be read has no lines."""

    __slots__ = ("_known", "_root")

    def __init__(self, root: Path) -> None:
        """Read below `root`."""
        self._root = root
        self._known: dict[str, tuple[str, ...]] = {}

    def __call__(self, path: str) -> Sequence[str]:
        """The lines of `path`, which is relative to the root."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> tuple[str, ...]:
        try:
            file = self._root / path
            if not file.is_file() or file.stat().st_size > _MOST_BYTES:
                return ()
            text = file.read_bytes().decode("utf-8-sig", "replace")
        except (OSError, ValueError):  # ValueError: a null byte in the path
            return ()
        # Not splitlines(): Python's own line numbers know nothing of form feeds and U+2028.
        return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
