"""A function as what is compared: its words, and what of the project it touches."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from greenroom.history.definitions import Definition, definitions

_WORD = re.compile(r"\w+|[^\w\s,()'\"]")
"""Without what a formatter adds and takes away: commas, parentheses, kinds of quotes."""
_COMMENT = re.compile(r"(?:^|\s)#.*")
_LINE_END = re.compile(r"\r\n|[\n\r]")
"""As Python counts lines; `splitlines` knows further ends."""
_RUN = 3
"""Words in a row that make a shingle: long enough to be rare, short enough to survive small edits."""
_REQUESTS = frozenset(
    {"get", "post", "put", "patch", "delete", "options", "head", "websocket_connect", "fetch"}
)
_PARAMETER = re.compile(r"\{[^}]*\}|<[^>]*>|(?<=/)\d+(?=/|$)|(?<=/)[0-9a-f-]{24,}(?=/|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """One function or class of a test file."""

    path: str
    symbol: str
    line: int
    is_test: bool
    words: tuple[str, ...]
    """Of the decorators and the body, without comments and docstring."""
    shingles: Counter[tuple[str, ...]]
    touches: frozenset[str]
    """Dotted names that it imports from elsewhere, and routes: `POST /login`."""
    checks: frozenset[str]
    """What it expects: `raises ValueError`, `status 404`."""

    @property
    def name(self) -> str:
        return self.symbol.rpartition(".")[2]


def sketch_file(path: str, text: str) -> list[Sketch]:
    """The tests and helpers of a file; empty where it does not parse."""
    known = {(found.symbol, found.line): found for found in definitions(text)}
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    reader = _Reader(tree, text, path)
    found = []
    for node, symbol in _functions(tree, ""):
        definition = known.get((symbol, node.lineno)) or Definition(
            symbol, isinstance(node, ast.ClassDef), node.lineno, is_inner=False
        )
        if definition.is_test or definition.is_helper:
            found.append(reader.sketch(path, node, definition))
    return found


_Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[_Node, str]]:
    """Functions and classes outside functions, with their qualified names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Node):
            yield node, prefix + node.name
            if isinstance(node, ast.ClassDef):
                yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _functions(node, prefix)


class _Reader:
    """One file: its imports, and what its own functions touch on behalf of others."""

    def __init__(self, tree: ast.Module, text: str, path: str) -> None:
        self._lines = _LINE_END.split(text)
        self._imports = dict(_imports(tree, path.split("/")[:-1]))
        self._own = {node.name: node for node, _ in _functions(tree, "")}

    def sketch(self, path: str, node: _Node, definition: Definition) -> Sketch:
        words = tuple(_words(node, self._lines))
        touches, checks = self._seen(node, {node.name})
        return Sketch(
            path, definition.symbol, node.lineno, definition.is_test, words, _shingles(words),
            frozenset(touches), frozenset(checks),
        )  # fmt: skip

    def _seen(self, node: ast.AST, entered: set[str]) -> tuple[set[str], set[str]]:
        """What it touches itself, and through helpers and fixtures of the same file."""
        touches: set[str] = set()
        checks: set[str] = set()
        helpers: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.arg):
                helpers.add(part.arg)
            elif isinstance(part, ast.Name | ast.Attribute):
                name = _dotted(part)
                helpers.add(name.removeprefix("self.").removeprefix("cls."))
                touches.update(self._origin(name))
            elif isinstance(part, ast.Call):
                touches.update(_route(part))
                checks.update(_raised(part))
            elif isinstance(part, ast.Compare):
                checks.update(_status(part))
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                touches.update(_patched(part.value))
        for name in helpers & self._own.keys() - entered:
            entered.add(name)
            further, _ = self._seen(self._own[name], entered)
            touches |= further
        return touches, checks

    def _origin(self, name: str) -> Iterator[str]:
        head, _, rest = name.partition(".")
        if head in self._imports:
            yield f"{self._imports[head]}.{rest}".rstrip(".")


def _imports(tree: ast.Module, folders: list[str]) -> Iterator[tuple[str, str]]:
    """Local name and what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            around = folders[: len(folders) - node.level + 1] if node.level else []
            origin = [*around, node.module] if node.module else around
            for alias in node.names:
                yield alias.asname or alias.name, ".".join([*origin, alias.name])


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _words(node: _Node, lines: Sequence[str]) -> list[str]:
    """The words of decorators, parameters and body; a docstring says nothing of what is done."""
    first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
    skipped = _docstring_lines(node)
    found: list[str] = []
    for number in range(first, (node.end_lineno or first) + 1):
        if number not in skipped:
            found += _WORD.findall(_COMMENT.sub("", lines[number - 1]))
    at = found.index(node.name)
    return found[: at - 1] + found[at + 1 :]


def _docstring_lines(node: _Node) -> range:
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return range(first.lineno, (first.end_lineno or first.lineno) + 1)
    return range(0)


def _shingles(words: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    return Counter(words[at : at + _RUN] for at in range(max(1, len(words) - _RUN + 1)))


def _route(call: ast.Call) -> Iterator[str]:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _REQUESTS or not call.args:
        return
    path = _path(call.args[0])
    if path.startswith("/") and len(path) > 1:
        clean = _PARAMETER.sub("{}", path.partition("?")[0]).rstrip("/")
        yield f"{call.func.attr.upper()} {clean}"


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


_TARGET = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){1,7}")


def _patched(text: str) -> Iterator[str]:
    """`patch("app.mail.send")`: whether it names something of the project is decided by who asks."""
    if len(text) < 120 and _TARGET.fullmatch(text):
        yield text


def _raised(call: ast.Call) -> Iterator[str]:
    name = _dotted(call.func).rpartition(".")[2]
    if name in ("raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage") and call.args:
        yield f"raises {_dotted(call.args[0]).rpartition('.')[2]}"


def _status(compare: ast.Compare) -> Iterator[str]:
    if "status" in _dotted(compare.left):
        for part in compare.comparators:
            if isinstance(part, ast.Constant) and isinstance(part.value, int):
                yield f"status {part.value}"
