"""YAML with the lines on which things stand."""

from typing import Any, NamedTuple

from greenroom.project.files.notations import parse_yaml

_DEEPEST = 60


class Tree(NamedTuple):
    """A value of a document."""

    value: Any
    """`str` (as written; empty for null), a list of trees, or a dictionary of trees by key."""
    line: int
    """1-based; of an entry of a mapping, the line of its key."""

    @property
    def text(self) -> str:
        """A scalar as written; empty for anything else."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def items(self) -> "list[Tree]":
        """Of a list; nothing for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def entries(self) -> "dict[str, Tree]":
        """Of a mapping; nothing for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, *keys: str) -> "Tree":
        """What stands under the keys; an empty scalar where nothing does."""
        found = self
        for key in keys:
            found = found.entries.get(key, Tree("", found.line))
        return found

    @property
    def listed(self) -> "list[Tree]":
        """A list, or one scalar for itself."""
        return self.items or ([self] if self.text else [])


def read_trees(text: str) -> list[Tree]:
    """The documents of a YAML file; none where it does not parse, as a template does not."""
    try:
        return [_tree(node, node.start_mark.line + 1, 0) for node in parse_yaml(text)]
    except ValueError:
        return []


def _tree(node: Any, line: int, depth: int) -> Tree:
    if node.id == "scalar" or depth > _DEEPEST:
        empty = node.id != "scalar" or str(node.tag).endswith(":null")
        return Tree("" if empty else str(node.value), line)
    if node.id == "sequence":
        return Tree([_tree(part, part.start_mark.line + 1, depth + 1) for part in node.value], line)
    found: dict[str, Tree] = {}
    for key, value in node.value:
        if key.id == "scalar" and key.value == "<<":
            for part in value.value if value.id == "sequence" else [value]:
                for name, tree in _tree(part, line, depth + 1).entries.items():
                    found.setdefault(name, tree)
    for key, value in node.value:
        if key.id == "scalar" and key.value != "<<":
            found[key.value] = _tree(value, key.start_mark.line + 1, depth + 1)
    return Tree(found, line)
