"""Words, widths and harmless text."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Final

# C0 and C1 controls, line separators, and the marks that reorder what a reader sees.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_CODE: Final = re.compile(r"`[^`]*`")
_UNBROKEN: Final = 40
"""Characters of code between backticks that stay on one line; what is longer may be broken."""
_NARROWEST: Final = 24
"""Columns: less is no room for prose."""
_LINE_ENDS: Final = re.compile(r"[ \t]*[\r\n]+[ \t]*")


def visible(text: str) -> str:
    r"""Spell control characters out (`\x1b`): a project's text must not steer a terminal."""
    return _UNPRINTABLE.sub(lambda match: _escape(match.group()), text)


def one_line(text: str) -> str:
    """The text on one line, control characters spelled out."""
    return visible(_LINE_ENDS.sub(" ", text.strip()))


def sentence(text: str) -> str:
    """A sentence to stand alone: with a capital, unless it opens with code, and a full stop."""
    text = one_line(text)
    first = text.partition(" ")[0]
    if first.islower() and first.rstrip(",:;").isalpha():
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?…:" else f"{text}."


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `2 findings`, `1,200 findings`."""
    word = noun if number == 1 else plural or f"{noun}s"
    return f"{number:,} {word}"


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def columns(text: str) -> int:
    """How many columns a terminal needs for the text."""
    return sum(_columns(character) for character in text)


def padded(text: str, width: int) -> str:
    """The text, filled with spaces up to `width` columns."""
    return text + " " * (width - columns(text))


def wrapped(label: str, text: str, width: int) -> list[str]:
    """`label` and the text beside it, wrapped, further lines under the first; code stays whole."""
    lines = textwrap.wrap(
        _CODE.sub(_unbroken, one_line(text)),
        width=max(width, _NARROWEST),
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\xa0", " ") for line in lines]


def _unbroken(code: re.Match[str]) -> str:
    return code[0].replace(" ", "\xa0") if len(code[0]) <= _UNBROKEN else code[0]


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
