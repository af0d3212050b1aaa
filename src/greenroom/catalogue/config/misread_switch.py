"""Operator: a switch that says "false" is on."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.environment import variable
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_YES = frozenset({"true", "1", "yes", "on", "y", "t", "enabled", "enable"})
_CONVERTERS = frozenset(
    {"strtobool", "str2bool", "str_to_bool", "parse_bool", "to_bool", "asbool", "parse_boolean"}
)
_TIDIES = frozenset({"lower", "strip", "casefold", "upper"})


def misread_switch(source: Source) -> Iterator[Rewrite]:
    """`getenv("X", "").lower() in ("1", "true")` becomes `bool(getenv("X", ""))`."""
    for node in source.nodes(ast.expr):
        text = _asked(node)
        if text is not None and _is_read(source, text):
            yield Rewrite(
                node=node,
                edits=(source.replaced(node, f"bool({source.code(text)})"),),
                note=f"`{source.code(node)}` holds for every text",
            )


def _asked(node: ast.expr) -> ast.expr | None:
    """What is compared with words for yes."""
    match node:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.In()], comparators=[words]) if _says_yes(words):
            return _untidied(left)
        case ast.Call(func=ast.Name() | ast.Attribute() as converter, args=[text], keywords=[]):
            return _untidied(text) if last_name(converter) in _CONVERTERS else None
    return None


def _says_yes(words: ast.expr) -> bool:
    each = words.elts if isinstance(words, ast.Tuple | ast.List | ast.Set) else [words]
    return bool(each) and all(
        isinstance(word, ast.Constant) and str(word.value).lower() in _YES for word in each
    )


def _untidied(text: ast.expr) -> ast.expr:
    match text:
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[]) if name in _TIDIES:
            return _untidied(inner)
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return _untidied(inner)
    return text


def _is_read(source: Source, text: ast.expr) -> bool:
    """Whether it comes from the environment, at once or by a variable."""
    match text:
        case ast.Name():
            return variable(source, source.names.origin(text)) is not None
        case ast.Subscript(value=owner):
            return source.names.of(owner) == "os.environ"
    return variable(source, text) is not None


BOOL_ENV = Operator(
    key="K2",
    name="bool-env",
    summary="a switch in the environment is on whatever it says",
    consequence="whoever writes `FEATURE=false` into a deployment turns the feature on",
    noticed_by="a test that sets the variable to `false` and to `0`, and asserts that the switch is off",
    weight=3,
    seed=misread_switch,
)
