"""Sources into syntax trees; the only place that knows tree-sitter, which is loaded with the first file."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Tree

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_NOT_NEWLINE = re.compile(rb"[^\n]")


class Grammar:
    """The parsers of TypeScript and of TypeScript with JSX; the latter also reads JavaScript."""

    def __init__(self) -> None:
        import tree_sitter_typescript  # noqa: PLC0415  costs 5 MB, which a project without a front end need not pay
        from tree_sitter import Language, Parser  # noqa: PLC0415

        self._typed: Parser = Parser(Language(tree_sitter_typescript.language_typescript()))
        self._with_elements: Parser = Parser(Language(tree_sitter_typescript.language_tsx()))

    def parse(self, path: str, source: bytes) -> "Tree":
        """The tree of a source as `script_of` gives it; what does not parse is an error node in it."""
        is_typed = path.endswith((".ts", ".mts", ".cts", ".vue", ".svelte"))
        return (self._typed if is_typed else self._with_elements).parse(source)


def script_of(path: str, content: bytes) -> bytes:
    """The code of a file, at its own lines and columns: of Vue and Svelte, what stands in `<script>`."""
    if not path.endswith((".vue", ".svelte")):
        return content
    found, position = b"", 0
    for match in _SCRIPT.finditer(content):
        found += _NOT_NEWLINE.sub(b" ", content[position : match.start(2)]) + match[2]
        position = match.end(2)
    return found + _NOT_NEWLINE.sub(b" ", content[position:])
