"""The conditions of a repeated run: its seed, its order, its choice of tests; set by `greenroom record`."""

import os
import random
import sys
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

import pytest

from greenroom.record import environment
from greenroom.record.run_folder import root_of


class Conditions:
    """Registered with each pytest of a repeated run; what the sensors see is not its business."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._seed = int(variables[environment.SEED])
        self._shuffle = environment.SHUFFLE in variables
        self._only = environment.only(variables)
        self._root = Path(root_of(variables[environment.RUN]))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Collect the chosen tests, and nothing beside them."""
        if self._only:
            session.config.args = [str(self._root / test) for test in self._only]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests in the order of the run; the seed alone decides, so two workers of xdist agree."""
        if self._only:
            wanted = {test: place for place, test in enumerate(self._only)}
            items.sort(key=lambda item: wanted.get(self._id(item), len(wanted)))
        elif self._shuffle:
            items.sort(key=self._place)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        """Begin each test with numbers of chance that can be had again."""
        number = crc32(item.nodeid.encode()) ^ self._seed
        random.seed(number)
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed(number % 2**32)
        yield

    def _id(self, item: pytest.Item) -> str:
        _, separator, rest = item.nodeid.partition("::")
        return os.path.relpath(item.path, self._root).replace(os.sep, "/") + separator + rest

    def _place(self, item: pytest.Item) -> tuple[bytes, ...]:
        """Modules together, in them classes, in them tests, each in an order of its own."""
        module, *inner = item.nodeid.split("::")
        parts = (module, *inner[:-1]) if inner else (module,)
        return (*(self._number(part) for part in parts), self._number(item.nodeid))

    def _number(self, word: str) -> bytes:
        return blake2b(word.encode(), key=str(self._seed).encode(), digest_size=8).digest()
