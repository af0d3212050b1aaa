"""Code of the suite that counts its assertions: compiled once, kept by content below `.greenroom/cache`.

The caches of Python and of pytest are neither written nor used: what stands there stays theirs.
"""

import ast
import contextlib
import hashlib
import marshal
import os
import sys
import warnings
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from operator import itemgetter
from types import CodeType
from typing import Any, Final, NamedTuple

from greenroom.record.instrument import Check, instrument, with_counter
from greenroom.record.words import KNOWN_FILES, PlainWords, Words, words_of

_open: Final = open
"""A test may put a double in its place, and import the project while it stands there. A Path takes five times as long."""
_FORMAT = 6
"""Raise it whenever the instrumented code or its table changes."""
_DIGEST_SIZE = 16

_KIND = Check._fields.index("kind")
_IS_GUARD = Check._fields.index("is_guard")
_line = itemgetter(Check._fields.index("line"))

_PlainTable = tuple[tuple[tuple[int, int, str, str, bool, str], ...], dict[int, int], frozenset[str]]
"""A `Table` as `marshal` holds it. It stays so: the collector passes over plain tuples, at each of its rounds."""

Kept = tuple[CodeType, Any, bool, PlainWords]
"""The code, what is known of its assertions or marks, whether it was warned of, and its words."""

Rewrite = Callable[[ast.Module, bytes, str], None]
"""What else happens to the tree: pytest's own rewriting of assertions."""


class Compiled(NamedTuple):
    """The code of a file as it is to run."""

    code: CodeType | None
    """None where it cannot be read or compiled: whoever imports it will say why."""
    has_warned: bool = False
    """Whether Python or the rewriting warns of its text."""
    is_kept: bool = False
    """It was compiled in an earlier run, and then imported by Python, too."""

    @property
    def is_enough(self) -> bool:
        """Nobody misses what Python would say of it, or keep of it."""
        return self.is_kept and not self.has_warned


NOT_COMPILED = Compiled(None)


@contextlib.contextmanager
def warnings_heard() -> Iterator[list[object]]:
    """All warnings of what is compiled meanwhile, which nobody else hears.

    `warnings.catch_warnings` would make Python forget which warnings of the suite it has shown, and show them again.
    """
    heard: list[object] = []
    filters, show = warnings.filters, warnings.showwarning
    warnings.filters = [("always", None, Warning, None, 0)]
    warnings.showwarning = lambda *about, **_: heard.append(about)
    try:
        yield heard
    finally:
        warnings.filters, warnings.showwarning = filters, show


class Counter(dict[int, int]):
    """How often each assertion of one file was reached since it was last emptied.

    It is a constant of code objects, which are compared and hashed, and pickled by value by some libraries.
    """

    __slots__ = ("_between", "_functions", "_plain", "asserting", "file", "kinds", "seen")

    def __init__(self, file: str, plain: _PlainTable, seen: list["Counter"]) -> None:
        super().__init__()
        self.file = file
        self.seen = seen
        self._plain, self._functions, self.asserting = plain
        self.kinds = tuple(each[_KIND] for each in self._plain)
        """Of all assertions, by their numbers."""
        self._between: dict[int, tuple[int, ...]] = {}

    def between(self, first: int) -> tuple[int, ...]:
        """The numbers of the assertions of the function that begins at this line, guards left out."""
        known = self._between.get(first)
        if known is None:
            begin = bisect_left(self._plain, first, key=_line)
            end = bisect_right(self._plain, self._functions.get(first, 0), key=_line)
            known = self._between[first] = tuple(
                number for number in range(begin, end) if not self._plain[number][_IS_GUARD]
            )
        return known

    def check(self, number: int) -> Check:
        """One of them."""
        return Check(*self._plain[number])

    def __missing__(self, number: int) -> int:
        if not self:
            self.seen.append(self)
        return 0

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return defaultdict, (int,)


class CountedCode:
    """Compiles files so that they count, and knows all their counters."""

    def __init__(self, cache: str, rewrite: Rewrite | None = None, rewriter: str = "") -> None:
        self._cache = cache
        self._rewrite = rewrite
        self._rewriter = rewriter
        self.counters: dict[str, Counter] = {}
        self.seen: list[Counter] = []
        """The counters that are not empty."""

    def compile(self, file: str) -> Compiled:
        """The code of a file, counting."""
        try:
            with _open(file, "rb") as stream:
                source = stream.read()
            known = self._read(self._key(file, source))
            code, plain, has_warned, words = known or self._compile(file, source)
        except (OSError, SyntaxError, ValueError):
            return NOT_COMPILED
        KNOWN_FILES.add(file, Words(*words))
        return Compiled(self._live(file, code, plain), has_warned, known is not None)

    def _live(self, file: str, code: CodeType, plain: Any) -> CodeType:
        """With its counter."""
        counter = self.counters[file] = Counter(file, plain, self.seen)
        return with_counter(code, counter)

    def _compile(self, file: str, source: bytes) -> Kept:
        with warnings_heard() as heard:
            tree = ast.parse(source, filename=file)
            words = words_of(compile(tree, file, "exec", dont_inherit=True))  # before anything is added
            table = instrument(tree)
            if self._rewrite is not None:
                self._rewrite(tree, source, file)
            code: CodeType = compile(tree, file, "exec", dont_inherit=True)
        plain = (tuple(tuple(check) for check in table.checks), table.functions, table.asserting)
        kept = (code, plain, bool(heard), words.plain)
        self._write(self._key(file, source), kept)
        return kept

    def _key(self, file: str, source: bytes) -> str:
        about = f"{_FORMAT}\0{sys.implementation.cache_tag}\0{sys.hexversion}\0{sys.flags.optimize}\0{self._rewriter}\0{file}\0"
        digest = hashlib.blake2b(about.encode() + source, digest_size=_DIGEST_SIZE).hexdigest()
        return f"{self._cache}{os.sep}{digest}.bin"

    def _read(self, key: str) -> Kept | None:
        try:
            with _open(key, "rb") as stream:
                content = stream.read()
        except OSError:
            return None
        if content[:_DIGEST_SIZE] != _checksum(content[_DIGEST_SIZE:]):
            return None
        kept: Kept = marshal.loads(content[_DIGEST_SIZE:])  # noqa: S302  its checksum is right
        return kept

    def _write(self, key: str, kept: Kept) -> None:
        payload = marshal.dumps(kept)
        part = f"{key}.{os.getpid()}"
        with contextlib.suppress(OSError):
            os.makedirs(self._cache, exist_ok=True)  # noqa: PTH103  - as above
            with _open(part, "wb") as stream:
                stream.write(_checksum(payload) + payload)
            os.replace(part, key)  # noqa: PTH105


def _checksum(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, digest_size=_DIGEST_SIZE).digest()
