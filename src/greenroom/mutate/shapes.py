"""What a function gives when there is nothing to give."""

import ast

from greenroom.mutate import blocks
from greenroom.mutate.tree import Function

_EMPTY = {
    "list": "[]", "List": "[]", "Sequence": "[]", "Iterable": "[]", "Collection": "[]", "dict": "{}", "Dict": "{}",
    "Mapping": "{}", "MutableMapping": "{}", "set": "set()", "Set": "set()", "frozenset": "frozenset()", "str": '""',
    "bytes": 'b""', "Optional": "None",
}  # fmt: skip


def empty_of(function: Function) -> str:
    """An empty value of what a function returns, by its annotation or by its returns outside handlers; `""` if unknown."""
    if blocks.is_generator(function):
        return ""
    if function.returns is not None:
        return _of_annotation(function.returns)
    nodes = list(blocks.own(function.body))
    handled = {id(each) for node in nodes if isinstance(node, ast.ExceptHandler) for each in ast.walk(node)}
    returns = [node for node in nodes if isinstance(node, ast.Return) and id(node) not in handled]
    shapes = {_of_value(node.value) for node in returns}
    shapes -= {"None", ""}
    return shapes.pop() if len(shapes) == 1 else ""


def _of_annotation(annotation: ast.expr) -> str:
    match annotation:
        case ast.Constant(value=str(text)):
            try:
                return _of_annotation(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return ""
        case ast.Subscript(value=value):
            return _of_annotation(value)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            alone = (left, right)
            is_optional = any(isinstance(each, ast.Constant) and each.value is None for each in alone)
            return "None" if is_optional else ""
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _EMPTY.get(name, "")
    return ""


def _of_value(value: ast.expr | None) -> str:
    match value:
        case ast.List() | ast.ListComp():
            return "[]"
        case ast.Dict() | ast.DictComp():
            return "{}"
        case ast.Set() | ast.SetComp():
            return "set()"
        case ast.JoinedStr() | ast.Constant(value=str()):
            return '""'
    return ""
