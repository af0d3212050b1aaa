"""A process that has loaded nothing of the project, and is forked for each job: the child collects, and runs tests.

Slower than `warm`, and true where that is not possible: for changes of what runs at import, and for projects whose
import starts threads or opens connections.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from greenroom.campaign.inside.configuration import arguments_for_pytest
from greenroom.campaign.inside.host import Host
from greenroom.campaign.inside.nursery import Nursery, ParentGoneError
from greenroom.campaign.inside.performance import Say
from greenroom.campaign.inside.privacy import keep_to_oneself, own_temporary_folder, tidy_up
from greenroom.campaign.messages import Channel, Job, Order, unpack_job


class Cold:
    """Serves."""

    def __init__(self, order: Order, channel: Channel) -> None:
        self._order = order
        self._channel = channel

    def run(self) -> None:
        """Do jobs until nobody has any more."""
        nursery = Nursery(self._channel.socket.fileno(), self._channel.send, Path(self._order.scratch))
        with suppress(OSError, ParentGoneError):
            while message := self._channel.receive():
                kind, content = message
                if kind == "job":
                    job = unpack_job(content)
                    child = _Child(self._order, nursery.folder(job))
                    self._channel.send("answer", nursery.do(job, child.work))
        tidy_up(Path(self._order.scratch))
        os._exit(0)


class _Child:
    """Lives in the forked process."""

    def __init__(self, order: Order, folder: Path) -> None:
        self._order = order
        self._folder = folder

    def work(self, job: Job, say: Say) -> dict[str, Any]:
        keep_to_oneself(self._folder, job.number)

        def take_over(session: pytest.Session) -> None:
            own_temporary_folder(session.config, self._folder)
            if host.errors:
                say("end", {"ending": "broken", "error": host.errors[0]["error"]})
                return
            say("end", host.perform(session, job, say))

        host = Host(self._order, take_over)
        if job.change is not None:
            host.alteration.before_import(job.change, self._folder)
        plugins = [host, _Needed(job)]
        code = pytest.main(arguments_for_pytest(self._order.arguments), plugins=plugins)
        return {"ending": "broken", "error": f"pytest ended with {int(code)} before it ran a test"}


class _Needed:
    """For a few tests, only their own files are imported."""

    def __init__(self, job: Job) -> None:
        self._names = tuple({name.partition("::")[0] for name in job.tests})

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        if collection_path.is_dir() or collection_path.name == "__init__.py":
            return None
        return None if str(collection_path).endswith(self._names) else True
