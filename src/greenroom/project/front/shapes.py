"""Interfaces and type aliases of objects: what the front end expects of an answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node

_CLOSED = frozenset({"object_type", "interface_body"})


def read_shape(node: "Node", text: Callable[["Node"], str], line: int) -> tuple[Any, ...] | None:
    """A plain `Shape`; None for an alias of anything but objects."""
    name = node.child_by_field_name("name")
    body = node.child_by_field_name("body") or node.child_by_field_name("value")
    if name is None or body is None:
        return None
    extends = [
        text(part)
        for clause in node.named_children
        if clause.type == "extends_type_clause"
        for part in clause.named_children
    ]
    fields: list[tuple[str, bool, str]] = []
    is_open = False
    parts = [body] if body.type != "intersection_type" else _members(body)
    for part in parts:
        if part.type in _CLOSED:
            is_open |= _read_fields(part, text, fields)
        elif part.type == "type_identifier":
            extends.append(text(part))
        else:
            is_open = True
    if body.type != "intersection_type" and body.type not in _CLOSED:
        return None
    return text(name), line, tuple(fields), tuple(extends), is_open


def _members(node: "Node") -> list["Node"]:
    """The parts of `A & B & C`, which nests to the left."""
    found = []
    for part in node.named_children:
        found.extend(_members(part) if part.type == "intersection_type" else [part])
    return found


def _read_fields(body: "Node", text: Callable[["Node"], str], fields: list[tuple[str, bool, str]]) -> bool:
    """Adds to the fields; whether there may be others."""
    is_open = False
    for part in body.named_children:
        if part.type == "index_signature":
            is_open = True
        key = part.child_by_field_name("name")
        if part.type == "property_signature" and key is not None:
            annotation = part.child_by_field_name("type")
            spelled = text(annotation).lstrip(": ") if annotation is not None else ""
            optional = any(child.type == "?" for child in part.children)
            fields.append((text(key).strip("'\""), optional, spelled[:200]))
    return is_open
