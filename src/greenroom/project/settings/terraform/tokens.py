"""The words of Terraform's language, with their lines."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_WORDS: Final = re.compile(
    r"(?P<space>[ \t\r]+|(?:\#|//)[^\n]*|/\*.*?\*/)"
    r"|(?P<line>\n)"
    r"|(?P<heredoc><<-?\s*(?P<end>\w+)\r?\n)"
    r"|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<mark>\.\.\.|=>|==|!=|<=|>=|&&|\|\||\$\{|[{}\[\]()=:,.?!<>+\-*/%~])",
    re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}


class HclError(Exception):
    """A text that is not of this language; with the line, or the place, at which that shows."""


class Token(NamedTuple):
    """One word."""

    kind: str
    """name · number · mark · line · text"""
    text: str
    """Of a text, as it stands between its marks."""
    line: int
    """1-based; of a text over several lines, that of its first character."""
    raw: bool = False
    """Of a text: between the words of a heredoc, where nothing is escaped."""


def read_tokens(text: str, line: int = 1) -> Iterator[Token]:
    """The words of a text; `line` is that of its first character.

    Raises:
        HclError: a character, or a text without an end, that the language does not know.
    """
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = _end_of_text(text, at + 1)
            yield Token("text", text[at + 1 : end], line)
            line += text.count("\n", at, end)
            at = end + 1
            continue
        found = _WORDS.match(text, at)
        if found is None:
            raise HclError(line)
        kind = "heredoc" if found["heredoc"] else found.lastgroup or ""
        at = found.end()
        if kind == "heredoc":
            closing = re.compile(rf"^[ \t]*{found['end']}\b", re.MULTILINE).search(text, at)
            if closing is None:
                raise HclError(line)
            yield Token("text", text[at : closing.start()], line + 1, raw=True)
            line += text.count("\n", found.start(), closing.end())
            at = closing.end()
        elif kind != "space":
            yield Token(kind, found[0], line)
            line += kind == "line"
        else:
            line += found[0].count("\n")


def _end_of_text(text: str, at: int) -> int:
    """Where a text ends that begins at a place: `${…}` inside may hold others."""
    while at < len(text):
        mark = text[at]
        if mark == '"':
            return at
        if mark == "\\":
            at += 2
        elif mark in "$%" and text[at + 1 : at + 2] == "{" and text[at - 1] != mark:
            at = end_of_insertion(text, at + 2) + 1
        else:
            at += 1
    raise HclError(at)


def end_of_insertion(text: str, at: int) -> int:
    """Where the `}` stands that closes a `${` before a place.

    Raises:
        HclError: nowhere.
    """
    depth = 0
    while at < len(text):
        mark = text[at]
        if mark == '"':
            at = _end_of_text(text, at + 1)
        elif mark == "{":
            depth += 1
        elif mark == "}":
            if not depth:
                return at
            depth -= 1
        at += 1
    raise HclError(at)


def unescaped(text: str) -> str:
    """What stands between quotation marks, as a program gets it."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)
