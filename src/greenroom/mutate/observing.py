"""Values that nobody but an operator ever sees: they go to logs and metrics, and nowhere else."""

import ast

from greenroom.mutate import blocks
from greenroom.mutate.tree import Function, Tree

_MEASURES = frozenset(
    {"observe", "inc", "timing", "gauge", "histogram", "set_attribute", "set_tag", "add_metric"}
)
_PURE = frozenset(
    {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "process_time", "timedelta", "total_seconds",
     "isoformat", "strftime", "round", "int", "float", "str", "len", "repr", "format", "max", "min", "replace"}
)  # fmt: skip
"""Calls that change nothing, wait for nothing, and do not fail."""
_HOPS = 4


def only_observes(tree: Tree, node: ast.AST) -> bool:
    """Whether a node is a part of a statement that computes something for logs and metrics alone, and has no effect beside."""
    function = tree.function(node)
    if isinstance(node, ast.stmt | ast.ExceptHandler) or function is None:
        return False
    return _is_for_operators(tree, function, tree.statement(node), _HOPS)


def _is_for_operators(tree: Tree, function: Function, statement: ast.stmt, hops: int) -> bool:
    match statement:
        case ast.Expr(value=ast.Call() as call) if _tells(statement):
            return _is_pure(*call.args, *(each.value for each in call.keywords))
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if hops and _is_pure(value):
            uses = [
                each
                for each in ast.walk(function)
                if isinstance(each, ast.Name) and each.id == name and not isinstance(each.ctx, ast.Store)
            ]
            return bool(uses) and all(
                tree.function(each) is function
                and _is_for_operators(tree, function, tree.statement(each), hops - 1)
                for each in uses
            )
    return False


def _tells(statement: ast.Expr) -> bool:
    match statement.value:
        case ast.Call(func=ast.Attribute(attr=name)) if name in _MEASURES:
            return True
    return blocks.is_logging(statement)


def _is_pure(*parts: ast.expr) -> bool:
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr):
                return False
            if isinstance(node, ast.Call) and _called(node) not in _PURE:
                return False
    return True


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
