"""The names that patterns bind: `const { data: user = null, ...rest } = answer`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from greenroom.project.front import facts
from greenroom.project.front.facts import Expression
from greenroom.project.front.tree import Reader

if TYPE_CHECKING:
    from tree_sitter import Node

_WITH_DEFAULT = frozenset({"assignment_pattern", "object_assignment_pattern"})


def bound_parts(reader: Reader, pattern: "Node", value: Expression) -> Iterator[tuple[str, Expression]]:
    """Each name with the part of the value that it is given."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield reader.text(pattern), value
    elif pattern.type in _WITH_DEFAULT:
        left, right = pattern.child_by_field_name("left"), pattern.child_by_field_name("right")
        default = reader.expression(right)
        if left is not None:
            yield from bound_parts(reader, left, (facts.EITHER, (value, default)))
    elif pattern.type == "object_pattern":
        for part in pattern.named_children:
            yield from _object_part(reader, part, value)
    elif pattern.type == "array_pattern":
        for number, part in enumerate(pattern.named_children):
            yield from bound_parts(reader, part, (facts.ITEM, value, (facts.CONSTANT, number)))


def _object_part(reader: Reader, part: "Node", value: Expression) -> Iterator[tuple[str, Expression]]:
    if part.type == "pair_pattern":
        inner = part.child_by_field_name("value")
        if inner is not None:
            yield from bound_parts(reader, inner, _member(value, reader.key(part.child_by_field_name("key"))))
    elif part.type == "rest_pattern":
        yield reader.text(part).lstrip(". "), value
    elif part.type in _WITH_DEFAULT:
        left = part.child_by_field_name("left")
        default = reader.expression(part.child_by_field_name("right"))
        if left is not None:
            name = reader.text(left)
            yield name, (facts.EITHER, (_member(value, name), default))
    elif part.type == "shorthand_property_identifier_pattern":
        name = reader.text(part)
        yield name, _member(value, name)


def _member(value: Expression, name: str) -> Expression:
    return f"{value}.{name}" if isinstance(value, str) else (facts.ATTRIBUTE, value, name)


def read_parameters(reader: Reader, function: "Node") -> tuple[tuple[Any, ...], ...]:
    """The parameters of a function, as plain `Parameter`s."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return ((reader.text(single), (), None, False, ""),)
    listed = function.child_by_field_name("parameters")
    found = []
    for part in listed.named_children if listed is not None else ():
        if part.type in ("required_parameter", "optional_parameter"):
            pattern = part.child_by_field_name("pattern")
            if pattern is not None and pattern.type != "this":
                default = reader.expression(part.child_by_field_name("value"))
                found.append((*_parameter(reader, pattern, default), reader.annotation(part)))
    return tuple(found)


def kept_parameters(reader: Reader, function: "Node") -> tuple[str, ...]:
    """Those that a constructor keeps as attributes: `constructor(private base: string)`."""
    listed = function.child_by_field_name("parameters")
    return tuple([
        reader.text(pattern)
        for part in (listed.named_children if listed is not None else ())
        if part.type in ("required_parameter", "optional_parameter")
        and any(child.type in ("accessibility_modifier", "readonly") for child in part.children)
        and (pattern := part.child_by_field_name("pattern")) is not None
    ])  # fmt: skip


def _parameter(reader: Reader, pattern: "Node", default: Expression) -> tuple[Any, ...]:
    if pattern.type == "rest_pattern":
        return reader.text(pattern).lstrip(". "), (), default, True
    if pattern.type == "object_pattern":
        parts = []
        for part in pattern.named_children:
            if part.type == "rest_pattern":
                parts.append(("*", reader.text(part).lstrip(". ")))
            else:
                parts.extend((_key(reader, part), name) for name, _ in _object_part(reader, part, ""))
        return "", tuple(parts), default, False
    return (reader.text(pattern) if pattern.type == "identifier" else ""), (), default, False


def _key(reader: Reader, part: "Node") -> str:
    key = part.child_by_field_name("key") or part.child_by_field_name("left") or part
    return reader.key(key)
