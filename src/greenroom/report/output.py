"""Writing a report to a file: all of it or nothing."""

from pathlib import Path

from greenroom.project.files.writing import write_whole


def write_report(path: Path, text: str) -> None:
    """Write `text` as UTF-8; missing folders are made.

    Raises:
        OSError: The folder cannot be made or the file not be written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
