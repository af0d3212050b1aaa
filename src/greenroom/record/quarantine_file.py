"""Where the quarantine of a project stands; asked in every run, most of which have none."""

from pathlib import Path

FILE = "greenroom-quarantine.toml"


def find_quarantine(folder: Path) -> Path:
    """The file of this folder or of the nearest above it, up to the root of the repository.

    Where there is none: the one that would be made here.
    """
    for each in (folder, *folder.parents):
        if (each / FILE).is_file():
            return each / FILE
        if (each / ".git").exists():
            break
    return folder / FILE
