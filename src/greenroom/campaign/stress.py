"""Keeps every processor busy, as a loaded machine would be."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100000))\n"
"""Ends with its parent."""


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
