"""What a campaign has found, kept as it is found: who is killed at any moment goes on from there."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from greenroom.campaign.judgement import Judgement
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Verdict

_FINAL = frozenset({Verdict.CAUGHT, Verdict.HUNG, Verdict.ESCAPED, Verdict.BROKEN})
"""What is not confirmed is tried again."""


class Journal:
    """A file to which each judgement is added as one line; torn lines are passed over."""

    def __init__(self, file: Path) -> None:
        """Read what is there.

        Raises:
            OSError: the file cannot be made.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        self._known = dict(_read(file))
        self._handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def find(self, subject: Subject, kind: str = "mutant") -> Judgement | None:
        """What was found for this very change and these tests."""
        return self._known.get(_key(subject, kind))

    def add(self, subject: Subject, judgement: Judgement, kind: str = "mutant") -> None:
        """Keep a judgement, if it is final.

        Raises:
            OSError: it cannot be written.
        """
        if judgement.verdict not in _FINAL:
            return
        line = {
            "key": _key(subject, kind), "verdict": judgement.verdict, "by": judgement.by, "error": judgement.error,
            "where": judgement.where, "cold": judgement.cold, "seconds": round(judgement.seconds, 4),
        }  # fmt: skip
        os.write(self._handle, json.dumps(line).encode() + b"\n")


def _key(subject: Subject, kind: str) -> str:
    parts = (kind, subject.change.path, subject.change.text, str(subject.change.in_children), *subject.tests)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _read(file: Path) -> Iterator[tuple[str, Judgement]]:
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            told = json.loads(line)
            key = told.pop("key")
            yield key, Judgement(**{**told, "verdict": Verdict(told["verdict"])})
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
