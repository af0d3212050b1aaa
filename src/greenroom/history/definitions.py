"""Which functions and classes a file defines, told from its lines: a whole history is too long to parse.

What the lines of a long text in quotes define is told too; it is the same before and after, as a rule,
and who looks closer parses.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from greenroom.history.difference import middle

_NAMED = (re.compile(r"def[ \t]+(\w+)"), re.compile(r"class[ \t]+(\w+)"))
"""What stands before them is looked at afterwards: a search for a word is ten times as fast as one for a line."""
_MARGIN = re.compile(r"([ \t]*)(?:async[ \t]+)?")
_TEST_FILE = re.compile(r"(?:test_.*|.*_tests?|tests?|.*_spec|conftest)\.py")
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testsuite", "unittests", "e2e"})
_ROOM_OF_TESTS = re.compile(r"(?:^|[_-])tests?(?:$|[_-])")
_FIXTURE = re.compile(r"^[ \t]*@(?:\w+\.)*fixture\b", re.MULTILINE)
_FIXTURE_WORD = re.compile(r"fixture\b")
_DEFINING = ("def", "class", "fixture")
"""Without one of these, a change of a text defines nothing."""
Named = dict[str, None]
"""Qualified names, in order."""
_Lines = tuple[tuple[str, bool, str], ...]
_LIFE_CYCLE = frozenset(
    {"setup", "teardown", "setup_method", "teardown_method", "setup_class", "teardown_class", "setUp",
     "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp", "asyncTearDown",
     "setup_module", "teardown_module", "setup_function", "teardown_function"}
)  # fmt: skip


class Header(NamedTuple):
    """A line that defines a function or class."""

    start: int
    """Where it begins in the text."""
    margin: str
    """What stands before it."""
    is_class: bool
    name: str


class Definition(NamedTuple):
    """A function or class of a file; a long history has millions of them."""

    symbol: str
    """Qualified name."""
    name: str
    line: int
    is_inner: bool
    """Inside a function."""
    start: int
    """Where its line begins in the text."""
    indent: int
    """Characters before it in that line."""
    is_test: bool
    """By its name; a class is none, as its tests count themselves."""
    is_helper: bool
    """What tests of a file or folder share: fixtures, functions and classes at the top of a file."""


class _Kind(NamedTuple):
    """What its names say of a definition."""

    symbol: str
    is_test: bool
    is_helper: bool


_Named = TypeVar("_Named", Definition, _Kind)


@lru_cache(maxsize=100_000)
def is_of_tests(path: str) -> bool:
    """Whether a file is one of the tests or of what they share, by its path alone."""
    *folders, name = path.split("/")
    if _TEST_FILE.fullmatch(name):
        return True
    return any(folder in _TEST_FOLDERS or _ROOM_OF_TESTS.search(folder) for folder in folders)


def definitions(text: str) -> Iterator[Definition]:
    """All functions and classes, in order."""
    line, at = 1, 0
    found = headers(text)
    for (start, margin, is_class, name), (symbol, is_inner) in zip(found, nested(found), strict=True):
        line += text.count("\n", at, start)
        at = start
        is_test = _is_test(is_class, name, is_inner) and not _is_fixture(text, start)
        is_helper = not is_test and symbol == name and _is_helper(is_class, name)
        yield Definition(symbol, name, line, is_inner, start, len(margin), is_test, is_helper)


def nested(found: Iterable[Header]) -> Iterator[tuple[str, bool]]:
    """Qualified name of each, and whether it is inside a function."""
    around: list[tuple[int, str, bool]] = []  # indentation, qualified name, whether what is below is inner
    for _, margin, is_class, name in found:
        indent = len(margin.expandtabs()) if margin else 0
        while around and around[-1][0] >= indent:
            around.pop()
        symbol, is_inner = (f"{around[-1][1]}.{name}", around[-1][2]) if around else (name, False)
        yield symbol, is_inner
        around.append((indent, symbol, is_inner or not is_class))


def _is_test(is_class: bool, name: str, is_inner: bool) -> bool:  # noqa: FBT001  - of one definition
    return name.startswith("test") and not is_class and not is_inner


def _is_helper(is_class: bool, name: str) -> bool:  # noqa: FBT001  - of one definition
    """Of what stands at the top of a file."""
    holds_tests = is_class and (name.startswith("Test") or name.endswith(("Test", "Tests", "TestCase")))
    return not holds_tests and name not in _LIFE_CYCLE and not name.startswith("__")


def headers(text: str) -> list[Header]:
    """The lines that define something, in order."""
    found = []
    for is_class, pattern in enumerate(_NAMED):
        for match in pattern.finditer(text):
            at = match.start()
            start = text.rfind("\n", 0, at) + 1
            margin = text[start:at]
            if margin and not margin.isspace():
                before = _MARGIN.fullmatch(margin)
                if before is None:
                    continue
                margin = before[1]
            elif margin.strip(" \t"):
                continue  # a form feed
            found.append(Header(start, margin, bool(is_class), match[1]))
    found.sort()
    return found


class Names:
    """The tests and helpers of versions of files, asked for in a row.

    Most versions define by the same lines what the one before defined; what was seen once is not looked at again.
    """

    def __init__(self) -> None:
        self._known: dict[_Lines, Named] = {}
        self._last: tuple[str, Named] | None = None
        """A text, and what it names by the lines that define alone."""

    def of(self, text: str) -> Named:
        """Their qualified names, in order."""
        if self._last and _defines_the_same(self._last[0], text):
            found = self._last[1]
        elif "fixture" in text and any(map(_may_name_test, _FIXTURE_WORD.finditer(text))):
            self._last = None
            return dict.fromkeys(one.symbol for one in of_tests(definitions(text)))
        else:
            found = self._by_lines(headers(text))
        self._last = text, found
        return found

    def _by_lines(self, found: list[Header]) -> Named:
        lines = tuple([header[1:] for header in found])
        named = self._known.get(lines)
        if named is None:
            kinds = (
                _Kind(
                    symbol, _is_test(is_class, name, is_inner), symbol == name and _is_helper(is_class, name)
                )
                for (_, _, is_class, name), (symbol, is_inner) in zip(found, nested(found), strict=True)
            )
            named = self._known[lines] = dict.fromkeys(one.symbol for one in of_tests(kinds))
        return named


def _defines_the_same(one: str, other: str) -> bool:
    """Whether two texts differ in no line that defines something, and nowhere that says what is a fixture."""
    _, before, after = middle(one, other)
    return not any(word in text for text in (before, after) for word in _DEFINING)


def _may_name_test(fixture: re.Match[str]) -> bool:
    """Whether it may be a decorator, and the function below it is called like a test."""
    text, start = fixture.string, fixture.end()
    if not text[text.rfind("\n", 0, start) + 1 : start].lstrip(" \t").startswith("@"):
        return False
    at = text.find("def ", start)
    return at >= 0 and text[at + len("def ") :].lstrip(" \t").startswith("test")


def _is_fixture(text: str, start: int) -> bool:
    """Whether a decorator above says so."""
    above = max(text.rfind("\n\n", 0, start), text.rfind("def ", 0, start), 0)
    return text.find("fixture", above, start) >= 0 and bool(_FIXTURE.search(text, above, start))


def of_tests(defined: Iterable[_Named]) -> list[_Named]:
    """Of all that a file defines, its tests and what they share; a class that holds tests is neither."""
    found = [one for one in defined if one.is_test or one.is_helper]
    holders = {one.symbol.rpartition(".")[0] for one in found if one.is_test}
    return [one for one in found if one.is_test or one.symbol not in holders]
