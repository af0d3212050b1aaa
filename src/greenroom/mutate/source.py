"""One Python file as operators read it: its tree and names, exact positions, and edits of its text."""

import ast
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from greenroom.model.mutant import Edit
from greenroom.mutate.answered import Answered
from greenroom.mutate.names import Names
from greenroom.mutate.tree import Tree

_Placed = ast.stmt | ast.expr | ast.excepthandler | ast.keyword | ast.arg


class Source(Tree):
    r"""A Python file that parses.

    Args:
        path: Relative to the project's root, with forward slashes.
        text: Its source, with `\n` at the ends of lines.

    Raises:
        SyntaxError: the text is no Python of this interpreter's version.
        ValueError: the text holds null bytes.
    """

    def __init__(self, path: str, text: str) -> None:
        super().__init__(ast.parse(text, filename=path))
        self.path = path
        self.text = text
        self._lines = text.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines)]

    @cached_property
    def names(self) -> Names:
        """What the file's names stand for."""
        return Names(self)

    @cached_property
    def answered(self) -> Answered:
        """What the application answers by itself; as far as this file says, where nobody has set what all say."""
        found = Answered()
        found.read(self, self.text)
        return found

    def start(self, node: _Placed) -> int:
        """The offset in characters of a node's first character; decorators belong to what they decorate."""
        decorators = getattr(node, "decorator_list", None)
        first = decorators[0] if decorators else node
        at = self._offset(first.lineno, first.col_offset)
        return self.text.rindex("@", 0, at) if decorators else at

    def end(self, node: _Placed) -> int:
        """The offset behind a node's last character."""
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def line(self, offset: int) -> int:
        """The 1-based line in which a character stands."""
        return bisect_right(self._starts, offset)

    def between(self, first: int, last: int) -> str:
        """The text of lines, by their 1-based numbers."""
        return "\n".join(self._lines[first - 1 : last])

    def code(self, node: _Placed) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def head(self, node: _Placed) -> str:
        """The first line of a node's text, without the colon at its end."""
        return self.code(node).partition("\n")[0].partition("  #")[0].strip().removesuffix(":")

    def indent(self, statement: ast.stmt | ast.excepthandler) -> str:
        """The white space in front of a statement's line."""
        line = self._lines[self.line(self.start(statement)) - 1]
        return line[: len(line) - len(line.lstrip())]

    def _offset(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        characters = column if text.isascii() else len(text.encode()[:column].decode())
        return self._starts[line - 1] + characters

    # Edits

    def replaced(self, node: _Placed, text: str) -> Edit:
        """Something else where a node stands."""
        return Edit(start=self.start(node), end=self.end(node), text=text)

    def head_replaced(self, block: ast.With | ast.AsyncWith, text: str) -> Edit:
        """Something else where a `with … as …:` stands; its body stays."""
        last = block.items[-1]
        colon = self.text.index(":", self.end(last.optional_vars or last.context_expr))
        return Edit(start=self.start(block), end=colon + 1, text=text)

    def emptied(self, block: list[ast.stmt], text: str = "pass") -> Edit:
        """One statement where a block stands; its docstring, if it has one, goes too."""
        return Edit(start=self.start(block[0]), end=self.end(block[-1]), text=text)

    def inserted(self, before: ast.stmt, text: str) -> Edit:
        """A statement more in front of another one."""
        at = self.start(before)
        return Edit(start=at, end=at, text=f"{text}\n{self.indent(before)}")

    def without_keyword(self, call: ast.Call, keyword: ast.keyword) -> Edit:
        """A call that is not given one of its keyword arguments."""
        start, end = self.start(keyword), self.end(keyword)
        comma = _skip(self.text, end, " \n\t")
        if comma < self.end(call) and self.text[comma] == ",":
            return self._whole_line(start, _skip(self.text, comma + 1, " "))
        before = self.text[:start].rstrip()
        return Edit(start=len(before) - before.endswith(","), end=end, text="")

    def _whole_line(self, start: int, end: int) -> Edit:
        """A cut that leaves no empty line behind."""
        first = self._starts[self.line(start) - 1]
        alone = not self.text[first:start].strip() and self.text[end : end + 1] == "\n"
        return Edit(start=first, end=end + 1, text="") if alone else Edit(start=start, end=end, text="")

    def without_entry(self, entries: ast.Dict, at: int) -> Edit:
        """A dict display without one of its entries."""
        start = self._behind(entries, at - 1)
        if at == 0 and len(entries.keys) > 1:
            following = entries.keys[1] or entries.values[1]
            return Edit(start=start, end=self.start(following), text="")
        return Edit(start=start, end=self.end(entries.values[at]), text="")

    def _behind(self, entries: ast.Dict, at: int) -> int:
        return self.end(entries.values[at]) if at >= 0 else self.start(entries) + 1

    def without_element(self, element: ast.expr) -> Edit:
        """A list, a tuple or a call that has one element less; its comma goes, too."""
        start, end = self.start(element), self.end(element)
        comma = _skip(self.text, end, " \n\t")
        if self.text[comma : comma + 1] == ",":
            return self._whole_line(start, _skip(self.text, comma + 1, " "))
        return Edit(start=start, end=end, text="")

    def without_decorator(self, decorator: ast.expr) -> Edit:
        """A definition that has one decorator less."""
        at = self.text.rindex("@", 0, self.start(decorator))
        first = self._starts[self.line(at) - 1]
        return Edit(start=first, end=self._starts[decorator.end_lineno or decorator.lineno], text="")


def _skip(text: str, at: int, characters: str) -> int:
    """The next place at which something else stands."""
    while at < len(text) and text[at] in characters:
        at += 1
    return at
