"""What the code of a file can change, by name, and whether it makes coroutines: read once, and kept with the code.

Only what a function does counts, a name that it binds globally, sets on something, or mentions while it changes
containers: what a module or a class does while it is made is no change.
"""

import dis
import re
from collections.abc import Iterator
from inspect import CO_COROUTINE, CO_OPTIMIZED
from types import CodeType
from typing import NamedTuple

_CHANGING = frozenset({
    "add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop", "popitem", "popleft",
    "remove", "setdefault", "update",
})  # fmt: skip
_INTO, _BOUND, _SET = (
    tuple(bytes([dis.opmap[f"{verb}_{what}"]]) for verb in ("STORE", "DELETE"))
    for what in ("SUBSCR", "GLOBAL", "ATTR")
)

_OF_TESTS_ALONE = re.compile(r"(?:^|[\\/])(?:test_[^\\/]*|[^\\/]*_tests?)\.py$")
"""By what pytest takes for a module of tests."""

PlainWords = tuple[frozenset[str], frozenset[str], frozenset[str], bool]
"""As `marshal` holds them."""


class Words(NamedTuple):
    """Of one file, or of one function."""

    changing: frozenset[str]
    """Names that stand where containers are changed."""
    binding: frozenset[str]
    """Names that are bound globally, or set on something other than `self`."""
    set_by_methods: frozenset[str]
    """Names that methods set: on `self`, as far as anybody can say."""
    has_coroutines: bool

    @property
    def plain(self) -> PlainWords:
        """For `marshal`."""
        return self.changing, self.binding, self.set_by_methods, self.has_coroutines


def words_of(code: CodeType) -> Words:
    """Of a module's code, or of a function's, with all that stands in it."""
    changing: set[str] = set()
    binding: set[str] = set()
    set_by_methods: set[str] = set()
    has_coroutines = False
    for function in _functions(code):
        raw, names = function.co_code, function.co_names
        operations = raw[::2]
        if not _CHANGING.isdisjoint(names) or any(each in operations for each in _INTO):
            changing.update(names)
        binding.update(_named(raw, operations, names, _BOUND))
        is_method = function.co_varnames[:1] == ("self",)
        (set_by_methods if is_method else binding).update(_named(raw, operations, names, _SET))
        has_coroutines = has_coroutines or bool(function.co_flags & CO_COROUTINE)
    return Words(frozenset(changing), frozenset(binding), frozenset(set_by_methods), has_coroutines)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The code itself and what stands in it, without the bodies of modules and classes."""
    if code.co_flags & CO_OPTIMIZED:
        yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _functions(inner)


def _named(raw: bytes, operations: bytes, names: tuple[str, ...], wanted: tuple[bytes, ...]) -> Iterator[str]:
    """The names with which these operations are done."""
    for each in wanted:
        at = operations.find(each)
        while at >= 0:
            number = raw[2 * at + 1]
            if number < len(names):
                yield names[number]
            at = operations.find(each, at + 1)


class KnownFiles(dict[str, Words]):
    """The words of the files whose code was read while it was loaded, by file."""

    have_coroutines = False
    """In one of them at least from which more than its own tests may call."""

    def add(self, file: str, words: Words) -> None:
        """Another file."""
        self[file] = words
        if words.has_coroutines and not _OF_TESTS_ALONE.search(file):
            self.have_coroutines = True


KNOWN_FILES = KnownFiles()
"""Code is loaded once for a process, whoever asks for it."""
