"""What a Python file is to others: what its import runs, which names lead into it, and which words it says."""

import ast
import builtins
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_HARMLESS = frozenset(
    {"abc", "collections", "contextlib", "dataclasses", "enum", "functools", "typing", "typing_extensions"}
)
"""Modules whose decorators and base classes pass nothing on that they are given."""
_TESTING = frozenset({"pytest", "unittest", "unittest.mock"})
_MARKS = re.compile(r"\b(mark|param|fixture|patch)\b")
_ACCESSORS = frozenset({"setter", "getter", "deleter"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One file."""

    surface: str
    """Digest of all that its import runs: everything but the bodies of functions."""
    effects: str
    """Digest of the same without imports and plain definitions, which matter to nobody who does not name them."""
    own: frozenset[str]
    """Names that it binds at its top, by other means than an import."""
    aliases: frozenset[str]
    """Names that it gives to what it imports."""
    imports: frozenset[tuple[str, str]]
    """What plain imports at its top name: a module, and what is taken out of it."""
    words: frozenset[str]
    """All that it says, in code, strings and comments."""
    classes: tuple[tuple[str, tuple[str, ...]], ...]
    """Of each class that its import makes, the names of bases that may be the project's."""
    hands_out: bool
    """Whether its import gives what it defines to somebody who was never told its name: a registry, a framework."""


def read_shape(text: str) -> Shape:
    """Read a file.

    Raises:
        SyntaxError, ValueError, RecursionError: it is no Python of this version.
    """
    tree = ast.parse(text)
    nodes = list(_at_import(tree))
    origins = _origins(nodes)
    own = frozenset(_bound(tree))
    defined = {
        node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    hands_out = any(_passes_on(node, origins) for node in nodes) or not (own & defined).isdisjoint(
        _loaded(tree)
    )
    classes = tuple(
        (node.name, tuple(_doubtful_bases(node, origins))) for node in nodes if isinstance(node, ast.ClassDef)
    )
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            _empty(node)
    return Shape(
        surface=_digest(tree.body),
        effects=_digest(each for each in tree.body if not _is_plain(each, origins)),
        own=own,
        aliases=frozenset(name for name, origin in origins.items() if origin.rpartition(".")[2] != name),
        imports=frozenset(_imports(tree.body)),
        words=frozenset(_WORD.findall(text)),
        classes=classes,
        hands_out=hands_out,
    )


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs at import; of a function, all but its body."""
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield each
                yield from _at_import(each)


def _origins(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Of each name that an import binds: what it is, as `functools.cache`."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {each.asname or each.name.partition(".")[0]: each.name if each.asname else each.name.partition(".")[0]
                      for each in node.names}  # fmt: skip
        elif isinstance(node, ast.ImportFrom):
            found |= {each.asname or each.name: f"{node.module or ''}.{each.name}" for each in node.names}
    return found


def _imports(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), each.name) for each in node.names)


def _bound(node: ast.AST) -> Iterator[str]:
    """Names of the module itself: not those of its classes and functions."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield each.name
            continue
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id
        yield from _bound(each)


def _loaded(node: ast.AST) -> Iterator[str]:
    """Names that the import looks up, other than in annotations, decorators and as base classes."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        if name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                yield each.id
            elif isinstance(each, ast.AST):
                yield from _loaded(each)


def _passes_on(node: ast.AST, origins: Mapping[str, str]) -> bool:
    """Whether this hands a function or class to somebody: a decorator, a call for its effect, a place in what others hold."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await):
        return not all(map(_says_nothing, ast.walk(node.value)))
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return not all(_is_harmless(each, origins) for each in node.decorator_list)
    return isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)


def _says_nothing(node: ast.AST) -> bool:
    """Whether it is no argument that somebody might keep."""
    return not isinstance(node, ast.Call) or all(
        isinstance(each, ast.Constant) for each in (*node.args, *(word.value for word in node.keywords))
    )


def _is_harmless(node: ast.expr, origins: Mapping[str, str]) -> bool:
    """A decorator or base class of Python itself that keeps no list."""
    if isinstance(node, ast.Call | ast.Subscript):
        return _is_harmless(node.func if isinstance(node, ast.Call) else node.value, origins)
    if isinstance(node, ast.Attribute):
        return node.attr in _ACCESSORS or (
            isinstance(node.value, ast.Name) and origins.get(node.value.id, "") in _HARMLESS
        )
    if not isinstance(node, ast.Name):
        return False
    origin = origins.get(node.id)
    return hasattr(builtins, node.id) if origin is None else origin.rpartition(".")[0] in _HARMLESS


def _doubtful_bases(node: ast.ClassDef, origins: Mapping[str, str]) -> Iterator[str]:
    """Names of base classes that are not Python's own; `metaclass` and the like are as no base that is known."""
    yield from ("" for _ in node.keywords)
    for base in node.bases:
        if not _is_harmless(base, origins):
            inner = base.value if isinstance(base, ast.Subscript) else base
            name = inner.id if isinstance(inner, ast.Name) else getattr(inner, "attr", "")
            origin = origins.get(name, "")
            yield origin.rpartition(".")[2] or name
    if any(isinstance(each, ast.FunctionDef) and each.name == "__init_subclass__" for each in node.body):
        yield ""


def _empty(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Of its body, leave what its import shows: the docstring, and whether it is a generator."""
    body: list[ast.stmt] = [
        ast.Expr(ast.Constant(any(isinstance(each, ast.Yield | ast.YieldFrom) for each in _own(node))))
    ]
    docstring = ast.get_docstring(node, clean=False)
    node.body = [ast.Expr(ast.Constant(docstring)), *body]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    for each in ast.iter_child_nodes(node):
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield each
            yield from _own(each)


def _is_plain(node: ast.stmt, origins: Mapping[str, str]) -> bool:
    """Whether it only binds names of its own module: constants, imports, tests."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(node, ast.Assign):
        named = all(isinstance(each, ast.Name) and not each.id.startswith("pytest") for each in node.targets)
        return named and _is_constant(node.value, origins)
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        annotations = [each for each in ast.walk(node.args) if isinstance(each, ast.Call)]
        return (
            all(_is_constant(each, origins) for each in (*node.decorator_list, *defaults)) and not annotations
        )
    if isinstance(node, ast.ClassDef):
        known = all(
            _is_constant(each, origins) or _is_harmless(each, origins)
            for each in (*node.bases, *node.decorator_list)
        )
        return known and not node.keywords and all(_is_plain(each, origins) for each in node.body)
    return False


def _is_constant(node: ast.expr, origins: Mapping[str, str]) -> bool:
    """Whether it calls nothing but pytest's marks, and looks nothing up but there."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and not (
            _is_pytest(each.func, origins) and _MARKS.search(ast.unparse(each.func))
        ):
            return False
        if isinstance(each, ast.Name | ast.Attribute) and not _is_pytest(each, origins):
            return False
        if isinstance(
            each, ast.BinOp | ast.JoinedStr | ast.Await | ast.NamedExpr | ast.comprehension | ast.Subscript
        ):
            return False
    return True


def _is_pytest(node: ast.expr, origins: Mapping[str, str]) -> bool:
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return isinstance(node, ast.Name) and origins.get(node.id, "").partition(".")[0] in _TESTING


def _digest(nodes: Iterable[ast.stmt]) -> str:
    return hashlib.sha256("\n".join(map(ast.dump, nodes)).encode("utf-8", "surrogatepass")).hexdigest()[:20]
