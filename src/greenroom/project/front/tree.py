"""What the parts of the extraction share about syntax trees."""

from typing import TYPE_CHECKING, Any, Protocol

from greenroom.project.front.facts import Expression

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = frozenset(
    {"function_declaration", "generator_function_declaration", "arrow_function", "function_expression",
     "generator_function", "method_definition"}
)  # fmt: skip


class Reader(Protocol):
    """The extraction of one file, as its parts need it."""

    imports: list[tuple[Any, ...]]
    exports: list[tuple[Any, ...]]
    bindings: list[tuple[Any, ...]]
    function: int

    def text(self, node: "Node") -> str:
        """The source of a node."""

    def line(self, node: "Node") -> int:
        """1-based."""

    def string(self, node: "Node") -> str:
        """The content of a string."""

    def key(self, node: "Node | None") -> str:
        """A name or a quoted name."""

    def annotation(self, node: "Node", field: str = "type") -> str:
        """The type that is written behind a name."""

    def expression(self, node: "Node | None") -> Expression:
        """What a node gives."""

    def named(self, node: "Node | None", name: str, owner: str = "") -> Expression:
        """A value; where it is a function, it goes by this name."""

    def read_function(self, node: "Node", name: str = "", owner: str = "") -> Expression:
        """A function with its body."""


def first(node: "Node | None") -> "Node | None":
    """The first child that is no comment."""
    if node is None:
        return None
    return next((child for child in node.named_children if child.type != "comment"), None)


def is_function(node: "Node") -> bool:
    """Whether it has a body of its own."""
    return node.type in _FUNCTIONS
