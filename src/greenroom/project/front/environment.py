"""Reads of variables of the environment, and whether the code gets along without them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from greenroom.project.front import facts

_READ = re.compile(r"(?:globalThis\.)?(import\.meta|process)\.env\.([A-Za-z_]\w*)")
_BUILT_IN = frozenset({"MODE", "DEV", "PROD", "SSR", "BASE_URL", "NODE_ENV"})
_ASK_ONLY = frozenset({"Boolean", "log", "warn", "info", "debug", "error"})


class Noted:
    """The reads of one part of an expression."""

    def __init__(self, reads: list[list[Any]], start: int) -> None:
        self._reads = reads
        self._start = start
        self._end = start

    def close(self) -> None:
        """What comes later is none of its reads."""
        self._end = len(self._reads)

    def default_to(self, value: Any) -> None:
        """They have this default."""
        for read in self._reads[self._start : self._end]:
            read[4] = value


class Environment:
    """Collects plain `Variable`s."""

    def __init__(self) -> None:
        self.reads: list[list[Any]] = []
        self._optional = 0
        self._held: dict[str, list[Any]] = {}
        """The last read that a name was made of."""

    def note(self, dotted: str, line: int) -> None:
        """A dotted name, which may be a read."""
        found = _READ.fullmatch(dotted)
        if found is not None and found[2] not in _BUILT_IN:
            how = "vite" if found[1] == "import.meta" else "process"
            self.reads.append([line, found[2], how, self._optional > 0, None])

    def hold(self, name: str, value: Any) -> None:
        """`const base = process.env.NEXT_PUBLIC_API_URL`, also behind another: `A || process.env.B`."""
        while isinstance(value, tuple) and value[0] == facts.EITHER:
            value = value[1][-1]
        found = _READ.fullmatch(value) if name and self.reads and isinstance(value, str) else None
        if found is not None and self.reads[-1][1] == found[2]:
            self._held[name] = self.reads[-1]

    def spare(self, names: Iterator[Any], default: Any) -> None:
        """What these names hold may be missing, because something else stands behind them."""
        for name in names:
            if isinstance(name, str) and name in self._held:
                self._held[name][3:] = [True, default]

    @contextmanager
    def optional(self) -> Iterator[Noted]:
        """What is read inside may be missing."""
        noted = Noted(self.reads, len(self.reads))
        self._optional += 1
        try:
            yield noted
        finally:
            self._optional -= 1
            noted.close()

    @contextmanager
    def unless_required(self, function: str) -> Iterator[None]:
        """The arguments of a call: a function that only tells or tests needs no value."""
        if function in _ASK_ONLY:
            with self.optional():
                yield
        else:
            yield
