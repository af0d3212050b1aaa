"""The inventory of a project that a test writes down as text."""

from collections.abc import Iterable
from pathlib import Path

from greenroom.model.settings import Settings
from greenroom.project.files.inventory import Inventory, take_inventory
from greenroom.project.files.kind import FileKind

CODE = "import os\n\n\ndef work():\n    return os.getpid()\n"
TEST = "def test_it():\n    assert True\n"


def kinds(root: Path, settings: Settings | None = None) -> dict[str, FileKind]:
    """Path → what the file is for."""
    return {file.path: file.kind for file in inventory(root, settings).files}


def inventory(root: Path, settings: Settings | None = None) -> Inventory:
    return take_inventory(root, settings or Settings())


def write_all(root: Path, paths: Iterable[str], text: str = CODE) -> Path:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root
