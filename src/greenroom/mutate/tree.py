"""The syntax tree of one Python file, with what a node is a part of."""

import ast
from collections.abc import Iterator
from typing import TypeVar

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Node = TypeVar("_Node", bound=ast.AST)


class Tree:
    """A module's tree; finds nodes by kind, and what stands around them."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self._parents: dict[ast.AST, ast.AST] = {}
        self._nodes: list[ast.AST] = []
        for node in _in_order(module):
            self._nodes.append(node)
            for child in ast.iter_child_nodes(node):
                self._parents[child] = node

    def nodes(self, kind: type[_Node]) -> Iterator[_Node]:
        """All nodes of a kind, in the order of the text."""
        return (node for node in self._nodes if isinstance(node, kind))

    def calls(self) -> Iterator[ast.Call]:
        """All calls, in the order of the text."""
        return self.nodes(ast.Call)

    def functions(self) -> Iterator[Function]:
        """All functions and methods, also those inside others."""
        return (node for node in self._nodes if isinstance(node, _FUNCTIONS))

    def parent(self, node: ast.AST) -> ast.AST | None:
        """What a node is a direct part of; None for the module."""
        return self._parents.get(node)

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node is a part of, innermost first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that a node is, or is a part of."""
        if isinstance(node, ast.stmt):
            return node
        return next(above for above in self.around(node) if isinstance(above, ast.stmt))

    def function(self, node: ast.AST) -> Function | None:
        """The function in whose body, or whose defaults and decorators, a node stands."""
        return next((above for above in self.around(node) if isinstance(above, _FUNCTIONS)), None)

    def scope(self, node: ast.AST) -> Scope:
        """The innermost scope around a node."""
        return next((above for above in self.around(node) if isinstance(above, _SCOPES)), self.module)

    def symbol(self, node: ast.AST) -> str:
        """The qualified name of the function or class around a node, or of the node itself; empty at module level."""
        named = (ast.ClassDef, *_FUNCTIONS)
        chain = [node, *self.around(node)]
        return ".".join(reversed([above.name for above in chain if isinstance(above, named)]))

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which a statement stands, itself included."""
        above = self.parent(statement)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(above, name, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]

    def is_inside(self, node: ast.AST, kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> bool:
        """Whether a node stands inside something of a kind, without leaving its function."""
        for above in self.around(node):
            if isinstance(above, kind):
                return True
            if isinstance(above, _SCOPES):
                return False
        return False


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Depth first, as the text runs; without recursion, since generated expressions can be deep."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(ast.iter_child_nodes(current))))
