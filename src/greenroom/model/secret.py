"""What looks like a secret is covered, before it is written anywhere.

Covered characters keep their columns, so that what is underlined stays underlined.
"""

import re
from typing import Final

COVER: Final = "*"

_WORD: Final = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|credential|dsn|"
    r"(?:api|access|auth|private|secret|signing|encryption|master|account|shared)[_-]?key)"
    r"(?![\w-]*(?:url|uri|type|field|file|path|name|header|length|prefix|label|scheme|backend|class)\b)"
)
_QUOTED: Final = r"[rRbBfFuU]{0,2}(?P<quote>[\"'])(?P<secret>(?:\\.|(?!(?P=quote))[^\\])+)(?P=quote)"
_ANNOTATION: Final = r"(?:\s*:\s*[\w.]+(?:\[[\w., |\[\]]*\])?(?:\s*\|\s*[\w.]+)*(?=\s*=))?"

# What the issuers of tokens made recognisable, so that it can be found.
_TOKENS: Final = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|"
    r"\bsk[-_](?:live_|test_|proj-|ant-)?[\w-]{16,}|\brk_live_\w{16,}|\bxox[abeprs]-[\w-]{10,}|\bAIza[\w-]{30,}|"
    r"\bhf_\w{20,}|\bnpm_\w{30,}|\bpypi-[\w-]{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|"
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
)
_WRITTEN: Final = (
    re.compile(r"://[^\s/:@\"'{}]*:(?P<secret>[^\s/@\"'{}$%<>]+)@"),
    re.compile(r"\b(?:Bearer|Basic)\s+(?P<secret>[\w.~+/=-]{8,})"),
    re.compile(rf"[?&][\w-]*{_WORD}[\w-]*=(?P<secret>[^\s&\"'{{}}$%<>]+)", re.IGNORECASE),
)
_IN_CODE: Final = (
    # Assigned, passed, compared, or the value of a key.
    re.compile(rf"{_WORD}[\w-]*[\"']?\]?{_ANNOTATION}\s*(?::=|[=!]=|[=:])\s*\(?\s*{_QUOTED}", re.IGNORECASE),
    # The default of a look-up by name, or what is set under it.
    re.compile(rf"\(\s*[\"'][\w.-]*{_WORD}[\w.-]*[\"']\s*,\s*(?:default\s*=\s*)?{_QUOTED}", re.IGNORECASE),
)
_IN_SETTINGS: Final = re.compile(
    rf"^[\s-]*(?:export\s+|ENV\s+|ARG\s+)?[\"']?[\w.-]*{_WORD}[\w.-]*[\"']?\s*[=:]\s*(?P<secret>[^\s$#{{<][^#]*?)\s*(?:#.*)?$",
    re.IGNORECASE,
)
_RANDOM: Final = re.compile(r"(?:(?<=[\"'])|^\s*)(?P<secret>[A-Za-z0-9+/_=-]{24,})(?=[\"']|\s*$)")
_HEX: Final = re.compile(r"[0-9a-fA-F]{32,}")
_RANDOM_DIGITS: Final = 3
_MOST_SLASHES: Final = 2
"""More, and it is a path."""
_FILLED_IN: Final = re.compile(r"\{[^{}]*\}|\$\{?\w+\}?|%s|%\(\w+\)s|<[\w -]+>|\.{3}|…|\*+")
"""What stands for a secret that is elsewhere."""


def cover(line: str, path: str = "") -> str:
    """One line of the project's text with its secrets covered, character for character.

    Args:
        line: As it stands in the file.
        path: Of the file; what is no Python may hold secrets without quotation marks.
    """
    for pattern in _IN_CODE:
        line = pattern.sub(_cover_group, line)
    if path and not path.endswith((".py", ".pyi")):
        line = _IN_SETTINGS.sub(_cover_group, line)
    line = _RANDOM.sub(lambda found: _cover_group(found) if _is_random(found["secret"]) else found[0], line)
    return cover_written(line)


def cover_written(text: str) -> str:
    """A sentence or a command with what is a secret beyond doubt covered."""
    text = _TOKENS.sub(lambda found: _covered(found[0]), text)
    for pattern in _WRITTEN:
        text = pattern.sub(_cover_group, text)
    return text


def _cover_group(found: re.Match[str]) -> str:
    if _FILLED_IN.fullmatch(found["secret"]):
        return found[0]
    start, end = (position - found.start() for position in found.span("secret"))
    return found[0][:start] + _covered(found["secret"]) + found[0][end:]


def _covered(secret: str) -> str:
    return COVER * len(secret)


def _is_random(text: str) -> bool:
    """Whether no person would have thought of it."""
    if _HEX.fullmatch(text):
        return True
    digits = sum(character.isdigit() for character in text)
    mixed = text.lower() != text != text.upper()
    return digits >= _RANDOM_DIGITS and mixed and text.count("/") <= _MOST_SLASHES
