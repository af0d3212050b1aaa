"""How a process that a test has started joins the run, before its own code begins."""

import atexit
import os
import sys
from typing import TYPE_CHECKING

from greenroom.record import environment

if TYPE_CHECKING:
    from greenroom.record.unittest_runner import UnittestRecorder

_STANDING_BY: "list[UnittestRecorder]" = []
"""Recorders that wait for tests of unittest's own; one at most."""


def record_unittest(folder: str) -> None:
    """Record the tests of this process, if unittest comes to run any."""
    from greenroom.record.import_watch import ImportWatch  # noqa: PLC0415

    def watch() -> None:
        if environment.is_of_pytest():
            return
        from greenroom.record.unittest_runner import UnittestRecorder  # noqa: PLC0415

        recorder = UnittestRecorder(folder)
        recorder.install(environment.without(os.environ), environment.also(os.environ))
        atexit.register(recorder.finish)
        _STANDING_BY.append(recorder)

    if "unittest.case" in sys.modules:
        watch()
    else:
        ImportWatch(["unittest.case"], watch).install()


def stand_back() -> None:
    """Leave this process to pytest, as of a program that calls it after it has imported unittest."""
    while _STANDING_BY:
        _STANDING_BY.pop().withdraw()


def record_child(folder: str) -> None:
    """Record this process, which a test has started."""
    from greenroom.record.session import IN_CHILDREN  # noqa: PLC0415  - other processes start without it

    if not IN_CHILDREN:
        return
    from greenroom.record.journal import Journal  # noqa: PLC0415
    from greenroom.record.project_code import ProjectCode  # noqa: PLC0415
    from greenroom.record.run_folder import root_of  # noqa: PLC0415
    from greenroom.record.sensor import RunningTest  # noqa: PLC0415
    from greenroom.record.session import Session  # noqa: PLC0415

    session = Session(Journal(folder, "child"), ProjectCode(root_of(folder)), is_child=True)
    session.install(environment.without(os.environ))
    session.open(executable=sys.executable)
    session.begin(RunningTest(id=environment.current_test(os.environ), phase="call"))
    atexit.register(session.leave)
