"""What stands in the files of a project, in digests: to tell later what has changed."""

from hashlib import blake2b
from pathlib import Path

from greenroom.project.files.ignore import Globs, Listing

_DIGEST = 8
"""Bytes: nobody works against it, and a run holds one for each file."""


def contents_of(root: Path) -> dict[str, str]:
    """Relative path → digest of each Python file that belongs to the project; links and what cannot be read are left out."""
    listing = Listing(root, Globs(()))
    listing.take()
    found = {}
    for path in listing.files:
        if path.endswith(".py"):
            try:
                found[path] = digest((root / path).read_bytes())
            except OSError:
                continue
    return found


def digest(content: bytes) -> str:
    """Of one file."""
    return blake2b(content, digest_size=_DIGEST).hexdigest()
