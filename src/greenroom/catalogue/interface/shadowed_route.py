"""Operator: what is registered first wins, and now it is the other one."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.endpoints import route_decorators
from greenroom.mutate.expressions import call_statements, last_name, names_in
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_ASKS = re.compile(r"auth|session|rate|limit|csrf|token|tenant|security|permission|block", re.IGNORECASE)
_PLAIN = re.compile(r"[\w\-./~]*")


def shadow(source: Source) -> Iterator[Rewrite]:
    """`/users/{id}` comes before `/users/me`; a middleware that refuses comes outside the one that adds CORS headers."""
    functions = [each for each in source.functions() if not isinstance(source.parent(each), ast.ClassDef)]
    for number, first in enumerate(functions):
        second = next((each for each in functions[number + 1 :] if _shadows(source, each, first)), None)
        if second is not None and _can_move(source, first, second):
            yield Rewrite(
                node=first,
                edits=(
                    source.replaced(first, source.code(second)),
                    source.replaced(second, source.code(first)),
                ),
                note=f"`{second.name}` answers what `{first.name}` should",
                lines=blocks.lines(first.body),
            )
    yield from _of_django(source)
    yield from _of_middleware(source)


def _shadows(source: Source, second: Function, first: Function) -> bool:
    """Whether the second, were it registered first, would take the first's requests."""
    if source.parent(first) is not source.parent(second):
        return False
    ones, others = route_decorators(first), route_decorators(second)
    if len(ones) != 1 or len(others) != 1:
        return False
    one, other = ones[0], others[0]
    path, pattern = _path(one), _path(other)
    if path is None or pattern is None or not _PLAIN.fullmatch(path) or "{" not in pattern or "<" in pattern:
        return False
    return ast.unparse(one.func) == ast.unparse(other.func) and _matches(pattern, path)


def _path(decorator: ast.Call) -> str | None:
    match decorator.args[:1]:
        case [ast.Constant(value=str(path))]:
            return path
    return None


def _matches(pattern: str, path: str) -> bool:
    parts = re.split(r"\{([^}]*)\}", pattern)
    expression = "".join(
        re.escape(part) if number % 2 == 0 else _converter(part.partition(":")[2])
        for number, part in enumerate(parts)
    )
    return re.fullmatch(expression, path) is not None


def _converter(name: str) -> str:
    if name in ("int", "float", "uuid"):
        return r"\d+"
    if name == "path":
        return ".*"
    return "[^/]+" if not name else "(?!)"


def _can_move(source: Source, first: Function, second: Function) -> bool:
    """Whether the second's decorators, defaults and annotations need nothing that is defined after the first."""
    needed = names_in(*second.decorator_list, second.args, *([second.returns] if second.returns else []))
    block = source.block(first)
    if second not in block:
        return False
    between = block[block.index(first) : block.index(second)]
    bound = {name for each in between for name in _bound(each)}
    return not needed & bound


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    return blocks.bound([statement])


def _of_django(source: Source) -> Iterator[Rewrite]:
    """`path("new/", …)` before `path("<slug>/", …)`: the first match answers."""
    for node in source.nodes(ast.List):
        calls = [
            each
            for each in node.elts
            if isinstance(each, ast.Call) and last_name(each.func) == "path" and each.args
        ]
        for number, first in enumerate(calls):
            path = _path(first)
            if path is None or not _PLAIN.fullmatch(path) or _includes(first):
                continue
            second = next((each for each in calls[number + 1 :] if _takes(each, path)), None)
            if second is not None:
                yield Rewrite(
                    node=first,
                    edits=(
                        source.replaced(first, source.code(second)),
                        source.replaced(second, source.code(first)),
                    ),
                    note=f"`{source.head(second)}` answers for `{path}`",
                    lines=tuple(range(first.lineno, (first.end_lineno or first.lineno) + 1)),
                )


def _takes(call: ast.Call, path: str) -> bool:
    pattern = _path(call)
    if pattern is None or "<" not in pattern or _includes(call):
        return False
    parts = re.split(r"<([^>]*)>", pattern)
    kinds = {"": "[^/]+", "str": "[^/]+", "slug": r"[-\w]+", "path": ".+", "int": r"\d+"}
    text = "".join(
        re.escape(part) if number % 2 == 0 else kinds.get(part.rpartition(":")[0], "(?!)")
        for number, part in enumerate(parts)
    )
    return re.fullmatch(text, path) is not None


def _includes(call: ast.Call) -> bool:
    return any(isinstance(node, ast.Call) and last_name(node.func) == "include" for node in call.args)


def _of_middleware(source: Source) -> Iterator[Rewrite]:
    """What is added last is outermost: who refuses a request outside of CORS is not understood by the browser."""
    added = [
        (statement, call)
        for statement, call in call_statements(source)
        if last_name(call.func) == "add_middleware"
    ]
    for (first, inner), (second, outer) in pairwise(added):
        block = source.block(first)
        follows = second in block and block.index(second) == block.index(first) + 1
        kinds = [last_name(call.args[0]) if call.args else "" for call in (inner, outer)]
        if follows and kinds[1] == "CORSMiddleware" and _ASKS.search(kinds[0]):
            yield Rewrite(
                node=first,
                edits=(
                    source.replaced(first, source.code(second)),
                    source.replaced(second, source.code(first)),
                ),
                note=f"`{kinds[0]}` refuses without CORS headers",
            )


SHADOW = Operator(
    key="W2",
    name="shadow-route",
    summary="a route or a middleware is registered in another order",
    consequence="another page answers, mostly with an error, or a browser does not understand that it must log in",
    noticed_by="a test that requests the path through the application, and asserts what only the right page answers",
    weight=4,
    seed=shadow,
)
