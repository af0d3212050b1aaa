"""What a front-end file imports and exports."""

from typing import TYPE_CHECKING

from greenroom.project.front.facts import Expression
from greenroom.project.front.tree import Reader

if TYPE_CHECKING:
    from tree_sitter import Node


def read_import(reader: Reader, node: "Node") -> Expression:
    """`import Api, { type User } from "./api"`."""
    source_node = node.child_by_field_name("source")
    if source_node is None:
        return None
    source, line = reader.string(source_node), reader.line(node)
    of_types = any(child.type == "type" for child in node.children)
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    if clause is None:
        reader.imports.append((line, source, "", "", False))
        return None
    for part in clause.named_children:
        if part.type == "identifier":
            reader.imports.append((line, source, "default", reader.text(part), of_types))
        elif part.type == "namespace_import":
            reader.imports.append((line, source, "*", reader.text(part.named_children[0]), of_types))
        else:
            for one in part.named_children:
                _read_specifier(reader, one, source, line, of_types=of_types)
    return None


def _read_specifier(reader: Reader, node: "Node", source: str, line: int, *, of_types: bool) -> None:
    name, alias = node.child_by_field_name("name"), node.child_by_field_name("alias")
    if name is not None:
        is_type = of_types or any(child.type == "type" for child in node.children)
        spelled = reader.key(name)
        reader.imports.append((line, source, spelled, reader.text(alias) if alias else spelled, is_type))


def read_export(reader: Reader, node: "Node") -> Expression:
    """`export const …`, `export default …`, `export { a as b } from "./c"`."""
    source_node = node.child_by_field_name("source")
    source = reader.string(source_node) if source_node is not None else ""
    declaration = node.child_by_field_name("declaration")
    is_default = any(child.type == "default" for child in node.children)
    if declaration is not None:
        first = len(reader.bindings)
        value = reader.expression(declaration)
        if is_default:
            reader.exports.append(("default", value, ""))
        names = [part[1] for part in reader.bindings[first:] if part[0] == reader.function]
        name = declaration.child_by_field_name("name")
        for local in dict.fromkeys([*names, *([reader.text(name)] if name is not None else [])]):
            reader.exports.append((local, local, ""))
        return None
    value_node = node.child_by_field_name("value")
    if value_node is not None:
        reader.exports.append(("default", reader.expression(value_node), ""))
        return None
    clause = next(
        (part for part in node.named_children if part.type in ("export_clause", "namespace_export")), None
    )
    if clause is None and source:
        reader.exports.append(("*", "*", source))
    elif clause is not None and clause.type == "namespace_export":
        reader.exports.append((reader.text(clause.named_children[0]), "*", source))
    elif clause is not None:
        for part in clause.named_children:
            name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
            if name is not None:
                reader.exports.append((reader.key(alias or name), reader.key(name), source))
    return None
