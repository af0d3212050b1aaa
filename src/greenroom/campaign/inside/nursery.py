"""A process for each job: forked, watched, and gone with all its offspring when the job is done."""

import fcntl
import json
import os
import resource
import select
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from greenroom.campaign.inside.performance import Say
from greenroom.campaign.inside.privacy import adopt_orphans, end_with_parent, outlive_parent, tidy_up
from greenroom.campaign.inside.vitals import children_of, vitals_of
from greenroom.campaign.messages import Job

_PATIENCE = 30.0
"""Seconds for the tear-down after a failure."""
_NEXT_LOOK = 0.3
"""Seconds."""
_FAR_TOO_LONG = 3.0
"""Times its limit, on an idle machine, that a test may take in any case."""
_HIGH = 900
"""A descriptor from here on; a process may commonly have 1,024."""
_TOLD = ("test", "shared", "late")
"""Kinds of message that go on to the campaign as they are."""


class ParentGoneError(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """What a child is told that has just been forked; it has to end by itself."""

    job: Job
    say: Say
    """With the kind `end`, the parts of an `Answer` that the child knows."""


@dataclass(slots=True)
class _Watched:
    """A child, and what is known of it."""

    pid: int
    job: Job
    pipe: int
    rest: bytes = b""
    test: str = ""
    ran: int = 0
    limit: float = 0.0
    """Seconds for what it does now."""
    work: float = 0.0
    """Seconds of processor time for it."""
    began: float = 0.0
    deadline: float = 0.0
    used: float = 0.0
    """Seconds of processor time that it had used before."""
    looks: list[float] = field(default_factory=list)
    """The same, each time that it was looked at after the deadline."""
    failure: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = None

    def begin(self, limit: float, work: float | None = None) -> None:
        """It does something else from now on, for which it has so many seconds."""
        self.limit, self.work = limit, limit if work is None else work
        self.began = time.monotonic()
        self.deadline = self.began + min(self.limit, self.work)
        self.looks = []


class Nursery:
    """Forks this process for each job. It must have no other thread."""

    def __init__(self, parent: int, tell: Say, scratch: Path) -> None:
        """Prepare.

        Args:
            parent: The descriptor of the socket whose other end is the campaign.
            tell: Passes messages of children on to it.
            scratch: Holds the children's folders.
        """
        self._parent = parent
        self._tell = tell
        self._scratch = scratch
        adopt_orphans()
        outlive_parent()
        self._family = children_of(os.getpid())
        self._twins: list[int] = []

    def spare(self, twin: int) -> None:
        """This child is no job's, and ends when the campaign does."""
        self._family.add(twin)
        self._twins.append(twin)

    def see_off(self) -> None:
        """Wait for those that were spared: whatever they have used is told of this process, too."""
        for twin in self._twins:
            with suppress(ChildProcessError):
                os.waitpid(twin, 0)

    def folder(self, job: Job) -> Path:
        """The job's own folder."""
        return self._scratch / str(job.number)

    def do(self, job: Job) -> dict[str, Any] | Birth:
        """Fork, and watch the child.

        Returns:
            Here, what came of the job; in the child, its birth.

        Raises:
            ParentGoneError: the campaign is gone; the child is gone, too.
        """
        began = time.monotonic()
        child = self._fork(job)
        if isinstance(child, Birth):
            return child
        try:
            ended = self._watch(child)
        finally:
            self._end(child, is_clean=child.answer is not None and not child.answer.get("offspring", True))
            tidy_up(self.folder(job))
        ended.pop("offspring", None)
        return {"number": job.number, "seconds": time.monotonic() - began, **ended}

    def _fork(self, job: Job) -> _Watched | Birth:
        reading, low = os.pipe()
        writing = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, _HIGH)  # tests close the first descriptors
        os.close(low)
        owner = os.getpid()
        pid = os.fork()
        if pid == 0:
            return _born(job, writing, unwanted=(reading, self._parent), parent=owner)
        os.close(writing)
        os.set_blocking(reading, False)
        child = _Watched(pid=pid, job=job, pipe=reading)
        child.begin(job.patience)
        return child

    def _watch(self, child: _Watched) -> dict[str, Any]:
        end = os.pidfd_open(child.pid)
        poll = select.poll()
        poll.register(child.pipe, select.POLLIN)
        poll.register(end, select.POLLIN)
        poll.register(self._parent, select.POLLRDHUP)
        try:
            while True:
                left = child.deadline - time.monotonic()
                ready = [descriptor for descriptor, _ in poll.poll(max(0.0, left) * 1000)]
                if self._parent in ready:
                    raise ParentGoneError
                if child.pipe in ready and not self._hear(child):
                    poll.unregister(child.pipe)  # a test has closed it, or the child has ended
                if child.answer is not None:
                    return child.answer
                if end in ready:
                    return child.failure or self._dead(child)
                if not ready and child.deadline <= time.monotonic() and _is_stuck(child):
                    return child.failure or _hung(child)
        finally:
            os.close(end)

    def _hear(self, child: _Watched) -> bool:
        """Take what the child has said since; whether it may say more."""
        is_open = True
        with suppress(BlockingIOError):
            while piece := os.read(child.pipe, 1 << 20):
                child.rest += piece
            is_open = False
        *lines, child.rest = child.rest.split(b"\n")
        for line in lines:
            kind, content = json.loads(line)
            self._take(child, kind, content)
        return is_open

    def _take(self, child: _Watched, kind: str, content: Any) -> None:
        if kind == "at":
            child.test, child.used = content
            limit, work = child.job.limits[child.ran], child.job.work[child.ran : child.ran + 1]
            child.ran += 1
            child.begin(limit, *work)
        elif kind == "failed":
            child.failure = {"ending": "failed", "ran": child.ran, **content}
            child.begin(_PATIENCE)
        elif kind == "end":
            child.answer = content
        elif kind in _TOLD:
            self._tell(kind, {"job": child.job.number, **content})

    def _dead(self, child: _Watched) -> dict[str, Any]:
        ended = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        by_itself = ended is not None and ended.si_code == os.CLD_EXITED
        code = ended.si_status * (1 if by_itself else -1) if ended is not None else 0
        why = f"the process ended with exit code {code}" if code >= 0 else f"signal {-code} ended the process"
        if not child.test:
            return {"ending": "error", "error": f"{why} before the first test"}
        return {"ending": "died", "test": child.test, "error": why, "phase": "call", "ran": child.ran}

    def _end(self, child: _Watched, *, is_clean: bool) -> None:
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        os.close(child.pipe)
        if not is_clean:
            self._sweep()

    def _sweep(self) -> None:
        """Nobody of a child's offspring stays, whatever group it has moved to."""
        for _ in range(10):
            left = children_of(os.getpid()) - self._family
            if not left:
                return
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _born(job: Job, pipe: int, unwanted: tuple[int, ...], parent: int) -> Birth:
    """The first that a child does."""
    write = os.write  # a test may replace it

    def say(kind: str, content: Any) -> None:
        if kind == "end":
            content = {**content, "offspring": _has_offspring()}
        text = json.dumps([kind, content]).encode() + b"\n"
        while text:
            text = text[write(pipe, text) :]

    end_with_parent()
    if os.getppid() != parent:
        os._exit(0)
    for descriptor in unwanted:
        os.close(descriptor)
    return Birth(job=job, say=say)


def _hung(child: _Watched) -> dict[str, Any]:
    if not child.test:
        return {"ending": "error", "error": "nothing happened before the first test"}
    return {
        "ending": "hung",
        "test": child.test,
        "error": f"no end within {min(child.limit, child.work):.1f} s",
        "ran": child.ran,
    }


def _is_stuck(child: _Watched) -> bool:
    """Past its deadline: whether it waits for nothing, or has worked long enough; not if it only got no processor.

    One look is not enough, since everybody sleeps now and then: the deadline is put off until the next.
    """
    now = vitals_of(child.pid)
    left = child.work - (now.seconds - child.used)
    rests = bool(child.looks) and now.at_rest and now.seconds - child.looks[-1] < _NEXT_LOOK / 10
    if time.monotonic() >= child.began + child.limit:
        child.looks.append(now.seconds)
    pause = _NEXT_LOOK if child.looks else min(_NEXT_LOOK, max(left, _NEXT_LOOK / 10))
    child.deadline = time.monotonic() + pause
    far_too_long = _FAR_TOO_LONG * _load() * max(child.limit, child.work)
    return rests or left <= 0 or child.deadline > child.began + far_too_long


def _load() -> float:
    """Where more wants to run than can, everything takes that much longer."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _has_offspring() -> bool:
    """Whether this process has, or has had, children."""
    if resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss:
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
