"""What an import leaves behind: all that can be reached in this process, to the last attribute, in words.

Two processes that were forked from the same one, and have imported the same project, are compared. What differs between two imports of
the unchanged project (times, tokens) says nothing. Where more than that differs, nothing is said, either: it need not matter to anybody.
"""

import gc
import json
import os
import pickle
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile, zip_longest
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

_ATOMS = frozenset({str, bytes, int, float, complex, bool, type(None), type(...), type(NotImplemented)})
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_MACHINERY = (
    "_frozen_importlib", "importlib", "greenroom", "pluggy", "_pytest.assertion", "_pytest.config", "_pytest.main", "_pytest.nodes",
    "_pytest.python", "_pytest.runner", "_pytest.terminal",
)  # fmt: skip
"""Modules of types whose instances load and run tests: they know of the change, or of the time."""
_LARGE = 1 << 32
_ALIGNED = 4
"""Bits of an address that are always 0, and that `object.__hash__` leaves out."""
_UNNAMED = "<"
"""With which names of files begin that are none: what was compiled from a text in memory."""


class Imprint:
    """Of one process; taken once, and before anything runs that is not wanted in it."""

    def __init__(self, relative: Callable[[str], str], path: str, line_of: Callable[[int], int]) -> None:
        """Prepare.

        Args:
            relative: From a file's name to the path below the project's root; empty for what is not the project's.
            path: The file that is changed. What its functions do is not looked at, only which functions they are.
            line_of: From a line of the changed text to the same of the original.
        """
        self._relative = relative
        self._path = path
        self._line_of = line_of
        self._folder = os.environ.get("TMPDIR", "")
        self._numbers: dict[int, int] = {}
        self._large: list[int] = []
        """Numbers that may be addresses, or made of such."""
        self._found: list[Any] = []
        """All that was reached, in that order; kept, so that no other gets its address."""

    def lines(self) -> Iterator[str]:
        """Of each object what it is, and which others it holds."""
        for name, module in sorted(sys.modules.items()):
            if self._is_looked_at(name, module):
                yield f"{name} {self._label(module)}"
        yield " ".join(self._label(signal.getsignal(number)) for number in signal.valid_signals())
        yield f"{threading.active_count()} {os.getcwd()} {sys.getrecursionlimit()}"  # noqa: PTH109
        position = 0
        while position < len(self._found):
            each: Any = self._found[position]
            position += 1
            yield f"{_name(type(each))} {' '.join(map(self._label, self._held_by(each)))}"
        for number in self._large:
            named = self._numbers.get(number, self._numbers.get(number << _ALIGNED))
            yield str(number) if named is None else f"address of #{named}"

    def _is_looked_at(self, name: str, module: ModuleType) -> bool:
        return not _is_machinery(name) or bool(self._relative(str(getattr(module, "__file__", ""))))

    def _label(self, what: Any) -> str:
        if type(what) is int and what > _LARGE:
            self._large.append(what)
            return "large"
        if type(what) in _ATOMS:
            return repr(what).replace(self._folder, "") if self._folder else repr(what)
        number = self._numbers.get(id(what))
        if number is None:
            number = self._numbers[id(what)] = len(self._found)
            self._found.append(what)
        return f"#{number}"

    def _held_by(self, what: Any) -> list[Any]:
        kind = type(what)
        if kind is dict or kind is list or kind is tuple:
            return gc.get_referents(what)
        if isinstance(what, CodeType):
            return self._code(what)
        if isinstance(what, set | frozenset):
            return sorted(what, key=_rank)
        if isinstance(what, type):
            return [*gc.get_referents(what), *sorted(map(_name, type.__subclasses__(what)))]
        if isinstance(what, FunctionType | ModuleType):
            return gc.get_referents(what)
        if _is_machinery(kind.__module__) or isinstance(what, threading._MainThread):  # type: ignore[attr-defined]  # noqa: SLF001
            return []
        if not gc.is_tracked(what) and not kind.__flags__ & (1 << 9):
            return [_words(what)]
        if kind.__dictoffset__:
            object.__getattribute__(
                what, "__dict__"
            )  # from here on, it holds the names of its attributes, too
        return gc.get_referents(what)

    def _code(self, code: CodeType) -> list[Any]:
        """Which function it is; what it does, only where the file does not say so."""
        name, line = code.co_filename, code.co_firstlineno
        held: list[Any] = [name, code.co_qualname]
        if self._relative(name) == self._path:
            line = self._line_of(line)
        if name.startswith(_UNNAMED) or code.co_name.startswith(_UNNAMED):
            held += [code.co_code, code.co_names, code.co_varnames, code.co_consts]
        return [*held, line]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What the unchanged project leaves behind: in a file, since it is large, and each process of its own asks for it."""

    file: Path

    @property
    def _noise(self) -> Path:
        return self.file.with_suffix(".json")

    @property
    def is_known(self) -> bool:
        """Whether it was seen twice, so that it is known what differs each time."""
        return self._noise.exists()

    def learn(self, lines: Iterable[str]) -> None:
        """See it once more."""
        again = self.file.with_suffix(".again")
        noise: dict[int, list[int]] | None = {}
        with again.open("wb") as file:
            for number, (old, new) in enumerate(zip_longest(self._read(), map(_encoded, lines))):
                if new is not None:
                    file.write(new)
                if old != new and noise is not None:
                    places = _differing(old, new)
                    noise = None if places is None else {**noise, number: places}
        if noise is None:  # who imports first may write bytecode, and others read it
            again.replace(self.file)
        else:
            self._noise.write_text(json.dumps(noise), encoding="utf-8")

    def is_like(self, lines: Iterable[str]) -> bool:
        """Whether nothing differs but what differs each time."""
        if not self.is_known:
            return False
        noise = {int(number): places for number, places in json.loads(self._noise.read_bytes()).items()}
        for number, (old, new) in enumerate(zip_longest(self._read(), map(_encoded, lines))):
            if old != new:
                places = _differing(old, new)
                if places is None or not set(places).issubset(noise.get(number, ())):
                    return False
        return True

    def _read(self) -> Iterator[bytes]:
        if self.file.exists():
            with self.file.open("rb") as file:
                yield from file


def _encoded(line: str) -> bytes:
    return line.encode("utf-8", "backslashreplace") + b"\n"


def _differing(old: bytes | None, new: bytes | None) -> list[int] | None:
    """The places of words that differ; None where there are not as many words."""
    words, others = (old or b"").split(b" "), (new or b"").split(b" ")
    if old is None or new is None or len(words) != len(others):
        return None
    return [place for place, word in enumerate(words) if word != others[place]]


def line_before(before: str, now: str) -> Callable[[int], int]:
    """From a line of a changed text to the same of the original; of what lies between two changes, it may be another."""
    old, new = before.splitlines(), now.splitlines()
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    more = len(new) - len(old)
    return lambda line: line if line <= same + 1 else line - more


def _is_machinery(module: object) -> bool:
    return isinstance(module, str) and module.startswith(_MACHINERY)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _rank(what: Any) -> tuple[str, str]:
    """Something to put the elements of a set in order by, whatever their addresses."""
    kind = type(what)
    named = kind in _ATOMS or isinstance(what, type | FunctionType | ModuleType)
    return _name(kind), repr(what) if kind in _ATOMS else str(
        getattr(what, "__qualname__", getattr(what, "__name__", ""))
    ) if named else ""


def _words(what: Any) -> str:
    """Of something that holds no other object."""
    try:
        return repr(pickle.dumps(what, 4))
    except Exception:  # noqa: BLE001  - most cannot be
        return _ADDRESS.sub("", repr(what))
