"""A process that has loaded pytest and the libraries, but nothing of the project, and is forked for each job.

The child reads the project's configuration, collects and runs tests. Slower than `warm`, and true where that is not
possible: for changes of what runs at import, and for projects whose import starts threads or opens connections.
"""

import gc
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from greenroom.campaign.inside.configuration import arguments_for_pytest, load_libraries
from greenroom.campaign.inside.host import Host
from greenroom.campaign.inside.imprint import Imprint, Unchanged, line_before
from greenroom.campaign.inside.nursery import Birth, Nursery, ParentGoneError
from greenroom.campaign.inside.privacy import keep_to_oneself, leave_nothing, own_temporary_folder
from greenroom.campaign.messages import Change, Channel, Job, Order, unpack_job

_LOOKS = 3
"""Imports of the unchanged project at most, until it is known what they leave behind."""
_INTERNAL_ERROR = 3
"""Of pytest's exit codes."""


class Cold:
    """A plugin of pytest that serves before the first conftest is loaded."""

    def __init__(self, order: Order, channel: Channel) -> None:
        self._order = order
        self._channel = channel
        self._host = Host(order, self._perform)
        self._birth: Birth | None = None
        self._is_too_late = False
        self._needed: tuple[str, ...] = ()
        self._unsteady: set[Unchanged] = set()
        """What an import has left behind differed from look to look, so that nothing can be told from it."""
        self._words = pytest.ExceptionInfo.getrepr
        self._bytecode = (sys.dont_write_bytecode, sys.pycache_prefix)
        """Where none is written, each child would compile all tests again: while they are collected, ours has a folder for it."""

    def run(self) -> None:
        """Do jobs until nobody has any more; in a child, do the one it was born for."""
        code = pytest.main(arguments_for_pytest(self._order.arguments), plugins=[self._host, self])
        if self._birth is not None:
            ending = "error" if int(code) == _INTERNAL_ERROR else "broken"
            told = {"ending": ending, "error": f"pytest ended with {int(code)} before it ran a test"}
            self._birth.say("end", told)
        os._exit(0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Plugins are there, the project is not: this is where children are born, and go on."""
        nursery = Nursery(self._channel.socket.fileno(), self._channel.send, Path(self._order.scratch))
        with suppress(OSError, ParentGoneError):
            while message := self._channel.receive():
                kind, content = message
                if kind == "load":
                    load_libraries(content)
                    gc.collect()
                    gc.freeze()
                elif kind == "job":
                    job = unpack_job(content)
                    came = (
                        self._compare(nursery, job, job.change)
                        if job.imprint and job.change
                        else nursery.do(job)
                    )
                    if isinstance(came, Birth):
                        self._begin(came, nursery.folder(came.job))
                        return
                    self._channel.send("answer", came)
        leave_nothing(Path(self._order.scratch))
        os._exit(0)

    def _compare(self, nursery: Nursery, job: Job, change: Change) -> dict[str, Any] | Birth:
        """Whether an import with the change leaves behind what it leaves behind without, in a child as this one."""
        unchanged = self._unchanged(job)
        looks = 0 if unchanged in self._unsteady else _LOOKS
        while looks and not unchanged.is_known:
            came = nursery.do(replace(job, change=replace(change, is_control=True)))
            if isinstance(came, Birth):
                return came
            looks -= 1
        if unchanged.is_known:
            return nursery.do(job)
        self._unsteady.add(unchanged)
        return {"number": job.number, "ending": "other"}

    def _unchanged(self, job: Job) -> Unchanged:
        name = f"imprint-{crc32(' '.join(job.tests).encode('utf-8', 'surrogatepass'))}"
        return Unchanged(Path(self._order.scratch) / name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """For a few tests, only their own files are imported."""
        if collection_path.is_dir() or collection_path.name == "__init__.py":
            return None
        return None if str(collection_path).endswith(self._needed) else True

    def _begin(self, birth: Birth, folder: Path) -> None:
        self._birth = birth
        self._needed = tuple({name.partition("::")[0] for name in birth.job.tests})
        keep_to_oneself(folder, birth.job.seed or birth.job.number, own_network=self._order.own_network)
        pytest.ExceptionInfo.getrepr = _in_few_words  # type: ignore[method-assign, assignment]
        if sys.dont_write_bytecode:
            sys.dont_write_bytecode, sys.pycache_prefix = False, str(Path(self._order.scratch) / "bytecode")
        if birth.job.change is not None:
            change, alteration = birth.job.change, self._host.alteration
            self._is_too_late = not change.is_control and alteration.is_loaded(change.path)
            alteration.before_import(change, folder)

    def _perform(self, session: pytest.Session) -> None:
        if self._birth is None:
            return
        pytest.ExceptionInfo.getrepr = self._words  # type: ignore[method-assign]
        sys.dont_write_bytecode, sys.pycache_prefix = self._bytecode
        own_temporary_folder(session.config, Path(os.environ["TMPDIR"]))
        self._birth.say("end", self._told(session, self._birth))

    def _told(self, session: pytest.Session, birth: Birth) -> dict[str, Any]:
        if self._is_too_late:
            return {"ending": "broken", "error": "a plugin of pytest loads the file before it can be changed"}
        if self._host.errors:
            return {"ending": "broken", "error": self._host.errors[0]["error"]}
        if birth.job.imprint and birth.job.change is not None:
            return {"ending": "same" if self._leaves_the_same(birth.job, birth.job.change) else "other"}
        return self._host.perform(session, birth.job, birth.say)

    def _leaves_the_same(self, job: Job, change: Change) -> bool:
        before = (Path(self._order.root) / change.path).read_text(encoding="utf-8", errors="replace")
        now = before if change.is_control else change.text
        lines = Imprint(self._host.code.relative, change.path, line_before(before, now)).lines()
        unchanged = self._unchanged(job)
        if not change.is_control or unchanged.is_known:
            return unchanged.is_like(lines)
        unchanged.learn(lines)
        return False


def _in_few_words(failure: pytest.ExceptionInfo[BaseException], *_: object, **__: object) -> str:
    """While modules are imported: nobody reads the traceback, which takes longer than the import."""
    return f"{failure.typename}: {failure.value}"
