"""Keeps every processor busy, as a loaded machine would be."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BUSY = """
import os, time
parent, many = os.getppid(), 2 * os.cpu_count()
while os.getppid() == parent:
    with open("/proc/loadavg") as load:
        running = int(load.read().split()[3].partition("/")[0])
    if running > many:
        time.sleep(0.01)
    for _ in range(10 * (running <= many)):
        sum(range(100000))
"""
"""Ends with its parent; leaves a processor for which there are others, two for each with this one, to them."""


@contextmanager
def stress() -> Iterator[None]:
    """While the block lasts."""
    busy = [
        subprocess.Popen([sys.executable, "-I", "-S", "-c", _BUSY], stdin=subprocess.DEVNULL)  # noqa: S603
        for _ in range(os.cpu_count() or 1)
    ]
    try:
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()
