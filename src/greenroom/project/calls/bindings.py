"""Where the names of a scope get their values."""

from functools import partial
from typing import Any, NamedTuple

from greenroom.project.code.facts import (
    COMPREHENSION,
    CONSTANT,
    SEQUENCE,
    STAR,
    Block,
    Body,
    Expression,
    Parameter,
    walk,
)
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Scope


class Binding(NamedTuple):
    """One way in which a name is bound.

    how: value (assigned) · annotation (declared) · element (loop variable) · unpacked · entered
    (with … as) · parameter · import · scope · caught (except … as)
    """

    how: str
    source: Any
    """The expression, Parameter, Import or Scope."""
    annotation: Expression | None = None
    line: int = 0
    position: int = -1
    """In what is unpacked."""


_AS_BINDING = partial(tuple.__new__, Binding)
Bindings = dict[str, list[Binding]]
_BINDING = frozenset({"for", "async-for", "with", "async-with", "except"})
"""Kinds of blocks."""
_SINGLE = frozenset({"positional", "keyword"})
_NONE = (CONSTANT, None)


def scope_bindings(scope: Scope, *, keep_shared: bool = False) -> Bindings:
    """All bindings of a function's, class's or module's own names (and those under `global`)."""
    found: Bindings = {}
    for parameter in scope.parameters:
        found.setdefault(parameter.name, []).append(_AS_BINDING(("parameter", parameter, None, 0, -1)))
    body = scope.body
    shared: set[str] = set()
    if not keep_shared and scope.module.mentions(scope.index, b"global"):
        shared.update(name for part in body.statements if part.kind == "global" for name in part.target)
    for part in scope.module.imports_in(scope.index):
        if part.alias:
            found.setdefault(part.alias, []).append(Binding("import", part, None, part.line))
    for child in scope.children:
        if child.kind != "lambda":
            found.setdefault(child.name, []).append(_AS_BINDING(("scope", child, None, child.line, -1)))
    _add_statements(body, found)
    if scope.is_function and scope.module.mentions(scope.index, COMPREHENSION.encode()):
        _add_comprehensions(body, found)
    for name in shared:
        found.pop(name, None)
    return found


def is_receiver(scope: Scope, name: str) -> bool:
    """Whether a method calls its own object, or its class, by this name."""
    return scope.owner is not None and bool(scope.parameters) and scope.parameters[0].name == name


def is_untold(scope: Scope, bound: list[Binding]) -> bool:
    """Whether this binds a parameter of which nothing is written: no type, no default but None, and not the receiver."""
    return len(bound) == 1 and bound[0].how == "parameter" and _says_nothing(scope, bound[0].source)


def untold_parameters(scope: Scope) -> list[Parameter]:
    """Those of which nothing is written, as the header tells: the body may still give them another value."""
    return [part for part in scope.parameters if part.kind in _SINGLE and _says_nothing(scope, part)]


def _says_nothing(scope: Scope, parameter: Parameter) -> bool:
    return (
        parameter.annotation is None
        and parameter.default in (None, _NONE)
        and (scope.owner is None or parameter is not scope.parameters[0])
    )


def attribute_bindings(scope: Scope, receiver: str) -> Bindings:
    """Bindings of `receiver.name = …` in a method: the attributes of its object."""
    found: Bindings = {}
    prefix = f"{receiver}."
    every: Bindings = {}
    if scope.module.mentions(scope.index, prefix.encode()):
        _add_statements(scope.body, every)
    for name, bindings in every.items():
        if name.startswith(prefix) and "." not in name[len(prefix) :]:
            found[name[len(prefix) :]] = bindings
    return found


def _add_statements(body: Body, found: Bindings) -> None:
    for kind, line, _, _, target, value, detail in body.statements:
        if kind == "assign":
            binding: Binding = _AS_BINDING(("value", value, None, line, -1))
            for part in target:
                if type(part) is str and part not in found:
                    found[part] = [binding]
                else:
                    _bind(part, binding, found)
        elif kind == "annotate":
            binding = _AS_BINDING(("annotation" if value is None else "value", value, detail, line, -1))
            _bind(target, binding, found)
    for block in body.blocks:
        if block.kind in _BINDING:
            _add_block(block, found)


def _add_comprehensions(body: Body, found: Bindings) -> None:
    """Variables of comprehensions, where the function itself has none of that name."""
    inner: Bindings = {}
    for whole in expressions(body):
        if type(whole) is tuple:
            for part in walk(whole):
                if type(part) is tuple and part[0] == COMPREHENSION:
                    for source, target in zip(part[3], part[5], strict=True):
                        _bind(target, Binding("element", source), inner)
    for name, bindings in inner.items():
        found.setdefault(name, bindings)


def _add_block(block: Block, found: Bindings) -> None:
    if block.kind in ("for", "async-for"):
        target, iterated = block.detail
        _bind(target, Binding("element", iterated, None, block.line), found)
    elif block.kind in ("with", "async-with"):
        for expression, target in block.detail:
            if target is not None:
                _bind(target, Binding("entered", expression, None, block.line), found)
    elif block.kind == "except" and block.detail[1]:
        found.setdefault(block.detail[1], []).append(Binding("caught", block.detail[0], None, block.line))


def _bind(target: Expression, binding: Binding, found: Bindings) -> None:
    """Names and dotted names; unpacking gives the elements by position where that is literal."""
    if isinstance(target, str):
        found.setdefault(target, []).append(binding)
        return
    if not isinstance(target, tuple):
        return
    if target[0] == STAR:
        _bind(target[1], Binding("unknown", None, None, binding.line), found)
    elif target[0] == SEQUENCE:
        parts = _literal_items(binding)
        for number, part in enumerate(target[2]):
            if parts is not None and len(parts) == len(target[2]):
                _bind(part, Binding("value", parts[number], None, binding.line), found)
            else:
                _bind(part, Binding("unpacked", binding.source, None, binding.line, number), found)


def _literal_items(binding: Binding) -> tuple[Expression, ...] | None:
    source = binding.source
    if binding.how == "value" and isinstance(source, tuple) and source[0] == SEQUENCE:
        return tuple(source[2])
    return None
