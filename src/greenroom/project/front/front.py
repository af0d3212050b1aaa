"""The whole front end of the audited project."""

from dataclasses import dataclass
from pathlib import Path

from greenroom.project.files.inventory import Inventory
from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.reading import read_front_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What was read of it; nothing of it was run."""

    files: dict[str, FrontFile]
    """By relative path, all kinds."""


def read_front(root: Path, inventory: Inventory) -> Front:
    """Read the front end; nothing but a look at the names where there is none."""
    return Front(files=read_front_files(root, inventory.front))
