"""Which functions and classes a file defines, told from its lines: a whole history is too long to parse.

What the lines of a long text in quotes define is told too; it is the same before and after, as a rule,
and who looks closer parses.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_NAMED = (re.compile(r"def[ \t]+(\w+)"), re.compile(r"class[ \t]+(\w+)"))
"""What stands before them is looked at afterwards: a search for a word is ten times as fast as one for a line."""
_MARGIN = re.compile(r"([ \t]*)(?:async[ \t]+)?")
_TEST_FILE = re.compile(r"(?:test_.*|.*_tests?|tests?|.*_spec|conftest)\.py")
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testsuite", "unittests", "e2e"})
_ROOM_OF_TESTS = re.compile(r"(?:^|[_-])tests?(?:$|[_-])")
_FIXTURE = re.compile(r"^[ \t]*@(?:\w+\.)*fixture\b", re.MULTILINE)
_FIXTURE_WORD = re.compile(r"fixture\b")
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
    is_class: bool
    line: int
    is_inner: bool
    """Inside a function."""
    start: int = 0
    """Where its line begins in the text."""
    indent: int = 0
    """Characters before it in that line."""
    is_fixture: bool = False

    @property
    def name(self) -> str:
        return self.symbol.rpartition(".")[2]

    @property
    def is_test(self) -> bool:
        """By its name; a class is none, as its tests count themselves."""
        plain = not self.is_class and not self.is_inner and not self.is_fixture
        return plain and self.name.startswith("test")

    @property
    def is_helper(self) -> bool:
        """What tests of a file or folder share: fixtures, functions and classes at the top of a file."""
        if self.is_test or self.is_inner or "." in self.symbol:
            return False
        holds_tests = self.is_class and (
            self.name.startswith("Test") or self.name.endswith(("Test", "Tests", "TestCase"))
        )
        return not holds_tests and self.name not in _LIFE_CYCLE and not self.name.startswith("__")


def is_of_tests(path: str) -> bool:
    """Whether a file is one of the tests or of what they share, by its path alone."""
    *folders, name = path.split("/")
    if _TEST_FILE.fullmatch(name):
        return True
    return any(folder in _TEST_FOLDERS or _ROOM_OF_TESTS.search(folder) for folder in folders)


def definitions(text: str) -> Iterator[Definition]:
    """All functions and classes, in order."""
    around: list[tuple[int, str, bool]] = []  # indentation, qualified name, whether what is below is inner
    line, at = 1, 0
    for start, margin, is_class, name in headers(text):
        line += text.count("\n", at, start)
        at = start
        indent = len(margin.expandtabs())
        while around and around[-1][0] >= indent:
            around.pop()
        symbol, is_inner = (f"{around[-1][1]}.{name}", around[-1][2]) if around else (name, False)
        is_fixture = name.startswith("test") and _is_fixture(text, start)
        yield Definition(symbol, is_class, line, is_inner, start, len(margin), is_fixture)
        around.append((indent, symbol, is_inner or not is_class))


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
    """The tests and helpers of versions of files; those that define the same by the same lines are looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[str, bool, str], ...], tuple[str, ...]] = {}

    def of(self, text: str) -> tuple[str, ...]:
        """Their qualified names, in order."""
        lines = tuple([header[1:] for header in headers(text)])
        if "fixture" in text and any(map(_may_name_test, _FIXTURE_WORD.finditer(text))):
            return _names(text)  # what is a fixture is not in these lines
        found = self._known.get(lines)
        if found is None:
            found = self._known[lines] = _names(text)
        return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.symbol for found in of_tests(definitions(text))))


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
    return bool(_FIXTURE.search(text, above, start))


def of_tests(defined: Iterable[Definition]) -> list[Definition]:
    """Of all that a file defines, its tests and what they share; a class that holds tests is neither."""
    found = [one for one in defined if one.is_test or one.is_helper]
    holders = {one.symbol.rpartition(".")[0] for one in found if one.is_test}
    return [one for one in found if one.is_test or one.symbol not in holders]
