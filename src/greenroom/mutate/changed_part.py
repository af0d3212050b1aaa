"""What a change makes of a file, compiled no further than it differs: most changes lie in one definition of many."""

import ast
from dataclasses import dataclass
from itertools import takewhile
from types import CodeType

from greenroom.mutate.defaults import NewDefault, take_defaults


@dataclass(frozen=True, slots=True)
class _Definition:
    """A function or class at the top of a file: its lines, counted from 0, decorators included."""

    first: int
    end: int


class ChangedPart:
    """Of one file; made once, and asked for many changes."""

    def __init__(self, text: str, file: str) -> None:
        r"""Compile the file as it is.

        Args:
            text: Its source with `\n` at the ends of its lines.
            file: Its name, as living functions spell it.

        Raises:
            SyntaxError, ValueError: it is no Python.
        """
        self._file = file
        self._text = text
        self._whole = self._compiled(text)
        self._lines = text.split("\n")
        self._definitions = [
            _Definition(_first_line(node) - 1, node.end_lineno or node.lineno)
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        self._others = list(self._lines)
        """Without the definitions; what the compiler makes of a call in a function depends on the module's imports."""
        for each in self._definitions:
            self._others[each.first : each.end] = [""] * (each.end - each.first)
        self._alone = {each: self._with(each, self._lines) for each in self._definitions}

    def whole(self, text: str) -> tuple[CodeType, CodeType]:
        """The code of the module before and after a change.

        Raises:
            SyntaxError, ValueError: the changed text is no Python.
        """
        return self._whole, self._compiled(text)

    def pair(self, text: str) -> tuple[CodeType, CodeType]:
        """The same; where all that differs lies in one definition, without the others.

        Raises:
            SyntaxError, ValueError: the changed text is no Python.
        """
        lines = text.split("\n")
        head = _equal_lines(self._lines, lines)
        most = min(len(self._lines), len(lines)) - head
        tail = min(most, _equal_lines(self._lines[:head:-1], lines[:head:-1]))
        for each in self._definitions:
            if each.first <= head and len(self._lines) - tail <= each.end:
                try:
                    return self._alone[each], self._with(each, lines)
                except SyntaxError:
                    break  # it says something only together with what follows
        return self.whole(text)

    def with_old_defaults(self, text: str) -> tuple[tuple[NewDefault, ...], tuple[CodeType, CodeType]]:
        """The constants that are new defaults of parameters, and the code of the module before and after all else that changes.

        Raises:
            SyntaxError, ValueError: the changed text is no Python.
        """
        changed = ast.parse(text)
        defaults = take_defaults(ast.parse(self._text), changed)
        return defaults, (self._whole, compile(changed, self._file, "exec", dont_inherit=True))

    def _with(self, definition: _Definition, lines: list[str]) -> CodeType:
        """This definition as these lines have it, and nothing of the others, each line where it stands."""
        end = definition.end + len(lines) - len(self._lines)
        kept = (
            self._others[: definition.first],
            lines[definition.first : end],
            self._others[definition.end :],
        )
        return self._compiled("\n".join(line for part in kept for line in part))

    def _compiled(self, text: str) -> CodeType:
        code: CodeType = compile(text, self._file, "exec", dont_inherit=True)
        return code


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _equal_lines(some: list[str], others: list[str]) -> int:
    """How many at the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(some, others, strict=False)))
