"""Expressions of the syntax tree into their compact form."""

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from greenroom.project.code import facts
from greenroom.project.code.depth import cut_below
from greenroom.project.code.facts import Expression

_LONGEST_CONSTANT = 400

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&",
    ast.BitXor: "^", ast.MatMult: "@",
}  # fmt: skip


def operator_text(node: ast.AST) -> str:
    """`==`, `not in`, `+` … for an operator node."""
    return _OPERATORS[type(node)]


class ExpressionReader:
    """Reads expressions, collecting the calls of the current body on the way."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []
        self.dotted: dict[str, str] = {}
        """Each dotted name once, which makes the packed form smaller and quicker to decode."""
        self.block = 0
        self.yields = False

    def read(self, node: ast.AST | None) -> Expression:
        """The compact form; None for no node."""
        if type(node) is ast.Name:  # every third
            return node.id
        if node is None:
            return None
        reader = _READERS.get(type(node))
        return (facts.OTHER,) if reader is None else reader(self, node)

    def mark(self, expression: Expression, usage: int) -> Expression:
        """Note how the value of a call is used, through `await` and `or`."""
        if type(expression) is int:
            self.calls[expression][7] |= usage
        elif type(expression) is tuple:
            if expression[0] == facts.AWAIT:
                self.mark(expression[1], usage)
            elif expression[0] == facts.EITHER:
                for part in expression[2]:
                    self.mark(part, usage)
        return expression

    def read_name(self, node: ast.Name) -> Expression:
        return node.id

    def read_attribute(self, node: ast.Attribute) -> Expression:
        value = node.value
        base = value.id if type(value) is ast.Name else self.read(value)
        if type(base) is str:
            name = f"{base}.{node.attr}"
            return self.dotted.setdefault(name, name)
        return (facts.ATTRIBUTE, base, node.attr)

    def read_constant(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, str | bytes) and len(value) > _LONGEST_CONSTANT:
            value = value[:_LONGEST_CONSTANT]
        return (facts.CONSTANT, value)

    def read_call(self, node: ast.Call) -> Expression:
        callee = self.read(node.func)
        arguments = tuple([self.read_argument(part) for part in node.args])
        keywords = tuple([(part.arg, self.read_argument(part.value)) for part in node.keywords])
        self.calls.append(
            [
                node.lineno, node.col_offset + 1, node.end_lineno or node.lineno,
                callee, arguments, keywords, self.block, 0,
            ]
        )  # fmt: skip
        if len(arguments) > 1:
            self.note_registration(callee, arguments)
        return len(self.calls) - 1

    def read_argument(self, node: ast.expr) -> Expression:
        kind = type(node)
        if kind is ast.Name or kind is ast.Constant:
            return _READERS[kind](self, node)  # nothing to mark
        return self.mark(self.read(node), facts.ARGUMENT)

    def note_registration(self, callee: Expression, arguments: tuple[Expression, ...]) -> None:
        """For the statement reader: the call may put something under a name."""

    def read_await(self, node: ast.Await) -> Expression:
        return (facts.AWAIT, self.mark(self.read(node.value), facts.AWAITED))

    def read_subscript(self, node: ast.Subscript) -> Expression:
        return (facts.ITEM, self.read(node.value), self.read(node.slice))

    def read_slice(self, node: ast.Slice) -> Expression:
        parts = (node.lower, node.upper, node.step)
        return (facts.SLICE, tuple([None if part is None else self.read(part) for part in parts]))

    def read_bool(self, node: ast.BoolOp) -> Expression:
        word = "and" if type(node.op) is ast.And else "or"
        return (facts.EITHER, word, tuple([self.read(part) for part in node.values]), None)

    def read_if(self, node: ast.IfExp) -> Expression:
        test = self.read(node.test)
        return (facts.EITHER, "if", (self.read(node.body), self.read(node.orelse)), test)

    def read_joined(self, node: ast.JoinedStr) -> Expression:
        return (facts.TEXT, tuple([self.read(part) for part in node.values]))

    def read_formatted(self, node: ast.FormattedValue) -> Expression:
        return self.read(node.value)

    def read_sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Expression:
        items = tuple([self.read(part) for part in node.elts])
        return (facts.SEQUENCE, type(node).__name__.lower(), items)

    def read_dict(self, node: ast.Dict) -> Expression:
        keys = tuple([self.read(part) for part in node.keys])
        return (facts.MAPPING, keys, tuple([self.read(part) for part in node.values]))

    def read_compare(self, node: ast.Compare) -> Expression:
        operands = (self.read(node.left), *[self.read(part) for part in node.comparators])
        return (facts.COMPARE, tuple([_OPERATORS[type(op)] for op in node.ops]), operands)

    def read_unary(self, node: ast.UnaryOp) -> Expression:
        operand = self.read(node.operand)
        if type(node.op) is ast.USub and type(facts.constant(operand)) in (int, float):
            return (facts.CONSTANT, -operand[1])
        return (facts.OPERATION, _OPERATORS[type(node.op)], (operand,))

    def read_binary(self, node: ast.BinOp) -> Expression:
        operands = (self.read(node.left), self.read(node.right))
        return (facts.OPERATION, _OPERATORS[type(node.op)], operands)

    def read_starred(self, node: ast.Starred) -> Expression:
        return (facts.STAR, self.read(node.value))

    def read_yield(self, node: ast.Yield | ast.YieldFrom) -> Expression:
        self.yields = True
        value = self.mark(self.read(node.value), facts.YIELDED)
        if type(node) is ast.YieldFrom:
            self.mark(value, facts.ITERATED)
        self.note_yield(node, value)
        return (facts.YIELD, value)

    def note_yield(self, node: ast.expr, value: Expression) -> None:
        """For the statement reader: a yield is also a statement."""

    def read_walrus(self, node: ast.NamedExpr) -> Expression:
        value = self.mark(self.read(node.value), facts.ASSIGNED)
        self.note_assignment(node, node.target.id, value)
        return (facts.WALRUS, node.target.id, value)

    def note_assignment(self, node: ast.expr, name: str, value: Expression) -> None:
        """For the statement reader: a walrus is also an assignment."""

    def read_lambda(self, _node: ast.Lambda, /) -> Expression:
        """For the statement reader, which owns the scopes."""
        return (facts.OTHER,)

    def read_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Expression:
        first = len(self.calls)
        sources, targets, conditions = [], [], []
        for part in node.generators:
            usage = facts.ITERATED_ASYNC if part.is_async else facts.ITERATED
            sources.append(self.mark(self.read(part.iter), usage))
            targets.append(self.read(part.target))
            conditions.extend([self.read(test) for test in part.ifs])
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        elements = tuple([self.read(part) for part in parts])
        if type(node) is ast.GeneratorExp:
            for call in self.calls[first:]:
                call[7] |= facts.GENERATED
        kind = _COMPREHENSIONS[type(node)]
        asynchronous = any(part.is_async for part in node.generators)
        return (
            facts.COMPREHENSION, kind, elements, tuple(sources),
            asynchronous, tuple(targets), tuple(conditions),
        )  # fmt: skip


_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}

_READERS: dict[type[ast.AST], Callable[[ExpressionReader, Any], Expression]] = {
    ast.Name: ExpressionReader.read_name,
    ast.Attribute: ExpressionReader.read_attribute,
    ast.Constant: ExpressionReader.read_constant,
    ast.Call: ExpressionReader.read_call,
    ast.Await: ExpressionReader.read_await,
    ast.Subscript: ExpressionReader.read_subscript,
    ast.Slice: ExpressionReader.read_slice,
    ast.BoolOp: ExpressionReader.read_bool,
    ast.IfExp: ExpressionReader.read_if,
    ast.JoinedStr: ExpressionReader.read_joined,
    ast.FormattedValue: ExpressionReader.read_formatted,
    ast.List: ExpressionReader.read_sequence,
    ast.Tuple: ExpressionReader.read_sequence,
    ast.Set: ExpressionReader.read_sequence,
    ast.Dict: ExpressionReader.read_dict,
    ast.Compare: ExpressionReader.read_compare,
    ast.UnaryOp: ExpressionReader.read_unary,
    ast.BinOp: ExpressionReader.read_binary,
    ast.Starred: ExpressionReader.read_starred,
    ast.Yield: ExpressionReader.read_yield,
    ast.YieldFrom: ExpressionReader.read_yield,
    ast.NamedExpr: ExpressionReader.read_walrus,
    ast.Lambda: lambda reader, node: reader.read_lambda(node),
    ast.ListComp: ExpressionReader.read_comprehension,
    ast.SetComp: ExpressionReader.read_comprehension,
    ast.DictComp: ExpressionReader.read_comprehension,
    ast.GeneratorExp: ExpressionReader.read_comprehension,
}


@lru_cache(maxsize=4_096)
def read_annotation(text: str) -> Expression | None:
    """An annotation written as a string; None where it is not an expression."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    cut_below(tree)
    reader = ExpressionReader()
    found = reader.read(tree.body)
    return None if reader.calls else found
