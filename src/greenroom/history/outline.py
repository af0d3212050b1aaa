"""The functions and classes of a file with their text, told from indentation: thousands of versions are read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from greenroom.history.definitions import Definition

_STATEMENT = (
    r"(?:@|(?:def|class|async|if|for|while|with|try|from|import|assert|return|raise)\b"
    r"|[A-Za-z_][\w.\[\]]*[ \t]*(?::[^=\n]+)?[-+*/|&]?=[^=]|[A-Za-z_][\w.]*\()"
)
"""How a line begins that ends a body; a line of a long text may stand as far left."""
_DOCSTRING = re.compile(
    r"(?:[ \t]*\r?\n)*[ \t]*[rRuU]?(?:\"\"\"(?s:.*?)\"\"\"|'''(?s:.*?)'''|\"[^\"\n]*\"|'[^'\n]*')[ \t;]*(?=\r?\n|\Z)"
)
_LONGEST = 60
"""Lines of a signature."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A definition with its text."""

    definition: Definition
    decorators: str
    signature: str
    """From `def` to the colon."""
    body: str
    """Without its docstring."""

    @property
    def text(self) -> str:
        return f"{self.decorators}\n{self.signature}\n{self.body}"


def outline(text: str, defined: Iterable[Definition]) -> Iterator[Passage]:
    """Every function and class with its text, in order; what stands inside a function belongs to it."""
    for definition in defined:
        if not definition.is_inner:
            start, indent = definition.start, definition.indent
            body = _signature_end(text, start)
            after = _ending(indent).search(text, body - 1)
            end = after.start() + 1 if after else len(text)
            docstring = _DOCSTRING.match(text, body, end)
            yield Passage(
                definition,
                text[_first_decorator(text, start, indent) : start],
                text[start:body],
                text[docstring.end() if docstring else body : end].rstrip(),
            )


@cache
def _ending(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n[ \t]{{0,{indent}}}{_STATEMENT}")


def _first_decorator(text: str, start: int, indent: int) -> int:
    first = at = start
    while at > 0:
        above = text.rfind("\n", 0, at - 1) + 1
        line = text[above:at]
        stripped = line.lstrip()
        left = len(line) - len(stripped)
        if not stripped or left < indent or (left == indent and stripped[0] not in "@)]}#"):
            break
        at = above
        if left == indent and stripped[0] == "@":
            first = at
    return first


def _signature_end(text: str, start: int) -> int:
    """The beginning of the line after the colon that ends the signature."""
    depth, at = 0, start
    for _ in range(_LONGEST):
        end = text.find("\n", at) + 1 or len(text)
        code = text[at:end].partition("#")[0]
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
        if (depth <= 0 and ":" in code) or end == len(text):
            return end
        at = end
    return text.find("\n", start) + 1
