"""What the names of a file stand for: imported things under any alias, and variables made from them."""

import ast
from collections.abc import Iterator

from greenroom.mutate.tree import Tree

_OPTIONAL = ("Optional", "Annotated", "Final", "ClassVar", "Awaitable")
_HOPS = 6


class Names:
    """Resolves expressions to dotted names: `AsyncClient(…).get` to `httpx.AsyncClient.get`.

    A variable counts as what its first assignment, annotation or `with … as` in its scope says; `self.attribute` as what
    any method of the class assigns. Nothing is known of what other files of the project define.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._imported = dict(_imports(tree))
        self._made: dict[tuple[ast.AST, str], ast.expr] = {}
        for node in tree.nodes(ast.AST):
            self._note(node)

    def of(self, expression: ast.expr) -> str:
        """The dotted name that an expression stands for; empty where that is unknown.

        An instance is called as its class, and a call as what is called: `c.get` is `httpx.Client.get` after
        `c = httpx.Client()`.
        """
        return self._of(expression, _HOPS)

    def origin(self, expression: ast.expr) -> ast.expr | None:
        """What a variable or `self.attribute` is first assigned or annotated with; None where the file does not say."""
        match expression:
            case ast.Name(id=name):
                for above in (expression, *self._tree.around(expression)):
                    made = self._made.get((above, name))
                    if made is not None:
                        return made
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                return self._member(expression, name)
        return None

    def has(self, *libraries: str) -> bool:
        """Whether anything of one of these libraries is imported."""
        return any(name.split(".", 1)[0] in libraries for name in self._imported.values())

    def _of(self, expression: ast.expr, hops: int) -> str:
        if hops == 0:
            return ""
        match expression:
            case ast.Name(id=name):
                return self._name(expression, name, hops)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                made = self._member(expression, name)
                return self._of(made, hops - 1) if made is not None else ""
            case ast.Attribute(value=value, attr=name):
                owner = self._of(value, hops)
                return f"{owner}.{name}" if owner else ""
            case ast.Call(func=inner) | ast.Await(value=inner):
                return self._of(inner, hops)
            case ast.Subscript(value=value, slice=inner) if (
                self._of(value, hops).rpartition(".")[2] in _OPTIONAL
            ):
                return self._of(inner.elts[0] if isinstance(inner, ast.Tuple) else inner, hops)
            case ast.BinOp(left=left, op=ast.BitOr()):
                return self._of(left, hops)
            case _:
                return ""

    def _name(self, node: ast.AST, name: str, hops: int) -> str:
        for above in (node, *self._tree.around(node)):
            made = self._made.get((above, name))
            if made is not None:
                return self._of(made, hops - 1)
        return self._imported.get(name, "")

    def _member(self, node: ast.AST, name: str) -> ast.expr | None:
        for above in self._tree.around(node):
            if isinstance(above, ast.ClassDef):
                return self._made.get((above, f"self.{name}")) or self._made.get((above, name))
        return None

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._keep(target, value)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                self._keep(target, value if isinstance(value, ast.Call) else annotation)
            case ast.NamedExpr(target=target, value=value):
                self._keep(target, value)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                self._keep(target, value)
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                function = next(self._tree.around(self._tree.parent(node) or node), None)
                if function is not None:
                    self._made.setdefault((function, name), annotation)

    def _keep(self, target: ast.expr, value: ast.expr) -> None:
        match target:
            case ast.Name(id=name):
                self._made.setdefault((self._tree.scope(target), name), value)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                for above in self._tree.around(target):
                    if isinstance(above, ast.ClassDef):
                        self._made.setdefault((above, f"self.{name}"), value)
                        return


def _imports(tree: Tree) -> Iterator[tuple[str, str]]:
    for node in tree.nodes(ast.Import):
        for alias in node.names:
            first = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (first, first)
    for origin in tree.nodes(ast.ImportFrom):
        for alias in origin.names:
            yield alias.asname or alias.name, f"{'.' * origin.level}{origin.module or ''}.{alias.name}"
