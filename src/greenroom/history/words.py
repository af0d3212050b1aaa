"""The words of a text, fast."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"\w+")
_BETWEEN = {code: " " for code in range(128) if not _WORD.match(chr(code))}
_BETWEEN_ON_A_LINE = {code: " " for code in _BETWEEN if code != ord("\n")}
_ASCII = bytes(range(128))


def words_of(text: str) -> set[str]:
    """Each run of letters, digits and underscores."""
    plain = plainly(text)
    return set(_WORD.findall(text) if plain is None else plain.translate(_BETWEEN).split())


def rows_of(text: str) -> Iterator[list[str]]:
    """The words of each of its lines, as a line break parts them."""
    plain = plainly(text)
    lines = text.split("\n") if plain is None else plain.translate(_BETWEEN_ON_A_LINE).split("\n")
    return map(_WORD.findall if plain is None else str.split, lines)


def plainly(text: str) -> str | None:
    """The same in ASCII, what is no letter replaced sign by sign; None where it has other letters.

    Signs of ASCII are translated and split in a third of the time of a search.
    """
    if text.isascii():
        return text
    if any(map(_WORD.match, set(text.encode().translate(None, _ASCII).decode()))):
        return None
    return text.encode("ascii", "replace").decode("ascii")
