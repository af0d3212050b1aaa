"""A process in which the whole suite is collected once, and which is forked for each job."""

import gc
import os
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from greenroom.campaign.inside.configuration import arguments_for_pytest
from greenroom.campaign.inside.host import Host
from greenroom.campaign.inside.nursery import Nursery, ParentGoneError
from greenroom.campaign.inside.performance import Say
from greenroom.campaign.inside.privacy import keep_to_oneself, own_temporary_folder, tidy_up
from greenroom.campaign.messages import Channel, Job, Order, unpack_job


class Warm:
    """Collects, and serves."""

    def __init__(self, order: Order, channel: Channel) -> None:
        self._order = order
        self._channel = channel
        self._host = Host(order, self._serve)

    def run(self) -> None:
        """Collect the tests and do jobs; returns only where there is nothing to serve."""
        self._host.before_import()
        code = pytest.main(arguments_for_pytest(self._order.arguments), plugins=[self._host])
        self._channel.send("refused", int(code))

    def _serve(self, session: pytest.Session) -> None:
        with suppress(OSError, ParentGoneError):
            self._channel.send("collected", self._host.collected(session))
            nursery = Nursery(self._channel.socket.fileno(), self._channel.send, Path(self._order.scratch))
            while message := self._channel.receive():
                kind, content = message
                if kind == "load":
                    _load(content)
                elif kind == "ready":
                    self._settle()
                elif kind == "job":
                    self._channel.send("answer", self._do(session, nursery, unpack_job(content)))
        tidy_up(Path(self._order.scratch))
        os._exit(0)

    def _do(self, session: pytest.Session, nursery: Nursery, job: Job) -> dict[str, Any]:
        folder = nursery.folder(job)

        def work(job: Job, say: Say) -> dict[str, Any]:
            keep_to_oneself(folder, job.number)
            own_temporary_folder(session.config, folder)
            if job.change is not None:
                refused = self._host.alteration.in_living_process(job.change, folder)
                if refused is not None:
                    return {"ending": refused}
            return self._host.perform(session, job, say)

        return nursery.do(job, work)

    def _settle(self) -> None:
        """From here on, nothing changes in this process."""
        self._host.alteration.find_functions()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
        gc.freeze()


def _load(modules: list[str]) -> None:
    """Import what tests import late, so that not every child has to."""
    for name in modules:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with suppress(BaseException):
                import_module(name)
