"""A process in which the whole suite is collected once, and which is forked for each job."""

import gc
import os
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from greenroom.campaign.inside.configuration import arguments_for_pytest, load_libraries
from greenroom.campaign.inside.host import Host
from greenroom.campaign.inside.nursery import Birth, Nursery, ParentGoneError
from greenroom.campaign.inside.privacy import keep_to_oneself, leave_nothing, own_temporary_folder
from greenroom.campaign.messages import Channel, Order, unpack_job, unpack_order


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
        nursery: Nursery | None = None
        with suppress(OSError, ParentGoneError):
            self._channel.send("collected", self._host.collected(session))
            gc.freeze()
            nursery = self._nursery()
            while message := self._channel.receive():
                kind, content = message
                if kind == "load":
                    load_libraries(content)
                elif kind == "twin":
                    nursery = self._double(session, nursery, unpack_order(content))
                elif kind == "retire":
                    os._exit(0)
                elif kind == "ready":
                    self._settle(session)
                elif kind == "job":
                    job = unpack_job(content)
                    if job.change is not None:
                        self._host.alteration.prepare(job.change)
                    came = nursery.do(job)
                    if isinstance(came, Birth):
                        self._live(session, came, nursery.folder(came.job))
                    self._channel.send("answer", came)
        leave_nothing(Path(self._order.scratch))
        if nursery is not None:
            nursery.see_off()
        os._exit(0)

    def _nursery(self) -> Nursery:
        return Nursery(self._channel.socket.fileno(), self._channel.send, Path(self._order.scratch))

    def _double(self, session: pytest.Session, nursery: Nursery, order: Order) -> Nursery:
        """Fork a process that serves another slot; in there, whatever is asked next is asked over the socket that came along."""
        own = self._channel.received_socket()
        pid = os.fork()
        if pid:
            own.close()
            nursery.spare(pid)
            return nursery
        os.setsid()
        self._channel.socket.close()
        self._channel, self._order = Channel(own), order
        self._host.take_seat(session, order)
        self._channel.send("born", os.getpid())
        return self._nursery()

    def _live(self, session: pytest.Session, birth: Birth, folder: Path) -> NoReturn:
        """A child's life."""
        leave = os._exit  # a test may replace it
        try:
            told = self._told(session, birth, folder)
        except BaseException as error:  # noqa: BLE001  - a defect of ours is no verdict on anybody's tests
            last = traceback.extract_tb(error.__traceback__)[-1:]
            where = f" ({last[0].filename}:{last[0].lineno})" if last else ""
            told = {"ending": "error", "error": f"{type(error).__name__}: {error}{where}"}
        with suppress(OSError):
            birth.say("end", told)
        leave(0)

    def _told(self, session: pytest.Session, birth: Birth, folder: Path) -> dict[str, Any]:
        keep_to_oneself(folder, birth.job.seed or birth.job.number, own_network=self._order.own_network)
        own_temporary_folder(session.config, folder)
        if birth.job.change is not None:
            refused = self._host.alteration.in_living_process(birth.job.change, folder)
            if refused is not None:
                return {"ending": refused}
        return self._host.perform(session, birth.job, birth.say)

    def _settle(self, session: pytest.Session) -> None:
        """From here on, nothing changes in this process."""
        gc.unfreeze()  # what is frozen, nobody finds
        self._host.settle(session)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
        gc.freeze()
