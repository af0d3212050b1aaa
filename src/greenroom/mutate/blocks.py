"""What a block of statements does: only tells, always leaves, binds names."""

import ast
import re
from collections.abc import Iterator

_LOGS = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success", "msg"}
)  # fmt: skip
_LOGGERS = re.compile(r"log|console|std(?:err|out)|warnings|sentry|traceback|echo", re.IGNORECASE)
_TELLING = frozenset(
    {"print", "pprint", "print_exc", "print_exception", "capture_exception", "capture_message", "record_exception",
     "secho", "echo", "set_status", "add_event", "log_exception", "log_error", "add_breadcrumb"}
)  # fmt: skip


def is_logging(node: ast.AST) -> bool:
    """A call, awaited or not, that only tells whoever operates the service."""
    node = node.value if isinstance(node, ast.Expr | ast.Await) else node
    node = node.value if isinstance(node, ast.Await) else node
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in _TELLING or (name in _LOGS and name not in ("msg", "success"))
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            return name in _TELLING or (name in _LOGS and bool(_LOGGERS.search(ast.unparse(owner))))
    return False


def does_nothing(statement: ast.stmt) -> bool:
    """`pass`, `...`, a docstring, a log line, an import or a global: nobody but an operator would miss it."""
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.If(body=body, orelse=orelse):
            return all(map(does_nothing, (*body, *orelse)))
        case ast.Expr():
            return is_logging(statement)
    return False


def leaves(block: list[ast.stmt]) -> bool:
    """Whether what stands behind a block is never reached from it, as far as statements show."""
    if not block:
        return False
    match block[-1]:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If(body=body, orelse=orelse):
            return leaves(body) and leaves(orelse)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return leaves(body)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            return leaves(final) or (
                leaves(orelse or body) and all(leaves(handler.body) for handler in handlers)
            )
        case ast.Match(cases=cases):
            return all(leaves(case.body) for case in cases) and any(
                isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None for case in cases
            )
    return False


def own(block: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes of a block, without those of functions and classes that are defined in it."""
    waiting: list[ast.AST] = list(reversed(block))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function yields."""
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own(function.body))


def bound(block: list[ast.stmt]) -> set[str]:
    """The plain names that a block assigns."""
    return {node.id for node in own(block) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def lines(block: list[ast.stmt]) -> tuple[int, ...]:
    """The lines of a block."""
    return tuple(range(block[0].lineno, (block[-1].end_lineno or block[-1].lineno) + 1))
