"""Which calls of a body can run, and under which circumstances."""

from collections.abc import Iterator
from math import inf

from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call, Expression

_ENDINGS = {"return", "raise", "break", "continue"}


class Flow:
    """Questions about the order and nesting of one body."""

    __slots__ = ("_last", "body")

    def __init__(self, body: Body) -> None:
        self.body = body
        self._last: list[float] | None = None

    def is_dead(self, block: int, line: int) -> bool:
        """Whether the line stands behind a `return` of its own block, or under a false condition."""
        return block >= 0 and line > self.last_lines()[block]

    def last_lines(self) -> list[float]:
        """By block: the last line that can run; a block comes after the one around it."""
        if self._last is None:
            self._last = self._find_last_lines()
        return self._last

    def _find_last_lines(self) -> list[float]:
        ends: dict[int, int] = {}
        for kind, _, end_line, inside, _, _, _ in self.body.statements:
            if kind in _ENDINGS:
                ends.setdefault(inside, end_line)
        if len(self.body.blocks) == 1:
            return [ends.get(0, inf)]
        found: list[float] = []
        for index, block in enumerate(self.body.blocks):
            around = found[block.parent] if block.parent >= 0 else inf
            last = -1 if block.kind == "if" and _never(block.detail) else ends.get(index, inf)
            found.append(min(around, last))
        return found

    def loops(self, block: int) -> Iterator[tuple[int, Block]]:
        """Index and block of the loops around, innermost first."""
        while block >= 0:
            found = self.body.blocks[block]
            if found.kind in ("for", "async-for", "while"):
                yield block, found
            block = found.parent

    def inside(self, block: int, outer: int) -> bool:
        """Whether a block is another one or lies within it."""
        while block >= 0:
            if block == outer:
                return True
            block = self.body.blocks[block].parent
        return False

    def calls_in(self, block: int) -> list[Call]:
        """The calls of a block and of all blocks within it."""
        return [call for call in self.body.calls if self.inside(call.block, block)]

    def handlers(self, try_block: int) -> list[tuple[int, Block]]:
        """The except blocks of a try."""
        return [
            (index, block)
            for index, block in enumerate(self.body.blocks)
            if block.kind == "except" and block.owner == try_block
        ]

    def decided(self, call: Call) -> Iterator[tuple[int, Expression, bool]]:
        """Number and test of each `if` of which the answer is known where a call stands, and that answer."""
        blocks, block = self.body.blocks, call.block
        while block >= 0:
            found = blocks[block]
            for number, other in enumerate(blocks):
                is_before = other.kind == "if" and other.parent == block and other.end_line < call.line
                if is_before and self._leaves(number):
                    yield number, other.detail, False
            if found.kind == "if":
                yield block, found.detail, True
            elif found.kind == "else" and blocks[found.owner].kind == "if":
                yield found.owner, blocks[found.owner].detail, False
            block = found.parent

    def _leaves(self, block: int) -> bool:
        """Whether nobody gets from a block to what stands behind it."""
        if any(part.block == block and part.kind in _ENDINGS for part in self.body.statements):
            return True
        return any(
            part.kind == "else"
            and part.parent == block
            and self.body.blocks[part.owner].kind == "if"
            and self._leaves(number)
            and self._leaves(part.owner)
            for number, part in enumerate(self.body.blocks)
        )

    def first_only(self, block: int) -> bool:
        """Whether the block runs once: `if self.x is None:` (or `not self.x`) around what sets it."""
        shared = {name for part in self.body.statements if part.kind == "global" for name in part.target}
        for index, found in self._conditions(block):
            name = _missing(found.detail)
            if ("." in name or name in shared) and any(
                statement.kind == "assign"
                and name in statement.target
                and self.inside(statement.block, index)
                for statement in self.body.statements
            ):
                return True
        return False

    def _conditions(self, block: int) -> Iterator[tuple[int, Block]]:
        while block >= 0:
            found = self.body.blocks[block]
            if found.kind == "if":
                yield block, found
            block = found.parent


def _never(test: Expression) -> bool:
    if test in ((facts.CONSTANT, False), (facts.CONSTANT, 0)):
        return True
    return isinstance(test, str) and test.rsplit(".", 1)[-1] == "TYPE_CHECKING"


def _missing(test: Expression) -> str:
    """The name in `name is None` or `not name`."""
    if not isinstance(test, tuple):
        return ""
    if test[0] == facts.COMPARE and test[1] == ("is",) and facts.is_none(test[2][1]):
        return test[2][0] if isinstance(test[2][0], str) else ""
    if test[0] == facts.OPERATION and test[1] == "not" and isinstance(test[2][0], str):
        return test[2][0]
    return ""
