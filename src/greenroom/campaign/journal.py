"""What a campaign has found, kept as it is found: who is killed at any moment goes on from there.

A verdict of an earlier state of the tree is known, too, if nothing has changed that it rests on.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from greenroom.campaign.dependence import Dependence
from greenroom.campaign.judgement import Judgement
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Verdict

_FINAL = frozenset({Verdict.CAUGHT, Verdict.HUNG, Verdict.ESCAPED, Verdict.BROKEN})
"""What is not confirmed is tried again."""


class Journal:
    """A file to which each judgement is added as one line; torn lines are passed over."""

    def __init__(self, file: Path, earlier: Iterable[Path], dependence: Dependence) -> None:
        """Read what is there.

        Args:
            file: Of this very tree.
            earlier: The same of earlier states of the tree.
            dependence: Knows what a verdict on this tree rests on.

        Raises:
            OSError: the file cannot be made.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        self._dependence = dependence
        self._known = {key: judgement for key, _, judgement in _read(file)}
        self._earlier = {rests: judgement for each in earlier for _, rests, judgement in _read(each)}
        self._handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def find(self, subject: Subject, kind: str = "mutant") -> Judgement | None:
        """What was found on this very tree."""
        return self._known.get(_key(subject, kind))

    def find_earlier(self, subject: Subject, kind: str = "mutant") -> Judgement | None:
        """What was found on an earlier state of the tree, and must be true of this one."""
        return self._earlier.get(self._rests(subject, kind)) if self._earlier else None

    def add(self, subject: Subject, judgement: Judgement, kind: str = "mutant") -> None:
        """Keep a judgement, if it is final.

        Raises:
            OSError: it cannot be written.
        """
        if judgement.verdict not in _FINAL:
            return
        line = {
            "key": _key(subject, kind), "rests": self._rests(subject, kind), "verdict": judgement.verdict, "by": judgement.by, "error": judgement.error,
            "where": judgement.where, "cold": judgement.cold, "seconds": round(judgement.seconds, 4),
        }  # fmt: skip
        os.write(self._handle, json.dumps(line).encode() + b"\n")

    def _rests(self, subject: Subject, kind: str) -> str:
        rests = self._dependence.of(subject.mutant.place.path, subject.tests)
        return _digest((_key(subject, kind), str(subject.cold), rests))


def _key(subject: Subject, kind: str) -> str:
    change = subject.change
    parts = (kind, change.path, change.text, str(change.in_children), *subject.tests)
    return _digest(parts)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _read(file: Path) -> Iterator[tuple[str, str, Judgement]]:
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            told = json.loads(line)
            key, rests = told.pop("key"), told.pop("rests")
            yield key, rests, Judgement(**{**told, "verdict": Verdict(told["verdict"])})
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
