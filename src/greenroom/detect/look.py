"""What all detectors see, in two processes where the project is large and there is a second core."""

from collections.abc import Iterable, Iterator
from typing import Any

from greenroom.detect.copied_process import CopiedProcess, may_copy
from greenroom.model.finding import Sighting
from greenroom.model.mode import FailureMode
from greenroom.project.code.reading import kept_answers
from greenroom.project.project import Project

_LARGE = 30_000
"""Lines: below, to copy the process costs more than it saves."""
_Seen = dict[int, list[Sighting]]
"""By place in the list of modes."""


def look(
    project: Project, modes: Iterable[FailureMode], *, together: bool | None = None
) -> list[tuple[FailureMode, list[Sighting]]]:
    """The sightings of each mode that has a detector, in the order of the modes.

    Args:
        project: as it was read.
        modes: all that may be told.
        together: whether a copy of the process helps; None: where that pays.
    """
    asked = [mode for mode in modes if mode.detector is not None]
    if together is None:
        together = len(asked) > 1 and project.lines >= _LARGE and may_copy()
    seen = _together(project, asked) if together else {}
    return [(mode, seen[n] if n in seen else _look(project, mode)) for n, mode in enumerate(asked)]


def _look(project: Project, mode: FailureMode) -> list[Sighting]:
    return [] if mode.detector is None else list(mode.detector(project))


def _together(project: Project, modes: list[FailureMode]) -> _Seen:
    """All that this process and its copy see; what the copy took and did not tell is missing."""

    def work(numbers: Iterator[int]) -> _Seen:
        # The last of the alphabet, tests and start-up, take longest: so none of them is left at the end.
        return {len(modes) - 1 - number: _look(project, modes[-1 - number]) for number in numbers}

    def work_aside(numbers: Iterator[int]) -> tuple[_Seen, list[Any]]:
        for kept in kept_answers(project.modules.values()):
            kept.note_gains()
        seen = work(numbers)
        return seen, [kept.gains() for kept in kept_answers(project.modules.values())]

    with CopiedProcess(len(modes), work_aside) as copy:
        seen = work(copy.numbers())
        told = copy.result()
    if told is not None:
        seen |= told[0]
        for kept, gains in zip(kept_answers(project.modules.values()), told[1], strict=True):
            kept.take(*gains)
    return seen
