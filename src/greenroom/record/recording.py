"""A run as its journals tell it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from greenroom.model.evidence import Outcome, Run, TestEvidence
from greenroom.model.stall import same_calls_once, same_stalls_once
from greenroom.record.encoding import decode
from greenroom.record.later_tests import with_later_tests
from greenroom.record.session import join

_Key = tuple[str, str, int]
"""Journal, node id, and which of its runs in that process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One run and all that it says of the tests."""

    run: Run
    tests: tuple[TestEvidence, ...]
    """In the order in which they began."""


def read_recording(folder: Path) -> Recording:
    """Read what is there; torn lines, as a killed process leaves them, are passed over.

    Raises:
        OSError: The folder cannot be read.
    """
    tests: dict[_Key, dict[str, Any]] = {}
    loose: list[Mapping[str, Any]] = []
    run: dict[str, Any] = {
        "id": folder.name,
        "started": 0.0,
        "seconds": 0.0,
        "command": (),
        "exit_code": None,
    }
    notes: list[str] = []
    sensors: set[str] = set()
    for file in sorted(folder.glob("*.jsonl")):
        for kind, content in _lines(file):
            if kind == "run":
                run |= content
            elif kind == "note":
                notes.append(content)
            elif kind == "process":
                sensors.update(content.get("sensors", ()))
                run["python"] = content.get("python", run.get("python", ""))
            elif kind in ("begin", "test", "late"):
                _take(tests, file.stem, kind, content)
            elif kind == "child":
                loose.append(content)
    _give_to_tests(tests, loose)
    told = {**run, "sensors": sorted(sensors), "notes": list(dict.fromkeys(notes))}
    return Recording(run=decode(Run, told), tests=_numbered(tests.values()))


def _take(tests: dict[_Key, dict[str, Any]], journal: str, kind: str, content: Mapping[str, Any]) -> None:
    key = (journal, content["id"], content.get("repeat", 0))
    if kind == "late":
        named = {"id": content["id"], "repeat": content.get("repeat", 0)}
        found = tests.setdefault(key, {**named, "outcome": Outcome.UNFINISHED})
        join(
            found, {name: _sequence(value) for name, value in content.items() if name not in ("id", "repeat")}
        )
        return
    started = tests.get(key, {}).get("started", 0.0)
    tests[key] = {"outcome": Outcome.UNFINISHED, "started": started} | {
        name: _sequence(value) for name, value in content.items()
    }


def _give_to_tests(tests: dict[_Key, dict[str, Any]], children: list[Mapping[str, Any]]) -> None:
    """What a child process saw belongs to the last run of the test that started it."""
    by_id = {key[1]: found for key, found in tests.items()}
    for child in children:
        found = by_id.get(child["id"])
        if found is not None:
            part = {name: _sequence(value) for name, value in child.items() if name not in _OF_THE_TEST}
            join(found, part)


_OF_THE_TEST = frozenset({"id", "repeat", "worker", "outcome", "started"})


def _numbered(found: Any) -> tuple[TestEvidence, ...]:
    """Sorted by when they began; the same test twice is repeat 0 and 1, whichever process ran it."""
    seen: dict[str, int] = {}
    tests = []
    for test in sorted((decode(TestEvidence, each) for each in found), key=lambda test: test.started):
        seen[test.id] = seen.get(test.id, -1) + 1
        stalls, blocking = same_stalls_once(test.stalls), same_calls_once(test.blocking)
        tests.append(replace(test, repeat=seen[test.id], stalls=stalls, blocking=blocking))
    return with_later_tests(tests)


def _sequence(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _lines(file: Path) -> Iterator[tuple[str, Any]]:
    for line in file.read_bytes().splitlines():
        try:
            ((kind, content),) = json.loads(line).items()
        except (ValueError, AttributeError):
            continue
        yield kind, content
