"""What a file is for."""

from enum import StrEnum


class FileKind(StrEnum):
    """Why a file is in the project."""

    PRODUCTION = "production"
    TEST = "test"
    SCRIPT = "script"
    """Run by people or CI, not by the deployed application."""
    EXAMPLE = "example"
    VENDORED = "vendored"
    GENERATED = "generated"
    ARCHIVED = "archived"
    """Archives and backups: kept, not used."""
