"""A copy of this process that does some of a list of tasks, while this one does the others."""

import contextlib
import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

Told = TypeVar("Told")
_MOST_TASKS = 255
"""Each is a byte."""
_PR_SET_PDEATHSIG = 1
_MOST_MEMORY = 256 * 1024
"""KiB that this process took so far: with a copy it is 1.7 times as much, and nobody asked for that."""


def may_copy() -> bool:
    """Whether there is a second core, a core that is free, memory enough, and no thread that would be missing in the copy.

    Other systems than Linux copy a process unsafely, slowly or not at all.
    """
    if sys.platform != "linux":
        return False
    import resource  # noqa: PLC0415  - which other systems do not have

    is_alone = threading.active_count() == 1
    is_small = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= _MOST_MEMORY
    cores = len(os.sched_getaffinity(0))
    return is_alone and is_small and cores > 1 and os.getloadavg()[0] < cores


class CopiedProcess(Generic[Told]):
    """While the block lasts, a copy takes tasks from the list as this process does: who is free takes the next.

    Whatever becomes of the copy, no task is lost: what it took and did not tell is for the caller to do. At the
    end of the block it is gone.

    Args:
        tasks: how many there are.
        work: does those whose numbers it is given, in the copy; what it gives is told as a whole or not at all.
    """

    def __init__(self, tasks: int, work: Callable[[Iterator[int]], Told]) -> None:
        self._tasks = tasks
        self._work = work
        self._list = self._answer = -1
        self._process = 0

    def __enter__(self) -> Self:
        if self._tasks > _MOST_TASKS:
            message = f"{self._tasks} tasks, and a byte for each"
            raise ValueError(message)
        self._list, fill = os.pipe()
        os.write(fill, bytes(range(self._tasks)))
        os.close(fill)
        self._answer, tell = os.pipe()
        parent = os.getpid()
        with contextlib.suppress(OSError):  # no more processes: this one does it all
            self._process = os.fork()
            if not self._process:
                self._be_the_copy(parent, tell)
        os.close(tell)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._list)
        os.close(self._answer)
        if self._process:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._process, signal.SIGKILL)  # it has told all, or nobody will listen
                os.waitpid(self._process, 0)

    def numbers(self) -> Iterator[int]:
        """The tasks that nobody has taken yet; each is taken by being given."""
        while task := os.read(self._list, 1):
            yield task[0]

    def result(self) -> Told | None:
        """What the copy tells when all tasks are taken; None where it ended before."""
        if not self._process:
            return None
        with open(self._answer, "rb", closefd=False) as answer:
            content = answer.read()
        try:
            told: Told = pickle.loads(content)  # noqa: S301  from a copy of this very process
        except (EOFError, pickle.UnpicklingError):
            return None
        return told

    def _be_the_copy(self, parent: int, tell: int) -> None:
        """Work and tell, and end without a trace: what is open belongs to the other process."""
        try:
            gc.disable()  # a collection would touch, and so copy, every page
            _end_with(parent)
            os.close(self._answer)
            content = pickle.dumps(self._work(self.numbers()), pickle.HIGHEST_PROTOCOL)
            with open(tell, "wb") as answer:
                answer.write(content)
        except BaseException:  # noqa: BLE001, S110  - the other process does it again, and tells the user
            pass
        finally:
            os._exit(0)


def _end_with(parent: int) -> None:
    """Let the kernel end this process with the other one, however that ends."""
    import ctypes  # noqa: PLC0415  - which nobody else needs

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was quicker
        raise ProcessLookupError
