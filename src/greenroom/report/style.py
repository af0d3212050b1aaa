"""Colours and signs of a terminal, or their absence."""

from dataclasses import dataclass
from typing import Final

_ANSI: Final = {
    "high": "1;31",
    "medium": "1;33",
    "low": "36",
    "title": "1",
    "code": "1",
    "mark": "1;31",
    "frame": "34",
    "quiet": "2",
    "help": "36",
    "escaped": "36",
    "try": "32",
    "good": "32",
    "fair": "33",
    "poor": "31",
}
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What lines, bars and bullets are drawn with."""

    full: str
    empty: str
    eighths: str
    """Partly filled blocks, from empty up; empty: whole blocks only."""
    bar: str
    arrow: str
    dot: str
    corner: str


_UNICODE: Final = Signs(full="█", empty="░", eighths=_EIGHTHS, bar="│", arrow="→", dot="·", corner="╰")
_ASCII: Final = Signs(full="#", empty=".", eighths="", bar="|", arrow="->", dot="-", corner="`")


def signs_for(encoding: str) -> Signs:
    """Blocks and arrows if the encoding has them all, else ASCII."""
    try:
        "█░▏▎▍▌▋▊▉│→·╰".encode(encoding)
    except UnicodeEncodeError:
        return _ASCII
    return _UNICODE


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text by role, or leaves it as it is."""

    colour: bool

    def __call__(self, role: str, text: str) -> str:
        """Dress the text as its role wants it; an unknown role is a mistake of ours."""
        code = _ANSI[role]
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text


def draw_bar(share: float, width: int, signs: Signs) -> str:
    """A bar of `width` columns; what is not nothing shows, what is not all is not full."""
    steps = max(len(signs.eighths), 1)
    filled = round(min(max(share, 0.0), 1.0) * width * steps)
    if share > 0:
        filled = max(filled, 1)
    if share < 1:
        filled = min(filled, width * steps - 1)
    whole, part = divmod(filled, steps)
    edge = signs.eighths[part] if part else ""
    return signs.full * whole + edge + signs.empty * (width - whole - len(edge))
