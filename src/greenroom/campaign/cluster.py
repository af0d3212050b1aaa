"""Judges on the workers of a Dask cluster, which may come and go."""

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from greenroom.campaign import errand
from greenroom.campaign.errors import ClusterError
from greenroom.campaign.fingerprint import Fingerprint
from greenroom.campaign.judgement import Judgement
from greenroom.campaign.observation import Observation
from greenroom.campaign.request import Request
from greenroom.campaign.shard import Shard, pack_observation, pack_subject, unpack_judgement
from greenroom.campaign.subject import Subject
from greenroom.campaign.time_limit import TimeLimit
from greenroom.model.mutant import Verdict
from greenroom.project.code.reading import Progress

_Owner = TypeVar("_Owner")

_CONNECTING = 15
"""Seconds."""
_ALONE = 60.0
"""Seconds without any worker after which the campaign ends; what it has found is kept."""
_LOOK = 0.3
"""Seconds between two looks at who is there."""
_MOST, _SHARDS_EACH = 40, 4
"""Mutants of a shard, at most; and about how many shards each thread of a worker is given, where there are few."""
_LATEST = 5.0
"""Seconds after the time is up in which the workers may still tell what they have found."""
_TRIES = 3
"""Times that a shard is given to a worker which does not survive it."""


@dataclass(slots=True)
class _Part(Generic[_Owner]):
    """A shard on its way."""

    cases: list[tuple[_Owner, Subject]]
    tries: int = 0
    address: str = ""
    future: Any = None


@dataclass(slots=True)
class _Workers:
    """Who is there, by address."""

    examined: dict[str, Any] = field(default_factory=dict)
    """Asked what differs; the answer is not here yet."""
    threads: dict[str, int] = field(default_factory=dict)
    """Those whose verdicts would be ours, and how much each does at a time."""
    refused: dict[str, str] = field(default_factory=dict)
    """Why the others are of no use."""
    seen: float = field(default_factory=time.monotonic)
    """When there was anybody of use, or still to be asked."""


class Cluster:
    """A context manager: nothing goes on there when it is left."""

    def __init__(  # noqa: PLR0913, PLR0917  - what makes a campaign, and whom to ask
        self,
        client: Any,
        root: Path,
        fingerprint: Fingerprint,
        request: Request,
        observation: Observation,
        progress: Progress,
    ) -> None:
        """Prepare; `client` is what `connect` has made."""
        self._progress = progress
        self._fingerprint = asdict(fingerprint)
        self._shard = Shard(
            root=str(root), python=request.interpreter(), arguments=request.arguments,
            observation=pack_observation(observation), subjects=(), seconds=0.0,
        )  # fmt: skip
        self._workers = _Workers()
        self._client = client
        self._running: list[_Part[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._give_up()

    def notices(self) -> list[str]:
        """Which workers were of no use, and why."""
        return [
            f"worker {address} was refused: {why}" for address, why in sorted(self._workers.refused.items())
        ]

    def judge_all(
        self, cases: Iterable[tuple[_Owner, Subject]], limit: TimeLimit | None = None
    ) -> Iterator[tuple[_Owner, Judgement]]:
        """See `Panel`.

        Raises:
            ClusterError: there is nobody who could judge.
        """
        left = list(cases)
        waiting: deque[_Part[_Owner]] = deque()
        while left or waiting or self._running:
            self._meet()
            if left and self._workers.threads:
                waiting += _parts(left, sum(self._workers.threads.values()))
                left = []
            if limit is not None and time.monotonic() > limit.last:
                left, waiting = [], deque()
            if limit is not None and time.monotonic() > limit.end + _LATEST:
                self._give_up()
                return
            self._give(waiting, limit)
            self._expect_somebody(is_needed=bool(left or waiting))
            time.sleep(_LOOK)
            for part in [part for part in self._running if self._has_ended(part)]:
                self._running.remove(part)
                yield from self._take(part, waiting)

    def _give_up(self) -> None:
        self._client.cancel([part.future for part in self._running], force=True)
        self._running.clear()

    def _meet(self) -> None:
        """Ask newcomers what differs; forget who is gone."""
        try:
            there = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, KeyError) as error:
            message = "the scheduler is gone. What was found is kept: call it again when there is one"
            raise ClusterError(message) from error
        workers = self._workers
        for address in (
            there.keys() - workers.examined.keys() - workers.threads.keys() - workers.refused.keys()
        ):
            workers.examined[address] = self._submit(
                address, errand.examine, self._shard.root, self._shard.python, self._fingerprint
            )
        for address, future in list(workers.examined.items()):
            if address not in there:
                del workers.examined[address]
            elif future.done():
                del workers.examined[address]
                reasons = future.result() if future.status == "finished" else [_error_of(future)]
                if reasons:
                    workers.refused[address] = "; ".join(reasons)
                else:
                    workers.threads[address] = there[address]["nthreads"]
        for address in workers.threads.keys() - there.keys():
            del workers.threads[address]

    def _submit(self, address: str, function: Any, *arguments: Any) -> Any:
        return self._client.submit(
            function, *arguments, workers=[address], allow_other_workers=False, pure=False, retries=0
        )

    def _give(self, waiting: deque[_Part[_Owner]], limit: TimeLimit | None) -> None:
        """Keep everybody busy."""
        for address, threads in self._workers.threads.items():
            free = threads - sum(part.address == address for part in self._running)
            for _ in range(min(free, len(waiting))):
                part = waiting.popleft()
                part.address, part.tries = address, part.tries + 1
                part.future = self._submit(address, errand.run_shard, self._text(part, limit))
                self._running.append(part)

    def _text(self, part: _Part[_Owner], limit: TimeLimit | None) -> str:
        seconds = max(0.1, limit.end - time.monotonic()) if limit is not None else 0.0
        subjects = tuple(pack_subject(subject) for _, subject in part.cases)
        return json.dumps({**asdict(self._shard), "subjects": subjects, "seconds": seconds})

    def _expect_somebody(self, *, is_needed: bool) -> None:
        workers = self._workers
        if not is_needed or workers.threads or workers.examined:
            workers.seen = time.monotonic()
            return
        waited = time.monotonic() - workers.seen
        self._progress("waiting for a worker", 0, 1)
        if waited > _ALONE or (workers.refused and waited > _CONNECTING):
            why = "; ".join(self.notices()) or "the cluster has no worker"
            message = f"nobody is there to judge: {why}. What was found is kept: call it again"
            raise ClusterError(message)

    def _has_ended(self, part: _Part[_Owner]) -> bool:
        return part.future.done() or part.address not in self._workers.threads

    def _take(self, part: _Part[_Owner], waiting: deque[_Part[_Owner]]) -> Iterator[tuple[_Owner, Judgement]]:
        """What a worker has found; if it is gone, somebody else tries."""
        if part.future.status == "finished":
            for number, told in part.future.result():
                yield part.cases[number][0], unpack_judgement(told)
            return
        error = _error_of(part.future) if part.future.status == "error" else "the worker is gone"
        part.future.cancel(force=True)
        if part.tries < _TRIES:
            waiting.append(part)
            return
        for owner, _ in part.cases:
            yield (
                owner,
                Judgement(verdict=Verdict.UNCONFIRMED, error=f"{part.tries} workers gave up: {error}"),
            )


def connect(address: str) -> Any:
    """A client of the scheduler at this address; to be closed.

    Raises:
        ClusterError: Dask is not installed, or there is no scheduler.
    """
    try:
        dask = import_module("distributed")
    except ImportError as error:
        message = "--cluster needs Dask: pip install 'greenroom[dask]'"
        raise ClusterError(message) from error
    try:
        return dask.Client(address, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        message = f"no scheduler answers at {address}: start one with `dask scheduler`, and name its address"
        raise ClusterError(message) from error


def _parts(cases: list[tuple[_Owner, Subject]], threads: int) -> list[_Part[_Owner]]:
    """Small enough that nobody waits for the last one, large enough that starting is not all that is done."""
    size = min(_MOST, max(1, -(-len(cases) // (_SHARDS_EACH * threads))))
    return [_Part(cases[first : first + size]) for first in range(0, len(cases), size)]


def _error_of(future: Any) -> str:
    error = future.exception() if future.status == "error" else None
    lines = str(error).strip().splitlines() if error is not None else []
    return f"{type(error).__name__}: {lines[-1]}" if lines else "it does not answer"
