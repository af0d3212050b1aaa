"""Defaults of parameters: constants that an import keeps with a function, and that a living function can be given in place."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from greenroom.mutate.code_change import FunctionKey
from greenroom.mutate.tree import Function

_ATOMS = (str, bytes, int, float, complex, bool, type(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDefault:
    """One parameter of a function whose default is another constant now."""

    function: FunctionKey
    parameter: int | str
    """Its place among the defaults of positional parameters; the name of one that is given by keyword alone."""
    before: object
    after: object


def take_defaults(before: ast.Module, after: ast.Module) -> tuple[NewDefault, ...]:
    """The defaults that differ, each put back in the tree of the changed module, as far as both are constants.

    Only of functions that the import defines: what is defined in a function gets its defaults when that one runs.
    """
    old, new = list(_outer(before.body)), list(_outer(after.body))
    if [name for name, _ in old] != [name for name, _ in new]:
        return ()
    pairs = zip(old, new, strict=True)
    return tuple(each for (name, one), (_, other) in pairs for each in _put_back(name, one, other))


def _outer(body: Iterable[ast.stmt], around: str = "") -> Iterator[tuple[str, Function]]:
    for each in body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{around}{each.name}", each
            continue
        inside = f"{around}{each.name}." if isinstance(each, ast.ClassDef) else around
        for field in ("body", "orelse", "finalbody", "handlers"):
            parts = getattr(each, field, ())
            inner = [
                part for one in parts for part in (one.body if isinstance(one, ast.ExceptHandler) else [one])
            ]
            yield from _outer(inner, inside)


def _put_back(name: str, old: Function, new: Function) -> Iterator[NewDefault]:
    key = (min([old.lineno, *(each.lineno for each in old.decorator_list)]), name)
    for before, after in (
        (old.args.defaults, new.args.defaults),
        (old.args.kw_defaults, new.args.kw_defaults),
    ):
        if len(before) != len(after):
            return
        is_keyword = before is old.args.kw_defaults
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            if one is None or other is None or ast.dump(one) == ast.dump(other):
                continue
            if not (_is_constant(one) and _is_constant(other)):
                continue
            parameter = old.args.kwonlyargs[place].arg if is_keyword else place
            yield NewDefault(
                function=key, parameter=parameter, before=ast.literal_eval(one), after=ast.literal_eval(other)
            )
            after[place] = ast.copy_location(ast.Constant(ast.literal_eval(one)), other)


def _is_constant(node: ast.expr) -> bool:
    bare = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(bare, ast.Constant) and isinstance(bare.value, _ATOMS)
