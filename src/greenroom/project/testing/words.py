"""What the authors of a test say about it: its name, docstring and comments."""

import re
from pathlib import Path

from greenroom.project.code.module import Scope

_MUST_NOT_RAISE = re.compile(
    r"(?:not?|n['\u2019]t|never|without|zero)[\s_]+(?:\w+[\s_]+){0,3}?(?:rais|error|exception|crash|fail|throw|block|hang"
    r"|recurs|break|explode|blow|deadlock|segfault|warn|problem)|smoke|sanity|no[\s_-]?op\b|_noop|does[\s_]nothing|silent|graceful"
    r"|idempoten|importable|can[\s_]be[\s_](?:imported|pickled|called)|^\s*test_?imports?\b|should[\s_]work|is[\s_]fine|non[\s_-]?fatal"
    r"|accepts?|acceptance|tolerate|surviv|ignor|allowed|succeeds|just (?:check|confirm|make sure|run|call|ensure|trigger)"
    r"|doesnt|make sure|just to\b|handles?[\s_](?:none|null|empty|missing|no)(?:[\s_]|\b)|not[\s_]be[\s_]called|exits_cleanly|catch(?:es)?[\s_]+(?:\w+[\s_]+){0,3}?(?:fail|error|exception)|(?<!in)valid(?!at)|test_no_|doesn['\u2019]t|nothing_to|safe\b|hashable|assignable",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"#(?!\s*(?:type:|noqa|pragma|fmt:|pylint|ty:|pyright)).*")


_OWES = re.compile(r"\b(?:todo|fixme|xxx|broken|fails?|failing|bug|fix|for now)\b", re.IGNORECASE)


def owes(text: str) -> bool:
    """Whether the words on a test that does nothing admit that something is to be done."""
    return _OWES.search(text) is not None


def says_must_not_raise(text: str) -> bool:
    """Whether not failing is the point of a test, by what is said of it."""
    return _MUST_NOT_RAISE.search(text) is not None


class Words:
    """Reads them from the files; keeps one file at a time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = ""
        self._lines: list[str] = []

    def of(self, function: Scope) -> str:
        """Name, docstring and comments of a test, and the comments above it and its class."""
        lines = self._file(function.path)
        said = [function.name, *self._above(lines, function)]
        owner = function.owner
        if owner is not None:
            said += self._above(lines, owner)
        said.append(self.comments(function))
        if function.facts.documented:
            said += _docstring(self._inside(function))
        return "\n".join(said)

    def comments(self, function: Scope) -> str:
        """The comments in the body of a test."""
        return "\n".join(match[0] for line in self._inside(function) if (match := _COMMENT.search(line)))

    def _inside(self, function: Scope) -> list[str]:
        lines = self._file(function.path)
        return [*lines[function.line - 1 : function.end_line], *_trailing(lines, function)]

    def line(self, path: str, number: int) -> str:
        """One line of a file, 1-based."""
        lines = self._file(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def _above(self, lines: list[str], scope: Scope) -> list[str]:
        found, number = [], scope.line - 2
        while number >= 0 and lines[number : number + 1] and lines[number].lstrip().startswith(("#", "@")):
            if lines[number].lstrip().startswith("#"):
                found.append(lines[number])
            number -= 1
        return found

    def _file(self, path: str) -> list[str]:
        if path != self._path:
            self._path = path
            try:
                self._lines = (self._root / path).read_text(encoding="utf-8", errors="replace").split("\n")
            except OSError:
                self._lines = []
        return self._lines


def _trailing(lines: list[str], function: Scope) -> list[str]:
    """The comments after the last statement, as deep as the body: where the grammar sees nothing any more."""
    if not 0 < function.end_line <= len(lines):
        return []
    first = lines[function.line - 1]
    depth, found = len(first) - len(first.lstrip()), []
    for line in lines[function.end_line :]:
        stripped = line.lstrip()
        if stripped and (not stripped.startswith("#") or len(line) - len(stripped) <= depth):
            break
        found.append(line)
    return found


def _docstring(lines: list[str]) -> list[str]:
    """The lines of the first triple-quoted text."""
    found: list[str] = []
    quote = ""
    for line in lines:
        stripped = line.strip()
        if not quote:
            quote = next((sign for sign in ('"""', "'''") if stripped.lstrip("rRuU").startswith(sign)), "")
            if quote:
                found.append(stripped)
                if stripped.count(quote) > 1:
                    break
        else:
            found.append(stripped)
            if quote in stripped:
                break
    return found
