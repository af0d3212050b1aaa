"""The compact form of a front-end file: what is kept of its syntax tree.

An **expression** is one of

* `str` — a dotted name: `"this.http.get"`, `"import.meta.env.VITE_API"`
* `int` — a call, as index into `calls`
* `tuple` — everything else, its first item being one of the tags below.

All of it is plain tuples, so that `marshal` writes and reads it. A function of a file is an index into its
`functions`; number 0 is the module itself. `await`, parentheses, `as`, `satisfies` and `!` are seen through.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

Expression = Any
"""`str | int | tuple`, see the module's docstring."""

CONSTANT = "const"
"""`(CONSTANT, value)`; long texts are cut to 400 characters."""
ATTRIBUTE = "attr"
"""`(ATTRIBUTE, expression, name)`: an attribute of what is not a plain name."""
ITEM = "item"
"""`(ITEM, expression, key)`"""
EITHER = "either"
"""`(EITHER, expressions)`: the outcomes of `||`, `??`, `&&` and `? :`."""
TEXT = "text"
"""`(TEXT, parts)`: a template string."""
SEQUENCE = "seq"
"""`(SEQUENCE, items)`: an array."""
MAPPING = "map"
"""`(MAPPING, keys, values)`: an object; a key of None is `...value`; a computed key is an expression, others texts."""
ADDITION = "+"
"""`(ADDITION, left, right)`"""
FUNCTION = "function"
"""`(FUNCTION, index)`"""
CLASS = "class"
"""`(CLASS, name)`"""
SPREAD = "spread"
"""`(SPREAD, expression)`: an argument or item behind `...`."""
OTHER = "?"
"""`(OTHER,)`: what nobody asks for."""


class Import(NamedTuple):
    """One imported name."""

    line: int
    source: str
    name: str
    """`default`, `*` for the whole module, empty for an import for its effect."""
    local: str
    is_type: bool


class Export(NamedTuple):
    """One exported name."""

    name: str
    """`*` for all that the source exports."""
    local: Expression
    """The name in this file or in the source; an expression for `export default …`."""
    source: str
    """The module that it is taken from; empty for this file."""


class Parameter(NamedTuple):
    """A parameter of a function."""

    name: str
    """Empty for a pattern."""
    parts: tuple[tuple[str, str], ...]
    """Of an object pattern: key and local name; `*` for the rest."""
    default: Expression
    is_rest: bool
    annotation: str
    """Its type."""


class Function(NamedTuple):
    """A function, method, arrow function, or the module."""

    name: str
    """The name that it is declared with or given: `load`, `Api.get`; empty for an anonymous one."""
    line: int
    end_line: int
    parent: int
    """Index of the function around it; -1 for the module."""
    owner: str
    """The class whose method or field it is."""
    parameters: tuple[Parameter, ...]
    returns: tuple[Expression, ...]
    annotation: str
    """The type of the result."""


class Binding(NamedTuple):
    """A name or dotted name that is given a value."""

    function: int
    name: str
    line: int
    value: Expression
    annotation: str
    """The type that is written behind it."""


class Call(NamedTuple):
    """A call or `new`."""

    line: int
    column: int
    callee: Expression
    arguments: tuple[Expression, ...]
    function: int
    is_new: bool
    types: str
    """What stands between `<` and `>`."""


class Element(NamedTuple):
    """A JSX element of a component; those of HTML are left out."""

    line: int
    tag: str
    attributes: tuple[tuple[str, Expression], ...]
    function: int
    parent: int
    """Index of the element around it; -1 for none in the same expression."""


class Class(NamedTuple):
    """A class."""

    name: str
    line: int
    base: Expression
    members: tuple[tuple[str, Expression], ...]
    """Fields and methods; also what the constructor's parameters declare."""


class Shape(NamedTuple):
    """An interface or a type alias of an object."""

    name: str
    line: int
    fields: tuple[tuple[str, bool, str], ...]
    """Name, whether it may be missing, type."""
    extends: tuple[str, ...]
    is_open: bool
    """It may have further fields: an index signature, a type that is computed."""


class Variable(NamedTuple):
    """A read of a variable of the environment: `import.meta.env.X` or `process.env.X`."""

    line: int
    name: str
    how: str
    """vite · process"""
    optional: bool
    """There is a default, or nothing but its presence is asked for."""
    default: Any
    """The literal that counts where it is missing; None: there is none, or it is no literal."""


def constant(expression: Expression) -> Any:
    """The value of a constant, or None."""
    return expression[1] if type(expression) is tuple and expression[0] == CONSTANT else None


def last_name(callee: Expression) -> str:
    """`get` of `this.http.get`."""
    if type(callee) is str:
        return callee.rpartition(".")[2]
    return str(callee[2]) if type(callee) is tuple and callee[0] == ATTRIBUTE else ""


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of a tuple expression."""
    if type(expression) is not tuple:
        return ()
    tag = expression[0]
    if tag in (EITHER, TEXT, SEQUENCE):
        return tuple(expression[1])
    if tag == MAPPING:
        return tuple(expression[2])
    if tag in (ADDITION, ITEM):
        return expression[1], expression[2]
    if tag in (ATTRIBUTE, SPREAD):
        return (expression[1],)
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all in it; does not enter calls and functions."""
    stack = [expression]
    while stack:
        current = stack.pop()
        if current is not None:
            yield current
            stack.extend(reversed(children(current)))
