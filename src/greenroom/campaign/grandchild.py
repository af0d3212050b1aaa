"""A process that one of ours has forked: waited for by the kernel's handle, since only its parent may wait for it as for a child."""

import os
import select
import signal
import subprocess
from contextlib import suppress


class Grandchild:
    """As much of `subprocess.Popen` as it takes to see a process off."""

    def __init__(self, pid: int) -> None:
        """Take hold of it.

        Raises:
            ProcessLookupError: it is gone already, and its parent has waited for it.
        """
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> int | None:
        """Until it has ended; how, its parent knows.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """
        if self._handle < 0:
            return None
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        if not poll.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        os.close(self._handle)
        self._handle = -1
        return None

    def kill(self) -> None:
        """At once."""
        if self._handle >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
