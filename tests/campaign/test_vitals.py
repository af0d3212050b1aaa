"""Whether a process and all its offspring wait."""

import os
import signal
import subprocess
import sys

import pytest

from greenroom.campaign.inside.vitals import vitals_of

LOOP = "print('ready', flush=True)\nwhile True: pass"
WAIT = "print('ready', flush=True)\ninput()"
PARENT = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', {!r}])"
CASES = {
    "it works": (LOOP, False),
    "it waits": (WAIT, True),
    "its child works": (PARENT.format(LOOP), False),
    "its child waits": (PARENT.format(WAIT), True),
    "a thread of it works": (
        f"import threading\nthreading.Thread(target=exec, args=({LOOP!r},)).start()",
        False,
    ),
}


@pytest.mark.parametrize(("program", "at_rest"), CASES.values(), ids=CASES)
def test_at_rest_is_who_waits_with_all_its_offspring(program: str, *, at_rest: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            while at_rest and not vitals_of(process.pid).at_rest:  # on its way there
                assert process.poll() is None
            assert vitals_of(process.pid).at_rest == at_rest
        finally:
            os.killpg(process.pid, signal.SIGKILL)
