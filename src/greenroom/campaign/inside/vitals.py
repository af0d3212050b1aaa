"""Whether a process and all its offspring wait, work, or want to work and cannot."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_AT_REST = frozenset("SIZXT")
"""States of the kernel: sleeping, idle, dead or stopped; all others run, or wait for a disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """A process and its offspring at one moment."""

    seconds: float
    """Of processor time that all of them have used."""
    at_rest: bool
    """Whether every one waits for something to happen."""


def vitals_of(pid: int) -> Vitals:
    """Of a process and all that descend from it."""
    if _has_no_child(pid):
        own = _read(Path(f"/proc/{pid}"))
        return Vitals(
            seconds=own.ticks / _TICKS if own else 0.0, at_rest=own is None or own.state in _AT_REST
        )
    known = {each.pid: each for each in _processes()}
    family = {pid}
    while more := {each.pid for each in known.values() if each.parent in family} - family:
        family |= more
    members = [known[member] for member in family if member in known]
    return Vitals(
        seconds=sum(each.ticks for each in members) / _TICKS,
        at_rest=all(each.state in _AT_REST for each in members),
    )


def children_of(parent: int) -> set[int]:
    """Its direct children; who has lost its own parent may be one of them."""
    return {each.pid for each in _processes() if each.parent == parent}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    pid: int
    parent: int
    state: str
    ticks: int


def _has_no_child(pid: int) -> bool:
    """Whether the kernel says so, as it can on most systems; then nobody needs to look at all processes there are."""
    try:
        return not any((each / "children").read_text() for each in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return False


def _processes() -> Iterator[_Process]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (found := _read(entry)) is not None:
            yield found


def _read(entry: Path) -> _Process | None:
    with suppress(OSError, IndexError):
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
        used = sum(map(int, fields[11:15]))  # with the children that it has waited for
        return _Process(
            pid=int(entry.name), parent=int(fields[1]), state=_state(entry, fields[0]), ticks=used
        )
    return None


def _state(entry: Path, main: str) -> str:
    """Of the thread that is least at rest: `stat` of a process speaks of its first thread."""
    if main not in _AT_REST:
        return main
    with suppress(OSError):
        for thread in (entry / "task").iterdir():
            state = (thread / "stat").read_text().rpartition(")")[2].split()[0]
            if state not in _AT_REST:
                return state
    return main
