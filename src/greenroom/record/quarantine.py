"""Tests that may fail for a while without blocking: a file under version control, read where tests run.

Each entry has a reason, an owner and a day on which it ends. Light: pytest loads it where it is asked to.
"""

import json
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

_WORDS = ("id", "reason", "owner", "expires")
_HEAD = "# Tests that still run and do not block until they expire: greenroom quarantine list\n"


class QuarantineError(Exception):
    """The file cannot be read or written; the message says where and what now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One entry."""

    id: str
    """As pytest names the test from the file's folder; without parameters it stands for all of them."""
    reason: str
    owner: str
    expires: date
    """The last day on which it holds."""

    def holds(self, today: date) -> bool:
        """Whether it has not expired."""
        return today <= self.expires

    def covers(self, test: str) -> bool:
        """Whether it means this test."""
        return test == self.id or test.startswith(f"{self.id}[")


def read_quarantine(file: Path) -> tuple[Quarantined, ...]:
    """All entries; none where there is no file.

    Raises:
        QuarantineError: it cannot be read, or an entry lacks something.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        message = f"{file} cannot be read: {error}. Repair it, or take it from version control."
        raise QuarantineError(message) from error
    unknown = sorted(set(content) - {"test"})
    entries = content.get("test", [])
    if unknown or not isinstance(entries, list):
        message = f"{file} holds [[test]] entries only, not {', '.join(unknown) or 'a single [test]'}."
        raise QuarantineError(message)
    return tuple(_entry(file, number, entry) for number, entry in enumerate(entries, 1))


def write_quarantine(file: Path, entries: Iterable[Quarantined]) -> None:
    """Replace the file as a whole, entries by their ids.

    Raises:
        QuarantineError: it cannot be written; it is as it was.
    """
    from greenroom.project.files.writing import write_whole  # noqa: PLC0415  - pytest never writes it

    parts = [_HEAD, *(_spelled(entry) for entry in sorted(entries, key=lambda entry: entry.id))]
    try:
        write_whole(file, "\n".join(parts).encode())
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}. It is as it was."
        raise QuarantineError(message) from error


def identify(test: str, file: Path, root: Path) -> str:
    """A test's id from the folder of the file, where it was given from another."""
    path, separator, rest = test.partition("::")
    return os.path.relpath(root / path, file.parent).replace(os.sep, "/") + separator + rest


def _entry(file: Path, number: int, entry: Any) -> Quarantined:
    words = entry if isinstance(entry, dict) else {}
    wrong = [word for word in _WORDS[:3] if not isinstance(words.get(word), str) or not words[word].strip()]
    if type(words.get("expires")) is not date:
        wrong.append("expires")
    if wrong or set(words) - set(_WORDS):
        odd = sorted(set(words) - set(_WORDS))
        told = f"needs {', '.join(wrong)}" if wrong else f"knows no {', '.join(odd)}"
        message = (f"{file}: entry {number} ({words.get('id', 'without an id')}) {told}. "
                   "An entry has id, reason and owner as text, and expires as a day: expires = 2027-01-31")  # fmt: skip
        raise QuarantineError(message)
    return Quarantined(id=words["id"], reason=words["reason"], owner=words["owner"], expires=words["expires"])


def _spelled(entry: Quarantined) -> str:
    texts = {"id": entry.id, "reason": entry.reason, "owner": entry.owner}
    lines = [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in texts.items()]
    return "\n".join(["[[test]]", *lines, f"expires = {entry.expires.isoformat()}", ""])
