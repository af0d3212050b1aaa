"""Paths through a body on which something that was taken is still held."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body, Call, Expression, Statement

_HELD, _FREE, _GONE = 1, 2, 4
"""Ours to give back · nothing taken (yet, or since the commit) · given back or handed over."""
_GROUPED = {"else", "except", "try-else", "finally", "loop-else"}
_CATCH_ALL = {"Exception", "BaseException"}
_SWALLOWS = {"suppress"}


class Exit(NamedTuple):
    """A way out of the body while the thing is held."""

    how: str
    """end · return · raise · error (a call that may fail) · thrown (into a yield) · left (at a yield, by who reads) · again (taken once more) ·
    passed (by a handler of one error, beside one that gives back after any) · break · continue"""
    line: int
    call: Call | None = None
    """The call that may fail."""


class Custody(NamedTuple):
    """How one body treats the thing."""

    name: str
    call: int
    """The call that takes it."""
    is_lazy: bool
    """Whether it holds nothing before its first use: sessions, HTTP clients."""
    gives_back: Callable[[Call], bool]
    rests: Callable[[Call], bool]
    """Whether it holds nothing after this call, until it is used again: a commit."""
    uses: Callable[[Call], bool]
    may_fail: Callable[[Call], bool]
    hands_over: Callable[[Statement], bool]
    """Whether from this statement on, somebody else has to give it back."""
    with_closes: bool
    """Whether `with name:` gives it back."""
    yields_shared: bool
    """Whether what is thrown into a `yield` is our concern: a dependency, a context manager."""


class _Way(NamedTuple):
    state: int
    """Of those who come out at the end: held, free, both; 0 for nobody."""
    exits: tuple[Exit, ...]
    tainted: bool = False
    """Whether something was held while a call could fail."""


class Paths:
    """Follows every path of a body from the call that takes something."""

    def __init__(self, body: Body, custody: Custody) -> None:
        self._body = body
        self._custody = custody
        self._taking = body.calls[custody.call]
        self._failing: list[Call] = []
        self._items: dict[int, list[tuple[int, int, Statement | int]]] = defaultdict(list)
        for number, statement in enumerate(body.statements):
            self._items[statement.block].append((statement.line, number, statement))
        for index, block in enumerate(body.blocks[1:], 1):
            self._items[block.parent].append((block.line, -1, index))
        for items in self._items.values():
            items.sort(key=lambda item: item[:2])

    def open_exits(self) -> tuple[Exit, ...]:
        """The ways out on which nobody has given it back, in the order of lines."""
        way = self._block(0, _GONE)
        found = list(way.exits)
        if way.state & _HELD:
            found.append(Exit("end", self._body.blocks[0].end_line))
        return tuple(sorted(dict.fromkeys(found), key=lambda part: (part.line, part.how)))

    def cause(self, found: Exit) -> Exit:
        """The call whose failure leads to a way out, where there is no other way to it; ask after `open_exits`."""
        if not self._failing or found.how not in ("return", "raise", "end", "again"):
            return found
        calm = Paths(self._body, self._custody._replace(may_fail=lambda _: False))
        if found in calm.open_exits():
            return found
        return Exit("error", self._failing[0].line, self._failing[0])

    def _block(self, index: int, state: int) -> _Way:
        exits: list[Exit] = []
        for _, _, item in self._items[index]:
            if not state:
                break
            way = self._statement(item, state) if isinstance(item, Statement) else self._compound(item, state)
            state = way.state
            exits.extend(way.exits)
        return _Way(state, tuple(exits))

    # statements

    def _statement(self, statement: Statement, state: int) -> _Way:
        state, exits = self._calls(self._calls_of(statement), state)
        if statement.kind == "yield":
            return self._yield(statement, state, exits)
        if self._custody.hands_over(statement):
            state = _GONE
        if statement.kind in ("return", "raise", "break", "continue"):
            if state & _HELD:
                exits.append(Exit(statement.kind, statement.line))
            return _Way(0, tuple(exits))
        return _Way(state, tuple(exits))

    def _yield(self, statement: Statement, state: int, exits: list[Exit]) -> _Way:
        if self._custody.yields_shared:
            if state & _HELD:
                exits.append(Exit("thrown", statement.line))
        elif self._custody.hands_over(statement):
            state = _GONE
        elif state & _HELD:
            exits.append(Exit("left", statement.line))
        return _Way(state, tuple(exits))

    def _calls_of(self, statement: Statement) -> list[Call]:
        return [
            call
            for call in self._body.calls
            if call.block == statement.block and statement.line <= call.line <= statement.end_line
        ]

    def _calls(self, calls: list[Call], state: int) -> tuple[int, list[Exit]]:
        exits: list[Exit] = []
        for call in calls:
            if call is self._taking:
                state = _FREE if self._custody.is_lazy else _HELD
            elif self._custody.gives_back(call):
                state = _GONE
            elif self._custody.rests(call):
                state = _FREE if state & (_HELD | _FREE) else state
            else:
                if state & _FREE and self._is_after(call) and self._custody.uses(call):
                    state = (state & ~_FREE) | _HELD
                if state & _HELD and self._custody.may_fail(call):
                    self._failing.append(call)
                    exits.append(Exit("error", call.line, call))
        return state, exits

    def _is_after(self, call: Call) -> bool:
        return (call.line, call.column) > (self._taking.line, self._taking.column)

    # compound statements

    def _compound(self, index: int, state: int) -> _Way:
        block = self._body.blocks[index]
        if block.kind in _GROUPED or (block.kind == "case" and block.owner >= 0):
            return _Way(state, ())  # read together with the block that it belongs to
        header, exits = self._calls(self._header_calls(block), state)
        match block.kind:
            case "if":
                way = self._if(index, block, header)
            case "case":
                way = self._cases(index, header)
            case "try":
                way = self._try(index, header)
            case "with" | "async-with":
                way = self._with(index, block, header)
            case _:
                way = self._loop(index, block, header)
        return _Way(way.state, (*exits, *way.exits))

    def _header_calls(self, block: Block) -> list[Call]:
        """The calls in a test, an iterated expression, a context expression."""
        if block.kind in ("if", "while"):
            roots = [block.detail]
        elif block.kind in ("for", "async-for"):
            roots = [block.detail[1]]
        elif block.kind in ("with", "async-with"):
            roots = [expression for expression, _ in block.detail]
        else:
            roots = []
        found = sorted({index for root in roots for index in deep_calls(root, self._body)})
        return [self._body.calls[index] for index in found]

    def _owned(self, index: int, kind: str) -> list[int]:
        return [n for n, block in enumerate(self._body.blocks) if block.owner == index and block.kind == kind]

    def _if(self, index: int, block: Block, state: int) -> _Way:
        missing, present = _presence(block.detail, self._custody.name)
        inside = self._block(index, _GONE if missing and state & _HELD else state)
        others = self._owned(index, "else")
        outside = self._block(others[0], state) if others else _Way(state, ())
        joined = inside.state | outside.state
        # `if owned: session.close()`: the condition is about the very thing that is given back.
        given = (
            inside.state
            and not inside.state & _HELD
            and _is_flag(block.detail, self._custody.name, self._body)
        )
        if not others and state & _HELD and not missing and (present or given):
            joined = inside.state or _GONE
        if present and others and state & _HELD:
            outside = _Way(_GONE if outside.state else 0, ())
            joined = inside.state | outside.state
        return _Way(joined, (*inside.exits, *outside.exits))

    def _cases(self, index: int, state: int) -> _Way:
        ways = [self._block(n, state) for n in (index, *self._owned(index, "case"))]
        joined = state
        for way in ways:
            joined |= way.state
        return _Way(joined, tuple(part for way in ways for part in way.exits))

    def _try(self, index: int, state: int) -> _Way:
        body = self._block(index, state)
        others = self._owned(index, "try-else")
        ways = [self._block(others[0], body.state) if others and body.state else _Way(body.state, ())]
        exits = list(body.exits)
        handlers = self._owned(index, "except")
        failing = [part for part in exits if part.how in ("error", "raise", "passed", "thrown", "left")]
        if handlers:
            exits = [part for part in exits if not self._caught(part, handlers)]
            # Who closes, and whose closing fails, has let go.
            kept = state == _HELD and (body.state & _HELD or not body.state) and self._has_calls(index)
            start = _HELD if failing or kept else _GONE
            raised = any(part.how == "raise" for part in failing)
            ways.extend(self._handlers(handlers, start, raised=raised))
        exits.extend(part for way in ways for part in way.exits)
        joined = 0
        for way in ways:
            joined |= way.state
        return self._finally(index, joined, exits)

    def _handlers(self, handlers: list[int], state: int, *, raised: bool) -> list[_Way]:
        """`except OurError: raise` lets pass what may not come, where `except Exception` gives back; not what the block raises."""
        ways = [self._block(handler, state) for handler in handlers]
        kinds = [catches_all(self._body.blocks[handler].detail[0]) for handler in handlers]
        careful = any(
            wide and not way.exits and not way.state & _HELD for wide, way in zip(kinds, ways, strict=True)
        )
        if raised or not careful:
            return ways
        return [way if wide else _passed(way) for wide, way in zip(kinds, ways, strict=True)]

    def _caught(self, part: Exit, handlers: list[int]) -> bool:
        """A handler is taken to be for what may fail here; what is thrown in may be anything."""
        if part.how in ("error", "raise", "passed"):
            return True
        types = [self._body.blocks[handler].detail[0] for handler in handlers]
        if part.how == "left":
            return any(kind is None or "BaseException" in facts.walk(kind) for kind in types)
        return part.how == "thrown" and any(catches_all(kind) for kind in types)

    def _has_calls(self, index: int) -> bool:
        return any(
            call.line >= self._body.blocks[index].line and call.line <= self._body.blocks[index].end_line
            for call in self._body.calls
        )

    def _finally(self, index: int, state: int, exits: list[Exit]) -> _Way:
        ends = self._owned(index, "finally")
        if not ends:
            return _Way(state, tuple(exits))
        last = self._block(ends[0], _HELD)
        if last.state and not last.state & _HELD:  # given back on the way out of it, whatever the way
            return _Way(_GONE if state else 0, ())
        return _Way(self._block(ends[0], state).state if state else 0, tuple(exits))

    def _with(self, index: int, block: Block, state: int) -> _Way:
        expressions = [expression for expression, _ in block.detail]
        if self._custody.with_closes and self._custody.name in expressions:
            state = _GONE
        way = self._block(index, state)
        if any(_callee(part, self._body).rsplit(".", 1)[-1] in _SWALLOWS for part in expressions):
            held = any(part.how in ("error", "raise") for part in way.exits)
            kept = tuple(part for part in way.exits if part.how not in ("error", "raise"))
            return _Way(way.state | (_HELD if held else 0), kept)
        return way

    def _loop(self, index: int, block: Block, state: int) -> _Way:
        way = self._block(index, state)
        left = [part for part in way.exits if part.how in ("break", "continue")]
        exits = [part for part in way.exits if part.how not in ("break", "continue")]
        inside = block.line <= self._taking.line <= block.end_line
        again = way.state & _HELD or any(part.how == "continue" for part in left)
        if inside and again:
            exits.append(Exit("again", block.end_line))
        for_ever = block.kind == "while" and facts.constant(block.detail) in (True, 1)
        after = 0 if for_ever else state | way.state
        if any(part.how == "break" for part in left):
            after |= _HELD
        elif for_ever and self._breaks(index):
            after |= _GONE
        return _Way(after, tuple(exits))

    def _breaks(self, index: int) -> bool:
        last = self._body.blocks[index].end_line
        first = self._body.blocks[index].line
        return any(part.kind == "break" and first <= part.line <= last for part in self._body.statements)


def _passed(way: _Way) -> _Way:
    return way._replace(
        exits=tuple(part._replace(how="passed") if part.how == "raise" else part for part in way.exits)
    )


def deep_calls(expression: Expression, body: Body) -> Iterator[int]:
    """The calls in an expression, with those in their callees and arguments."""
    for part in facts.walk(expression):
        if isinstance(part, int) and not isinstance(part, bool):
            yield part
            call = body.calls[part]
            for inner in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
                yield from deep_calls(inner, body)


def catches_all(types: Expression) -> bool:
    """Whether an `except` takes everything that a request may raise."""
    if types is None:
        return True
    return any(isinstance(part, str) and part.rsplit(".", 1)[-1] in _CATCH_ALL for part in facts.walk(types))


def _callee(expression: Expression, body: Body) -> str:
    if isinstance(expression, int):
        callee = body.calls[expression].callee
        return callee if isinstance(callee, str) else ""
    return ""


def _is_flag(test: Expression, name: str, body: Body) -> bool:
    """Whether a test asks for a flag, or the thing itself: `if owned:`, `if connection.is_open():`."""
    for part in facts.walk(test):
        if isinstance(part, int):
            callee = body.calls[part].callee
            if not isinstance(callee, str) or not callee.startswith(f"{name}."):
                return False
        elif isinstance(part, tuple) and part[0] == facts.COMPARE and not facts.is_none(part[2][-1]):
            return False
    return True


def _presence(test: Expression, name: str) -> tuple[bool, bool]:
    """Whether a test asks that the thing is missing, or that it is there."""
    if test == name:
        return False, True
    if isinstance(test, tuple):
        if test[0] == facts.COMPARE and test[2][0] == name and facts.is_none(test[2][-1]):
            return test[1] == ("is",), test[1] == ("is not",)
        if test[0] == facts.OPERATION and test[1] == "not" and test[2][0] == name:
            return True, False
        if test[0] == facts.EITHER and test[1] == "and":
            return False, any(_presence(part, name)[1] for part in test[2])
    return False, False
