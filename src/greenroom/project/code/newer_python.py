"""Sources of a newer Python than ours, written so that our parser takes them: at their own lines, and nearly at their own columns."""

import re
from dataclasses import dataclass
from typing import Final

_IN_BRACKETS: Final = r"\[(?:[^\[\]()]|\([^()]*\)|\[[^\[\]]*\])*\]"
_TYPE_STATEMENT: Final = re.compile(rf"^(\s*)type\s+(\w+)(?:{_IN_BRACKETS})?\s*=", re.MULTILINE)
_PARAMETERS: Final = re.compile(
    rf"^(\s*(?:async\s+def|def|class)\s+\w+){_IN_BRACKETS}(?=\s*[(:])", re.MULTILINE
)
"""PEP 695 (Python 3.12): type statements, type parameters."""
_BARE_EXCEPTION_LIST: Final = re.compile(r"^(\s*except\*?\s+)([\w.]+(?:\s*,\s*[\w.]+)+)\s*:", re.MULTILINE)
"""PEP 758 (Python 3.14) drops the parentheses; older parsers can be given them back."""
_FORMATTED: Final = re.compile(r"\b(?:[rR]?[fFtT]|[fFtT][rR])(?=[\"'])")
"""How a formatted text begins; one of PEP 750 (Python 3.14) is a text as well."""
_TOKEN: Final = re.compile(
    r"#[^\n]*|(?:\b[a-zA-Z]{1,3})?(?:\"\"\"|'''|\"|')|[\[\](){}]|[!=<>]=|[:!\\\n]|[^\W\d]\w*|[^\s\w]|\d\w*|\s+"
)
_NAMED: Final = re.compile(r"\\N\{[^}\n]*\}")
_END: Final = re.compile(r"[}:]|!(?!=)")
"""Of an expression in a field, outside of all brackets."""
_DEEPEST: Final = 8


def as_older(source: str) -> str:
    """The same as an older parser reads it; what cannot be told that way is left as it is."""
    text = _BARE_EXCEPTION_LIST.sub(r"\1(\2):", source)
    text = _TYPE_STATEMENT.sub(r"\1\2 =", text)
    text = _PARAMETERS.sub(r"\1", text)
    if not _FORMATTED.search(text):
        return text
    try:
        return _Writer(text).written()
    except _NotUnderstoodError:
        return text


class _NotUnderstoodError(Exception):
    """A text that does not end, or too many within each other."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """`rf"`: what a text begins with."""

    prefix: str
    quote: str

    @property
    def is_formatted(self) -> bool:
        return not {"f", "t"}.isdisjoint(self.prefix.lower())


class _Writer:
    """Goes through a source once, and writes down what it reads."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def written(self) -> str:
        parts = []
        while self._at < len(self._text):
            parts.append(self._step(is_inside=False))
        return "".join(parts)

    def _step(self, *, is_inside: bool) -> str:
        """One token of code; of what stands inside a formatted text, without what older parsers refuse there."""
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise _NotUnderstoodError
        token = found[0]
        self._at = found.end()
        if token.startswith("#"):
            return " " * len(token) if is_inside else token
        if token[-1] in "\"'":
            quote = token.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
            opening = _Opening(token.removesuffix(quote), quote)
            return (
                self._formatted(opening)
                if opening.is_formatted
                else self._plain(opening, is_inside=is_inside)
            )
        return token

    def _plain(self, opening: _Opening, *, is_inside: bool) -> str:
        """A text without fields; inside a formatted one a backslash is not allowed."""
        start = self._at
        while not self._text.startswith(opening.quote, self._at):
            self._go_on(opening)
        body = self._text[start : self._at]
        self._at += len(opening.quote)
        if is_inside and "\\" in body:
            body = re.sub(r"\\.", "  ", body, flags=re.DOTALL)
        return f"{opening.prefix}{opening.quote}{body}{opening.quote}"

    def _go_on(self, opening: _Opening) -> None:
        if self._at >= len(self._text) or (self._text[self._at] == "\n" and len(opening.quote) == 1):
            raise _NotUnderstoodError
        self._at += 2 if self._text[self._at] == "\\" else 1

    def _formatted(self, opening: _Opening) -> str:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotUnderstoodError
        literal, fields = self._body(opening)
        self._depth -= 1
        prefix = opening.prefix.replace("t", "f").replace("T", "F")
        quote = opening.quote
        if any(quote in field or "\n" in field for field in fields):
            body = "".join(literal)
            quote = next(
                (each for each in ('"""', "'''") if each not in body and not body.endswith(each[0])), ""
            )
            if not quote:
                raise _NotUnderstoodError
        return f"{prefix}{quote}{''.join(literal)}{quote}"

    def _body(self, opening: _Opening) -> tuple[list[str], list[str]]:
        """All that stands between the quotes, and of it the fields."""
        parts: list[str] = []
        fields: list[str] = []
        while not self._text.startswith(opening.quote, self._at):
            pair = self._text[self._at : self._at + 2]
            if pair in ("{{", "}}"):
                self._at += 2
                parts.append(pair)
            elif pair[:1] == "{":
                fields.append(self._field(opening))
                parts.append(fields[-1])
            else:
                start = self._at
                named = None if "r" in opening.prefix.lower() else _NAMED.match(self._text, self._at)
                if named is not None:
                    self._at = named.end()
                else:
                    self._go_on(opening)
                parts.append(self._text[start : self._at])
        self._at += len(opening.quote)
        return parts, fields

    def _field(self, opening: _Opening) -> str:
        """`{name!r:>{width}}`."""
        parts = ["{"]
        self._at += 1
        open_brackets = 0
        while open_brackets or not _END.match(self._text, self._at):
            token = self._step(is_inside=True)
            open_brackets += (token in ("(", "[", "{")) - (token in (")", "]", "}"))
            parts.append(token)
        while self._text[self._at : self._at + 1] != "}":
            start = self._at
            if self._text[self._at : self._at + 1] == "{":
                parts.append(self._field(opening))
            else:
                self._go_on(opening)
                parts.append(self._text[start : self._at])
        self._at += 1
        return "".join([*parts, "}"])
