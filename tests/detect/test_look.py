"""Two processes see what one sees, and leave the same behind."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from greenroom.catalogue import all_modes
from greenroom.detect.look import look
from greenroom.model.finding import Sighting
from greenroom.model.mode import FailureMode
from greenroom.model.settings import Settings
from greenroom.project.code.reading import keep_answers, kept_answers
from greenroom.project.project import Project, read_project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there a process is copied")
EXAMPLE = Path(__file__).parents[2] / "examples" / "helpdesk"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "helpdesk", ignore=shutil.ignore_patterns(".venv", ".greenroom"))
    return tmp_path / "helpdesk"


def read(root: Path) -> Project:
    return read_project(root, Settings())


def seen(
    project: Project, modes: tuple[FailureMode, ...], *, together: bool
) -> list[tuple[str, list[Sighting]]]:
    return [(mode.code, found) for mode, found in look(project, modes, together=together)]


def test_two_processes_see_what_one_sees(root: Path) -> None:
    alone = seen(read(root), all_modes(), together=False)
    assert sum(len(found) for _, found in alone) > 50
    assert seen(read(root), all_modes(), together=True) == alone


def test_what_the_copy_found_out_is_kept_for_the_next_run(root: Path) -> None:
    project = read(root)
    look(project, all_modes(), together=True)
    keep_answers(project.modules.values())
    again = read(root)
    look(again, all_modes(), together=False)
    assert [kept.changed for kept in kept_answers(again.modules.values())] == [False, False]


def test_what_a_copy_that_died_took_is_done_again(root: Path) -> None:
    own = os.getpid()

    def dying(mode: FailureMode) -> FailureMode:
        detector = mode.detector

        def detect(project: Project) -> Iterator[Sighting]:
            if os.getpid() != own:
                os.kill(os.getpid(), signal.SIGKILL)
            yield from detector(project) if detector is not None else ()

        return replace(mode, detector=detect) if detector is not None else mode

    modes = tuple(map(dying, all_modes()))
    assert seen(read(root), modes, together=True) == seen(read(root), all_modes(), together=False)


def test_a_detector_that_fails_in_the_copy_fails_here(root: Path) -> None:
    def fail(_project: Project) -> Iterator[Sighting]:
        raise ZeroDivisionError

    modes = [replace(mode, detector=fail) for mode in all_modes() if mode.detector is not None]
    with pytest.raises(ZeroDivisionError):
        look(read(root), modes, together=True)
