"""Which frames a walk up the stack passes over: those of libraries, unless somebody wants to see them."""

import json
import sys
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

from greenroom.record.passed_over import PassedOver
from greenroom.record.project_code import ProjectCode


def _frame_in(names: dict[str, Any]) -> FrameType:
    """A frame of a function whose module is this."""
    frame = FunctionType((lambda get: get(0)).__code__, names)(sys._getframe)  # noqa: SLF001  - what walks begin with
    assert isinstance(frame, FrameType)
    return frame


def test_a_library_is_passed_over_and_the_project_is_not(tmp_path: Path) -> None:
    is_passed_over = PassedOver(ProjectCode(str(tmp_path)), lambda _: False)

    assert is_passed_over(_frame_in({"__file__": json.__file__}))
    assert not is_passed_over(_frame_in({"__file__": str(tmp_path / "app.py")}))


def test_what_is_wanted_of_a_library_is_asked_once_for_each_file(tmp_path: Path) -> None:
    asked = []

    def is_wanted(frame: FrameType) -> bool:
        asked.append(frame)
        return True

    is_passed_over = PassedOver(ProjectCode(str(tmp_path)), is_wanted)

    assert not is_passed_over(_frame_in({"__file__": json.__file__}))
    assert not is_passed_over(_frame_in({"__file__": json.__file__}))
    assert len(asked) == 1


def test_code_whose_module_names_no_file_may_be_anybodys(tmp_path: Path) -> None:
    is_passed_over = PassedOver(ProjectCode(str(tmp_path)), lambda _: False)

    assert not is_passed_over(_frame_in({}))
    assert not is_passed_over(_frame_in({"__file__": None}))
    assert not is_passed_over(_frame_in({"__file__": ""}))
