"""Files of Terraform as trees: blocks with their attributes, and what is assigned to these.

Operators are not told apart: of `a ? b : c` or `a + b` the parts are kept, and that they are parts. That is enough to
say which names an environment holds, and what a value is where it is written out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from greenroom.project.settings.terraform.tokens import (
    HclError,
    Token,
    end_of_insertion,
    read_tokens,
    unescaped,
)

_END: Final = Token("end", "", 0)
_DEEPEST: Final = 80
_CLOSING: Final = {"(": ")", "[": "]", "{": "}", "${": "}"}


class Value(NamedTuple):
    """What is assigned."""

    kind: str
    """text · template · name · list · object · call · for · other"""
    line: int
    text: str = ""
    """Of a text, number, switch or template, as written; of a name with its dots; of a call, the function."""
    parts: "tuple[Value, ...]" = ()
    """Of a template, texts and insertions in their order; of a list, call or other, what stands inside; of a `for`, what it
    goes through and what it makes."""
    entries: "tuple[tuple[str, Value], ...]" = ()
    """Of an object: keys, empty where one is worked out, and values."""

    def get(self, key: str) -> "Value":
        """The last entry of this key; an `other` without parts where there is none."""
        return next(
            (value for name, value in reversed(self.entries) if name == key), Value("other", self.line)
        )


@dataclass(slots=True, kw_only=True)
class Block:
    """`kind "label" … { … }`; a file is one without a name."""

    kind: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, Value] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)


def read_body(text: str) -> Block:
    """A file.

    Raises:
        HclError: it cannot be read.
    """
    reader = _Reader(list(read_tokens(text)))
    found = Block(kind="", labels=(), line=1)
    reader.body(found, 0)
    return found


def read_value(text: str, line: int) -> Value:
    """An expression, JSON among them, whose first character stands on a line.

    Raises:
        HclError: it cannot be read.
    """
    return _Reader(list(read_tokens(text, line))).value(frozenset(), 0)


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def _next(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> Token:
        found = self._next()
        self._at += 1
        return found

    def _is(self, *marks: str) -> bool:
        found = self._next()
        return found.kind in ("mark", "line") and found.text in marks

    def _skip_lines(self) -> None:
        while self._is("\n"):
            self._at += 1

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise HclError(self._next().line)
        self._at += 1

    def body(self, into: Block, depth: int) -> None:
        """Attributes and blocks up to the end of the block, or of the file."""
        if depth > _DEEPEST:
            raise HclError(self._next().line)
        while True:
            self._skip_lines()
            if self._next() is _END or self._is("}"):
                return
            first = self._take()
            if first.kind not in ("name", "text"):
                raise HclError(first.line)
            if self._is("=", ":"):
                self._at += 1
                into.attributes[first.text] = self.value(frozenset({"\n", "}"}), depth)
            else:
                into.blocks.append(self._block(first, depth))

    def _block(self, first: Token, depth: int) -> Block:
        labels = []
        while not self._is("{"):
            label = self._take()
            if label.kind not in ("name", "text"):
                raise HclError(label.line)
            labels.append(label.text)
        self._at += 1
        found = Block(kind=first.text, labels=tuple(labels), line=first.line)
        self.body(found, depth + 1)
        self._expect("}")
        return found

    def value(self, ends: frozenset[str], depth: int) -> Value:
        """An expression up to one of the marks, which stays."""
        if depth > _DEEPEST:
            raise HclError(self._next().line)
        parts: list[Value] = []
        operators = 0
        line = self._next().line
        while self._next() is not _END:
            if self._is(*ends):
                break
            if self._is("\n"):
                self._at += 1
            elif self._next().kind == "mark" and self._next().text not in _CLOSING:
                if self._next().text in ")]},":
                    raise HclError(self._next().line)
                self._at += 1
                operators += 1
            else:
                parts.append(self._operand(depth + 1))
        if len(parts) == 1 and not operators:
            return parts[0]
        return Value("other", line, parts=tuple(parts))

    def _operand(self, depth: int) -> Value:
        token = self._take()
        if token.kind == "text":
            return _template(token)
        if token.kind == "number":
            return Value("text", token.line, token.text)
        if token.kind == "name":
            return self._named(token, depth)
        if token.text in ("(", "${"):
            found = self.value(frozenset({_CLOSING[token.text]}), depth)
            self._expect(_CLOSING[token.text])
            return found
        return self._list(token, depth) if token.text == "[" else self._object(token, depth)

    def _named(self, token: Token, depth: int) -> Value:
        if self._is("("):
            self._at += 1
            parts = self._listed(")", depth)
            return Value("call", token.line, token.text, parts)
        if token.text in ("true", "false", "null"):
            return Value("text" if token.text != "null" else "other", token.line, token.text)
        name = token.text
        while self._is(".", "["):
            if self._take().text == ".":
                name += f".{self._take().text}"
            else:
                self._listed("]", depth)
                name += "[]"
        return Value("name", token.line, name)

    def _listed(self, closing: str, depth: int) -> tuple[Value, ...]:
        found = []
        self._skip_lines()
        while self._next() is not _END and not self._is(closing):
            found.append(self.value(frozenset({",", "...", closing}), depth))
            while self._is(",", "...", "\n"):
                self._at += 1
        self._expect(closing)
        return tuple(found)

    def _list(self, token: Token, depth: int) -> Value:
        self._skip_lines()
        if self._next() == ("name", "for", self._next().line, False):
            return self._for(token, "]", depth)
        return Value("list", token.line, parts=self._listed("]", depth))

    def _for(self, token: Token, closing: str, depth: int) -> Value:
        """`[for k, v in source : made if …]`, or the same that makes an object."""
        while not (self._next().kind == "name" and self._next().text == "in"):
            if self._take() is _END:
                raise HclError(token.line)
        self._at += 1
        source = self.value(frozenset({":"}), depth)
        self._expect(":")
        made = self.value(frozenset({closing}), depth)
        self._expect(closing)
        return Value("for", token.line, parts=(source, made))

    def _object(self, token: Token, depth: int) -> Value:
        self._skip_lines()
        if self._next() == ("name", "for", self._next().line, False):
            return self._for(token, "}", depth)
        entries: list[tuple[str, Value]] = []
        while True:
            while self._is("\n", ","):
                self._at += 1
            if self._is("}"):
                self._at += 1
                return Value("object", token.line, entries=tuple(entries))
            line = self._next().line
            key = self.value(frozenset({"=", ":", "}"}), depth)
            if not self._is("=", ":"):
                raise HclError(line)
            self._at += 1
            self._skip_lines()
            value = self.value(frozenset({"\n", ",", "}"}), depth)
            simple = key.kind in ("text", "name") and "." not in key.text
            entries.append((key.text if simple else "", value))


def _template(token: Token) -> Value:
    """A text, with what is inserted into it read as well."""
    text, parts, start, at = token.text, [], 0, 0
    while (at := text.find("${", at)) >= 0:
        if text[at - 1 : at] == "$":
            at += 2
            continue
        end = end_of_insertion(text, at + 2)
        parts.append(Value("text", token.line, _plain(token, text[start:at])))
        parts.append(read_value(text[at + 2 : end].strip("~ "), token.line + text.count("\n", 0, at)))
        start = at = end + 1
    if not parts:
        kind = "other" if "%{" in text else "text"
        return Value(kind, token.line, _plain(token, text))
    parts.append(Value("text", token.line, _plain(token, text[start:])))
    return Value("template", token.line, text, tuple(parts))


def _plain(token: Token, text: str) -> str:
    return (text if token.raw else unescaped(text)).replace("$${", "${")
