"""The compact form of a Python file: what is kept of the syntax tree once it is dropped.

An **expression** is one of

* `str` — a dotted name: `"self.client.get"`
* `int` — a call, as index into `Body.calls`
* `tuple` — everything else, its first item being one of the tags below.

A **body** is flat: calls, blocks and statements in source order, each pointing to the block that it
stands in. Block 0 is the body itself. Bodies of nested functions, classes and lambdas are scopes of
their own. All of it is plain tuples, so that `marshal` writes and reads it.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

Expression = Any
"""`str | int | tuple`, see the module's docstring."""

CONSTANT = "const"
"""`(CONSTANT, value)`; bytes and over-long texts are cut to 400 items."""
ATTRIBUTE = "attr"
"""`(ATTRIBUTE, expression, name)`: an attribute of what is not a plain name."""
AWAIT = "await"
"""`(AWAIT, expression)`"""
ITEM = "item"
"""`(ITEM, expression, key)`: a subscript."""
SLICE = "slice"
"""`(SLICE, (lower, upper, step))`: the key of `orders[:limit]`; None where nothing stands."""
EITHER = "either"
"""`(EITHER, "and" | "or" | "if", expressions, test)`: and / or, conditional expression (test last, else None)."""
TEXT = "text"
"""`(TEXT, parts)`: an f-string."""
SEQUENCE = "seq"
"""`(SEQUENCE, "list" | "tuple" | "set", items)`"""
MAPPING = "map"
"""`(MAPPING, keys, values)`; a key of None is `**value`."""
COMPARE = "cmp"
"""`(COMPARE, operators, operands)`; operators as `==`, `not in`, `is` …"""
OPERATION = "op"
"""`(OPERATION, operator, operands)`: unary (`not`, `-`) and binary (`+`, `%` …)."""
LAMBDA = "lambda"
"""`(LAMBDA, scope index)`"""
COMPREHENSION = "comp"
"""`(COMPREHENSION, "list" | "set" | "dict" | "generator", elements, sources, async, targets, conditions)`"""
STAR = "star"
"""`(STAR, expression)`"""
YIELD = "yield"
"""`(YIELD, expression | None)`, also for `yield from`."""
WALRUS = "walrus"
"""`(WALRUS, name, expression)`"""
OTHER = "?"
"""`(OTHER,)`: what nobody asks for."""

# How the value of a call is used; several may hold.
AWAITED = 1
DISCARDED = 2  # an expression statement; with AWAITED: the awaited value is dropped
ENTERED = 4  # `with call():`
ENTERED_ASYNC = 8  # `async with call():`
ITERATED = 16  # `for x in call():`
ITERATED_ASYNC = 32
RETURNED = 64
YIELDED = 128
ASSIGNED = 256
ARGUMENT = 512  # handed to another call
GENERATED = 1024  # inside a generator expression: runs when that is consumed


RESULT = "()"
"""Among the names that a body calls: it calls what another call gives, as in `app.get("/")(view)`."""


class Call(NamedTuple):
    """A call in a body."""

    line: int
    column: int
    end_line: int
    callee: Expression
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str | None, Expression], ...]
    """Name and value; a name of None is `**value`."""
    block: int
    usage: int

    def keyword(self, name: str) -> Expression | None:
        """The value given under this keyword, or None."""
        for key, value in self.keywords:
            if key == name:
                return value
        return None


class Block(NamedTuple):
    """A run of statements.

    kind: body · if · else · for · async-for · while · loop-else · try · except · try-else · finally ·
    with · async-with · case.
    """

    kind: str
    parent: int
    """The block around it; -1 for block 0."""
    owner: int
    """For else, loop-else, except, try-else and finally: their if, loop or try; for a case: its
    first case; else -1."""
    line: int
    end_line: int
    detail: Any
    """if, while: the test · for: (target, iterated) · except: (types or None, name or None) ·
    with: ((expression, target or None), …) · case: (subject, constants in its pattern) · else: None."""


class Statement(NamedTuple):
    """A simple statement.

    kind: assign · augment · annotate · return · raise · assert · delete · expression · pass · break ·
    continue · global · import · def · class · yield (also where a yield is inside an expression).
    """

    kind: str
    line: int
    end_line: int
    block: int
    target: Any
    """assign: tuple of targets · augment, annotate: the target · delete: targets · global: names ·
    def, class: the scope's index."""
    value: Any
    """assign, augment, annotate, return, yield, expression: the value or None · raise: the exception ·
    assert: the test."""
    detail: Any
    """annotate: the annotation · raise: the cause · assert: the message · augment: the operator."""


class Import(NamedTuple):
    """One imported name."""

    line: int
    scope: int
    level: int
    """Number of leading dots."""
    module: str
    name: str | None
    """None for `import module`; `*` for a star import."""
    alias: str
    """The local name that is bound: for `import a.b` that is `a`; empty for a star import."""
    guard: str
    """`typing` under TYPE_CHECKING, `try` inside a try that catches the ImportError, `if` under
    another condition, else empty."""


# Ten times as fast as `_make`, on what decoding spends half its time on.
_AS_CALL = partial(tuple.__new__, Call)
_AS_BLOCK = partial(tuple.__new__, Block)
_AS_STATEMENT = partial(tuple.__new__, Statement)


class Parameter(NamedTuple):
    """A parameter of a function."""

    name: str
    kind: str
    """positional · keyword · args · kwargs"""
    annotation: Expression | None
    default: Expression | None


class Body:
    """What stands in a scope, without what stands in its inner scopes."""

    __slots__ = ("_blocks", "_calls", "_raw", "_statements")

    def __init__(self, *raw: tuple[Any, ...]) -> None:
        """Take calls, blocks and statements as plain tuples; they get their names when asked for."""
        self._raw = raw
        self._calls: tuple[Call, ...] | None = None
        self._blocks: tuple[Block, ...] | None = None
        self._statements: tuple[Statement, ...] | None = None

    def __repr__(self) -> str:
        return f"Body({self.calls!r}, {self.blocks!r}, {self.statements!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Body) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    @property
    def calls(self) -> tuple[Call, ...]:
        """In source order; a call inside another's arguments comes before it."""
        if self._calls is None:
            self._calls = tuple(map(_AS_CALL, self._raw[0]))
        return self._calls

    @property
    def blocks(self) -> tuple[Block, ...]:
        """In source order; block 0 is the body itself."""
        if self._blocks is None:
            self._blocks = tuple(map(_AS_BLOCK, self._raw[1]))
        return self._blocks

    @property
    def statements(self) -> tuple[Statement, ...]:
        """In source order."""
        if self._statements is None:
            self._statements = tuple(map(_AS_STATEMENT, self._raw[2]))
        return self._statements

    def enclosing(self, block: int) -> Iterator[Block]:
        """The block and all around it, innermost first."""
        while block >= 0:
            found = self.blocks[block]
            yield found
            block = found.parent


class ScopeFacts(NamedTuple):
    """A module, class, function or lambda."""

    kind: str
    """module · class · function · lambda"""
    name: str
    qualname: str
    """Without `<locals>`: `Outer.method.inner`; empty for the module."""
    line: int
    """Of the `def` or `class` keyword."""
    end_line: int
    parent: int
    """Index of the scope around it; -1 for the module."""
    is_async: bool
    is_generator: bool
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...]
    """Their calls are calls of the parent's body."""
    bases: tuple[Expression, ...]
    """Of a class; keywords (metaclass=…) are left out."""
    returns: Expression | None
    """The annotation of the result."""
    documented: bool
    guard: str
    """As for an import: under which condition it is defined."""
    called: tuple[str, ...]
    """Last parts of the names that its body calls, each once, `RESULT` for what a call gives: tells without
    the body what it never calls."""
    sets_elsewhere: bool
    """Whether it assigns what a call gives to something that may outlive it: a `global` name, an attribute of
    anything but `self`."""


class Placed(NamedTuple):
    """What is put somewhere under a literal name."""

    scope: int
    how: str
    """state (`app.state.name = …`) · item (`place["name"] = …`) · registered (`place.register("name", …)`)"""
    place: str
    """The dotted name in front of it; empty for a state."""
    name: str
    value: Expression


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all in it, depth first; does not enter calls."""
    stack = [expression]
    while stack:
        current = stack.pop()
        if current is None:
            continue
        yield current
        if type(current) is tuple:
            stack.extend(reversed(children(current)))


def children(expression: tuple[Any, ...]) -> tuple[Expression, ...]:
    """The direct parts of a tuple expression; None is left out."""
    tag = expression[0]
    if tag in (AWAIT, ATTRIBUTE, STAR, YIELD):
        found: tuple[Any, ...] = (expression[1],)
    elif tag == ITEM:
        found = (expression[1], expression[2])
    elif tag == EITHER:
        found = (*expression[2], expression[3])
    elif tag in (TEXT, SLICE):
        found = expression[1]
    elif tag in (SEQUENCE, OPERATION, COMPARE, WALRUS):
        found = expression[2] if tag != WALRUS else (expression[2],)
    elif tag == MAPPING:
        found = (*expression[1], *expression[2])
    elif tag == COMPREHENSION:
        found = (*expression[2], *expression[3], *expression[6])
    else:
        return ()
    return found if None not in found else tuple([part for part in found if part is not None])


def last_name(callee: Expression) -> str:
    """`add_route` of `self.app.add_route`; empty where the callee has no name."""
    if type(callee) is str:
        return callee.rpartition(".")[2]
    if type(callee) is tuple and callee[0] == ATTRIBUTE:
        return str(callee[2])
    return ""


def constant(expression: Expression) -> Any:
    """The value of a constant, or None (also for the constant None; see `is_none`)."""
    return expression[1] if type(expression) is tuple and expression[0] == CONSTANT else None


def is_none(expression: Expression) -> bool:
    """Whether it is the literal `None`."""
    return type(expression) is tuple and expression == (CONSTANT, None)


def spell(expression: Expression, calls: tuple[Call, ...]) -> str:
    """A short text for messages: `self.client.get(…)`; never a literal's content (it may be secret)."""
    if expression is None:
        return ""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, int):
        return f"{spell(calls[expression].callee, calls)}(…)"
    match expression[0]:
        case "attr":
            return f"{spell(expression[1], calls)}.{expression[2]}"
        case "await":
            return f"await {spell(expression[1], calls)}"
        case "item":
            return f"{spell(expression[1], calls)}[…]"
        case "const" if expression[1] is None or isinstance(expression[1], bool | int | float):
            return repr(expression[1])
        case _:
            return "…"
