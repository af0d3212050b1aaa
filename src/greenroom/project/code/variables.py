"""The names that a file binds at its top by assignment."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from greenroom.project.code.facts import Body

_KIND = itemgetter(0)


def variables_of(bodies: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """Those of a file, also by `global` in functions, sorted.

    Args:
        bodies: of all its scopes, as plain tuples; that of the module first.
    """
    names = bound_names(Body(*bodies[0]))
    for calls, blocks, statements in bodies[1:]:
        if "global" in map(_KIND, statements):
            shared = {name for part in statements if part[0] == "global" for name in part[4]}
            names.update(bound_names(Body(calls, blocks, statements)) & shared)
    return tuple(sorted(names))


def bound_names(body: Body) -> set[str]:
    """Names that assignments, loops, withs and handlers of this body bind."""
    names: set[str] = set()
    for statement in body.statements:
        if statement.kind == "assign":
            for target in statement.target:
                _collect(target, names)
        elif statement.kind in ("annotate", "augment"):
            _collect(statement.target, names)
    for block in body.blocks:
        if block.kind in ("for", "async-for"):
            _collect(block.detail[0], names)
        elif block.kind in ("with", "async-with"):
            for _, target in block.detail:
                _collect(target, names)
        elif block.kind == "except" and block.detail[1]:
            names.add(block.detail[1])
    return names


def _collect(target: object, names: set[str]) -> None:
    if isinstance(target, str):
        if "." not in target:
            names.add(target)
    elif isinstance(target, tuple) and target[0] == "seq":
        for part in target[2]:
            _collect(part, names)
    elif isinstance(target, tuple) and target[0] == "star":
        _collect(target[1], names)
