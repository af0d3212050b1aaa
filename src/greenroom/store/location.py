"""Where a project's store is; known without opening it, and without any database library."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greenroom.model.settings import Settings
from greenroom.project.declared.store_address import COVERED, is_url, mask, secrets_of
from greenroom.project.files.notations import parse_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLocation:
    """A file, or a database on a server."""

    address: str
    """Of a server, with its password: never to be shown."""
    file: Path | None
    """None: a server."""
    project: str
    """Which of the projects in one database; empty in a file, which has only one."""

    def __str__(self) -> str:
        return mask(self.address) if self.file is None else str(self.file)

    def may_exist(self) -> bool:
        """Whether there is something to open: of a server this is only known by asking it."""
        return self.file is None or self.file.exists()

    def without_secrets(self, text: str) -> str:
        """A driver's text in which the password is covered, should it be there."""
        for secret in secrets_of(self.address) if self.file is None else ():
            text = text.replace(secret, COVERED)
        return text


def locate(root: Path, address: str | None = None) -> StoreLocation:
    """The store of the project at `root`.

    Args:
        root: The project's folder.
        address: As in the settings; None: the default file.
    """
    address = address or Settings().store
    if is_url(address):
        return StoreLocation(address=address, file=None, project=_name_of(root))
    return StoreLocation(address=address, file=root / address, project="")


def _name_of(root: Path) -> str:
    """What the project calls itself, as folders are called differently on every machine."""
    try:
        told: dict[str, Any] = parse_toml((root / "pyproject.toml").read_text(encoding="utf-8"))
        return str(told["project"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return root.resolve().name
