"""What a format of `prove` is given."""

from collections.abc import Callable
from dataclasses import dataclass

from greenroom.model.proof import Proof


def no_text(path: str) -> str:  # noqa: ARG001 - the shape of `ProveRequest.text`
    """Know of no file."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveRequest:
    """One campaign, and all that is needed to write about it."""

    proof: Proof
    text: Callable[[str], str] = no_text
    """Relative path → the file's source as it was changed, `\\n` at the ends of lines; empty where there is none."""
    version: str = ""
    """Of Greenroom, for the formats that name their writer."""
