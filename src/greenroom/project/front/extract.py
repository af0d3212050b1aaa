"""A syntax tree of JavaScript or TypeScript into its compact form."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from greenroom.project.front import facts
from greenroom.project.front.environment import Environment
from greenroom.project.front.facts import Expression
from greenroom.project.front.linkage import read_export, read_import
from greenroom.project.front.literals import (
    LONGEST_TEXT,
    read_array,
    read_members,
    read_number,
    read_object,
    read_spread,
    read_string,
    read_template,
)
from greenroom.project.front.patterns import bound_parts, kept_parameters, read_parameters
from greenroom.project.front.shapes import read_shape
from greenroom.project.front.tree import first, is_function

if TYPE_CHECKING:
    from tree_sitter import Node

_SEEN_THROUGH = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "await_expression",
    }
)
_NO_CODE = frozenset(
    {"comment", "type_annotation", "type_arguments", "predefined_type", "jsx_text", "regex", "ambient_declaration",
     "function_signature", "html_comment", "hash_bang_line", "accessibility_modifier", "type_parameters"}
)  # fmt: skip
_OUTCOMES = frozenset({"||", "??", "&&"})
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


class _Extractor:
    """Reads one file; the results are plain lists."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self.imports: list[tuple[Any, ...]] = []
        self.exports: list[tuple[Any, ...]] = []
        self.functions: list[list[Any]] = [["", 1, source.count(b"\n") + 1, -1, "", (), [], ""]]
        self.bindings: list[tuple[Any, ...]] = []
        self.calls: list[tuple[Any, ...]] = []
        self.elements: list[tuple[Any, ...]] = []
        self.classes: list[tuple[Any, ...]] = []
        self.shapes: list[tuple[Any, ...]] = []
        self.environment = Environment()
        self.function = 0
        self._element = -1
        self._field_of = ""  # the class whose `this` the arrow functions in a field's value have

    def read(self, root: "Node") -> None:
        """Take over a tree."""
        self._all(root)

    def text(self, node: "Node") -> str:
        """The source of a node."""
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def line(self, node: "Node") -> int:
        """1-based."""
        return int(node.start_point[0]) + 1

    # statements

    def _all(self, node: "Node") -> None:
        for child in node.named_children:
            self.expression(child)

    def expression(self, node: "Node | None") -> Expression:
        """What a node gives; statements give nothing, and are read for what stands in them."""
        if node is None:
            return None
        kind = node.type
        reader = _READERS.get(kind)
        if reader is not None:
            return reader(self, node)
        if kind in _SEEN_THROUGH:
            return self.expression(first(node))
        if is_function(node):
            return self.read_function(node)
        if kind in _WORDS:
            return (facts.CONSTANT, _WORDS[kind])
        if kind not in _NO_CODE:
            self._all(node)
        return (facts.OTHER,)

    def read_declarator(self, node: "Node") -> Expression:
        name, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return None
        value = self.named(value_node, self.text(name) if name.type == "identifier" else "")
        annotation = self.annotation(node)
        self.environment.hold(self.text(name) if name.type == "identifier" else "", value)
        for local, part in bound_parts(self, name, value):
            self.bindings.append((self.function, local, self.line(node), part, annotation))
            if name.type == "object_pattern":
                self._note_variable(part, self.line(node))
        return None

    def _note_variable(self, part: Expression, line: int) -> None:
        """`const { VITE_API = "/api" } = import.meta.env`."""
        if isinstance(part, str):
            self.environment.note(part, line)
        elif isinstance(part, tuple) and part[0] == facts.EITHER and isinstance(part[1][0], str):
            with self.environment.optional() as noted:
                self.environment.note(part[1][0], line)
            noted.default_to(facts.constant(part[1][1]))

    def named(self, node: "Node | None", name: str, owner: str = "") -> Expression:
        """A value; where it is a function, it goes by this name."""
        if node is not None and is_function(node):
            return self.read_function(node, name, owner)
        return self.expression(node)

    def annotation(self, node: "Node", field: str = "type") -> str:
        found = node.child_by_field_name(field)
        return self.text(found).lstrip(": ")[:LONGEST_TEXT] if found is not None else ""

    def read_return(self, node: "Node") -> Expression:
        value = self.expression(first(node))
        if value is not None:
            self.functions[self.function][6].append(value)
        return None

    def read_assignment(self, node: "Node") -> Expression:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return (facts.OTHER,)
        target = self.expression(left) if left.type in ("identifier", "member_expression") else None
        name = target if isinstance(target, str) else ""
        value = self.named(right, name.rpartition(".")[2])
        if name:
            self.bindings.append((self.function, name, self.line(node), value, ""))
            if name in ("module.exports", "exports.default"):
                self.exports.append(("default", value, ""))
            elif name.startswith(("module.exports.", "exports.")):
                self.exports.append((name.rpartition(".")[2], value, ""))
        elif left.type in ("object_pattern", "array_pattern"):
            for local, part in bound_parts(self, left, value):
                self.bindings.append((self.function, local, self.line(node), part, ""))
        return value

    def read_condition(self, node: "Node") -> Expression:
        """`if (…)`: a variable that is asked for there may be missing."""
        with self.environment.optional():
            self.expression(node.child_by_field_name("condition"))
        self.expression(node.child_by_field_name("consequence"))
        self.expression(node.child_by_field_name("alternative"))
        return None

    # functions and classes

    def read_function(self, node: "Node", name: str = "", owner: str = "") -> Expression:
        name_node = node.child_by_field_name("name")
        if not name and name_node is not None:
            name = self.key(name_node)
        index = len(self.functions)
        record: list[Any] = [name, self.line(node), int(node.end_point[0]) + 1, self.function,
                             owner or self._field_of * (node.type == "arrow_function"), (), [], self.annotation(node, "return_type")]  # fmt: skip
        self.functions.append(record)
        if node.type.endswith("_declaration") and name:
            self.bindings.append((self.function, name, self.line(node), (facts.FUNCTION, index), ""))
        outer, self.function = self.function, index
        record[5] = read_parameters(self, node)
        self.bindings.extend(
            (index, f"this.{part}", self.line(node), part, "") for part in kept_parameters(self, node)
        )
        body = node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            self._all(body)
        elif body is not None:
            record[6].append(self.expression(body))
        self.function = outer
        return (facts.FUNCTION, index)

    def read_class(self, node: "Node") -> Expression:
        name_node = node.child_by_field_name("name")
        name = self.text(name_node) if name_node is not None else f"class@{self.line(node)}"
        heritage = next((part for part in node.named_children if part.type == "class_heritage"), None)
        base = self._base(heritage)
        members: list[tuple[str, Expression]] = []
        body = node.child_by_field_name("body")
        for part in body.named_children if body is not None else ():
            key = part.child_by_field_name("name")
            if key is None or part.type not in (
                "method_definition",
                "public_field_definition",
                "field_definition",
            ):
                continue
            spelled = self.key(key)
            if part.type == "method_definition":
                members.append((spelled, self.read_function(part, f"{name}.{spelled}", name)))
            else:
                value = part.child_by_field_name("value")
                self._field_of = name
                members.append((spelled, self.named(value, f"{name}.{spelled}", name)))
                self._field_of = ""
        self.classes.append((name, self.line(node), base, tuple(members)))
        self.bindings.append((self.function, name, self.line(node), (facts.CLASS, name), ""))
        return (facts.CLASS, name)

    def read_enum(self, node: "Node") -> Expression:
        """`enum Path { Users = "/users" }`, as the object that it is."""
        value = read_members(self, node.child_by_field_name("body"))
        name = self.text(node.child_by_field_name("name") or node)
        self.bindings.append((self.function, name, self.line(node), value, ""))
        return value

    def _base(self, heritage: "Node | None") -> Expression:
        if heritage is None:
            return None
        clause = first(heritage)
        if clause is not None and clause.type == "extends_clause":
            return self.expression(clause.child_by_field_name("value"))
        return self.expression(clause) if clause is not None and clause.type == "identifier" else None

    def read_shape(self, node: "Node") -> Expression:
        shape = read_shape(node, self.text, self.line(node))
        if shape is not None:
            self.shapes.append(shape)
        return None

    # expressions

    def read_identifier(self, node: "Node") -> Expression:
        return self.text(node)

    def read_member(self, node: "Node") -> Expression:
        inner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if inner is None or name is None:
            return (facts.OTHER,)
        base = self.expression(inner)
        spelled = self.text(name)
        if not isinstance(base, str):
            return (facts.ATTRIBUTE, base, spelled)
        found = f"{base}.{spelled}"
        self.environment.note(found, self.line(node))
        return found

    def read_subscript(self, node: "Node") -> Expression:
        base = self.expression(node.child_by_field_name("object"))
        key = self.expression(node.child_by_field_name("index"))
        name = facts.constant(key)
        if isinstance(base, str) and isinstance(name, str):
            self.environment.note(f"{base}.{name}", self.line(node))
        return (facts.ITEM, base, key)

    def string(self, node: "Node") -> str:
        """The content of a string node, as far as its escapes matter here."""
        text = self.text(node)[1:-1]
        return text.replace("\\/", "/").replace("\\'", "'").replace('\\"', '"') if "\\" in text else text

    def read_binary(self, node: "Node") -> Expression:
        operator = node.child_by_field_name("operator")
        sign = operator.type if operator is not None else ""
        if sign in _OUTCOMES:
            with self.environment.optional() as noted:
                left = self.expression(node.child_by_field_name("left"))
            right = self.expression(node.child_by_field_name("right"))
            noted.default_to(facts.constant(right) if sign != "&&" else None)
            if sign != "&&":
                self.environment.spare(facts.walk(left), facts.constant(right))
            return (facts.EITHER, (left, right) if sign != "&&" else (right,))
        if sign != "+":
            with self.environment.optional():
                self._all(node)
            return (facts.OTHER,)
        left = self.expression(node.child_by_field_name("left"))
        return (facts.ADDITION, left, self.expression(node.child_by_field_name("right")))

    def read_unary(self, node: "Node") -> Expression:
        with self.environment.optional():
            self._all(node)
        return (facts.OTHER,)

    def read_ternary(self, node: "Node") -> Expression:
        with self.environment.optional():
            self.expression(node.child_by_field_name("condition"))
            chosen = self.expression(node.child_by_field_name("consequence"))
        return (facts.EITHER, (chosen, self.expression(node.child_by_field_name("alternative"))))

    def key(self, node: "Node | None") -> str:
        """A name or a quoted name."""
        if node is None:
            return ""
        return self.string(node) if node.type == "string" else self.text(node)

    def read_call(self, node: "Node") -> Expression:
        is_new = node.type == "new_expression"
        callee = self.expression(node.child_by_field_name("constructor" if is_new else "function"))
        given = node.child_by_field_name("arguments")
        arguments: tuple[Expression, ...] = ()
        if given is not None:
            parts = given.named_children if given.type == "arguments" else [given]
            with self.environment.unless_required(facts.last_name(callee)):
                arguments = tuple([self.expression(part) for part in parts if part.type != "comment"])
        types = node.child_by_field_name("type_arguments")
        self.calls.append((self.line(node), int(node.start_point[1]) + 1, callee, arguments, self.function, is_new,
                           self.text(types)[1:-1][:LONGEST_TEXT] if types is not None else ""))  # fmt: skip
        return len(self.calls) - 1

    # elements

    def read_element(self, node: "Node") -> Expression:
        opening = node.child_by_field_name("open_tag") or node
        name = opening.child_by_field_name("name")
        tag = self.text(name) if name is not None else ""
        outer = self._element
        index = len(self.elements)
        is_component = bool(tag) and (tag[0].isupper() or "." in tag)
        if is_component:
            self.elements.append(())
        attributes = []
        for part in opening.named_children:
            if part.type == "jsx_attribute" and part.named_children:
                value = part.named_children[1] if len(part.named_children) > 1 else None
                attributes.append((self.text(part.named_children[0]), self.expression(value)))
            elif part.type == "jsx_expression":
                self.expression(part)
        if is_component:
            self.elements[index] = (self.line(node), tag, tuple(attributes), self.function, outer)
            self._element = index
        if node.type == "jsx_element":
            for part in node.named_children[1:]:
                if part.type not in ("jsx_text", "jsx_closing_element"):
                    self.expression(part)
        self._element = outer
        return (facts.OTHER,)

    def read_braces(self, node: "Node") -> Expression:
        return self.expression(first(node))


_READERS: dict[str, Callable[[_Extractor, "Node"], Expression]] = {
    "import_statement": read_import,
    "export_statement": read_export,
    "variable_declarator": _Extractor.read_declarator,
    "return_statement": _Extractor.read_return,
    "assignment_expression": _Extractor.read_assignment,
    "if_statement": _Extractor.read_condition,
    "class_declaration": _Extractor.read_class,
    "abstract_class_declaration": _Extractor.read_class,
    "class": _Extractor.read_class,
    "enum_declaration": _Extractor.read_enum,
    "interface_declaration": _Extractor.read_shape,
    "type_alias_declaration": _Extractor.read_shape,
    "identifier": _Extractor.read_identifier,
    "this": _Extractor.read_identifier,
    "super": _Extractor.read_identifier,
    "import": _Extractor.read_identifier,
    "meta_property": _Extractor.read_identifier,
    "undefined": lambda _self, _node: (facts.CONSTANT, None),
    "shorthand_property_identifier": _Extractor.read_identifier,
    "member_expression": _Extractor.read_member,
    "subscript_expression": _Extractor.read_subscript,
    "string": read_string,
    "number": read_number,
    "template_string": read_template,
    "binary_expression": _Extractor.read_binary,
    "unary_expression": _Extractor.read_unary,
    "ternary_expression": _Extractor.read_ternary,
    "array": read_array,
    "spread_element": read_spread,
    "object": read_object,
    "call_expression": _Extractor.read_call,
    "new_expression": _Extractor.read_call,
    "jsx_element": _Extractor.read_element,
    "jsx_self_closing_element": _Extractor.read_element,
    "jsx_expression": _Extractor.read_braces,
}


def extract(source: bytes, root: "Node | None") -> tuple[Any, ...]:
    """The compact form of a tree, plain tuples: imports, exports, classes, shapes, variables, functions, bindings, calls, elements."""
    reader = _Extractor(source)
    if root is not None:
        reader.read(root)
    return (
        tuple(reader.imports), tuple(reader.exports), tuple(reader.classes), tuple(reader.shapes),
        tuple([tuple(read) for read in reader.environment.reads]),
        tuple([(*record[:6], tuple(record[6]), record[7]) for record in reader.functions]),
        tuple(reader.bindings), tuple(reader.calls), tuple(reader.elements),
    )  # fmt: skip
