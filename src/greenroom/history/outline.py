"""A function or class of a file with its text, told from indentation: thousands of versions are read."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

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


class Passage(NamedTuple):
    """A definition with its text."""

    decorators: str
    signature: str
    """From `def` to the colon."""
    body: str
    """Without its docstring."""
    spans: tuple[slice, slice, slice]
    """Where the three are in the file."""

    @property
    def text(self) -> str:
        return f"{self.decorators}\n{self.signature}\n{self.body}"


def passage(text: str, definition: Definition) -> Passage:
    """The text of a function or class; what stands inside a function belongs to it."""
    start, indent = definition.start, definition.indent
    body = _signature_end(text, start)
    after = _ending(indent).search(text, body - 1)
    end = after.start() + 1 if after else len(text)
    docstring = _DOCSTRING.match(text, body, end)
    first = _first_decorator(text, start, indent)
    inner = docstring.end() if docstring else body
    return Passage(
        text[first:start],
        text[start:body],
        text[inner:end].rstrip(),
        (slice(first, start), slice(start, body), slice(inner, end)),
    )


def untouched(text: str, defined: Iterable[Definition], changed: tuple[int, int]) -> Iterator[Definition]:
    """Of all that a text defines, in order, what a change of some of its lines surely left as it was.

    A passage ends at the latest, and its decorators begin at the earliest, at a neighbour that stands as far left.
    """
    above, below = [], []
    for one in defined:
        if one.start < changed[0]:
            above.append(one)
        elif one.start >= changed[1]:
            below.append(one)
    left = sys.maxsize
    for one in below:
        if left <= one.indent:
            yield one
        left = min(left, one.indent)
    left = sys.maxsize
    next_start = len(text)
    for one in reversed(above):
        signature = text[one.start : next_start]
        if left <= one.indent and _signature_end(signature, 0) < len(signature):
            yield one
        left, next_start = min(left, one.indent), one.start


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
        count = code.count
        depth += count("(") + count("[") + count("{") - count(")") - count("]") - count("}")
        if (depth <= 0 and ":" in code) or end == len(text):
            return end
        at = end
    return text.find("\n", start) + 1
