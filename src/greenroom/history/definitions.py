"""Which functions and classes a file defines, told from its lines: a whole history is too long to parse.

What the lines of a long text in quotes define is told too; it is the same before and after, as a rule,
and who looks closer parses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DEFINITION = re.compile(r"^([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+(\w+)", re.MULTILINE)
_TEST_FILE = re.compile(r"(?:test_.*|.*_tests?|tests?|.*_spec|conftest)\.py")
_TEST_FOLDERS = frozenset({"test", "tests", "testing", "testsuite", "unittests", "e2e"})
_ROOM_OF_TESTS = re.compile(r"(?:^|[_-])tests?(?:$|[_-])")
_FIXTURE = re.compile(r"^[ \t]*@(?:\w+\.)*fixture\b", re.MULTILINE)
_LIFE_CYCLE = frozenset(
    {"setup", "teardown", "setup_method", "teardown_method", "setup_class", "teardown_class", "setUp",
     "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp", "asyncTearDown",
     "setup_module", "teardown_module", "setup_function", "teardown_function"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class of a file."""

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
    around: list[tuple[int, str, bool]] = []
    line, at = 1, 0
    for found in _DEFINITION.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        indent = len(found[1].expandtabs())
        while around and around[-1][0] >= indent:
            around.pop()
        is_class = found[2] == "class"
        symbol = ".".join([*(name for _, name, _ in around), found[3]])
        is_inner = any(not outer for _, _, outer in around)
        is_fixture = found[3].startswith("test") and _is_fixture(text, found.start())
        yield Definition(symbol, is_class, line, is_inner, found.start(), len(found[1]), is_fixture)
        around.append((indent, found[3], is_class))


def _is_fixture(text: str, start: int) -> bool:
    """Whether a decorator above says so."""
    above = max(text.rfind("\n\n", 0, start), text.rfind("def ", 0, start), 0)
    return bool(_FIXTURE.search(text, above, start))


def of_tests(text: str) -> list[Definition]:
    """The tests of a file, and what they share; a class that holds tests is neither."""
    found = [one for one in definitions(text) if one.is_test or one.is_helper]
    holders = {one.symbol.rpartition(".")[0] for one in found if one.is_test}
    return [one for one in found if one.is_test or one.symbol not in holders]
