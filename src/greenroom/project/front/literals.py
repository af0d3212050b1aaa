"""Literals of JavaScript: texts, numbers, templates, arrays and objects."""

from typing import TYPE_CHECKING, Any

from greenroom.project.front import facts
from greenroom.project.front.facts import Expression
from greenroom.project.front.tree import Reader, first

if TYPE_CHECKING:
    from tree_sitter import Node

LONGEST_TEXT = 400


def read_string(reader: Reader, node: "Node") -> Expression:
    """`"/api"`."""
    return (facts.CONSTANT, reader.string(node)[:LONGEST_TEXT])


def read_number(reader: Reader, node: "Node") -> Expression:
    """`10_000`; what is no number that Python knows is nothing."""
    text = reader.text(node).replace("_", "")
    try:
        return (facts.CONSTANT, int(text, 0) if not {".", "e"} & set(text) else float(text))
    except ValueError:
        return (facts.OTHER,)


def read_template(reader: Reader, node: "Node") -> Expression:
    """`` `/users/${id}` ``."""
    parts: list[Expression] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts.append(reader.expression(first(child)))
        else:
            parts.append((facts.CONSTANT, reader.text(child)[:LONGEST_TEXT]))
    return (facts.TEXT, tuple(parts))


def read_array(reader: Reader, node: "Node") -> Expression:
    """`[a, ...b]`."""
    return (
        facts.SEQUENCE,
        tuple([reader.expression(part) for part in node.named_children if part.type != "comment"]),
    )


def read_spread(reader: Reader, node: "Node") -> Expression:
    """`...rest`."""
    return (facts.SPREAD, reader.expression(first(node)))


def read_object(reader: Reader, node: "Node") -> Expression:
    """`{ a, "b": 1, [key]: 2, ...rest, load() {} }`."""
    keys: list[Any] = []
    values: list[Expression] = []
    for part in node.named_children:
        if part.type == "shorthand_property_identifier":
            keys.append(reader.text(part))
            values.append(reader.text(part))
        elif part.type == "spread_element":
            keys.append(None)
            values.append(reader.expression(first(part)))
        elif part.type == "method_definition":
            name = part.child_by_field_name("name")
            keys.append(reader.key(name) if name is not None else "")
            values.append(reader.read_function(part))
        elif part.type == "pair":
            key = part.child_by_field_name("key")
            computed = key is not None and key.type == "computed_property_name"
            keys.append(reader.expression(first(key)) if key is not None and computed else reader.key(key))
            values.append(reader.named(part.child_by_field_name("value"), reader.key(key)))
    return (facts.MAPPING, tuple(keys), tuple(values))


def read_members(reader: Reader, body: "Node | None") -> Expression:
    """The members of an enumeration; of one without a value it is not told."""
    keys, values = [], []
    for part in body.named_children if body is not None else ():
        name = part.child_by_field_name("name") if part.type == "enum_assignment" else part
        if name is not None and part.type != "comment":
            keys.append(reader.key(name))
            values.append(reader.expression(part.child_by_field_name("value")) or (facts.OTHER,))
    return (facts.MAPPING, tuple(keys), tuple(values))
