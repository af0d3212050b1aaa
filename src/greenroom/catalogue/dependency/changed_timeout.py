"""Operators: a time limit that is far too long, or that begins anew with each attempt."""

import ast
import re
from collections.abc import Iterator

from greenroom.catalogue.dependency.dropped_timeout import awaited_limits, requested_limits
from greenroom.model.operator import Operator, Symptom
from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_NAMED = re.compile(r"(?<!session)(?:^|_)timeout(?:_s|_sec|_seconds)?$", re.IGNORECASE)
_LONGEST = 600
_CLOCKS = ("time.time", "time.monotonic", "time.perf_counter")


def longer_timeout(source: Source) -> Iterator[Rewrite]:
    """`timeout=5` becomes `timeout=5000`: milliseconds where seconds are meant."""
    limits = [keyword.value for _, keyword in requested_limits(source)]
    limits += [limit for _, limit in awaited_limits(source)]
    limits += _constants(source)
    for limit in limits:
        if isinstance(limit, ast.Constant) and isinstance(limit.value, int | float) and _is_time(limit.value):
            instead = f"{limit.value * 1000:g}" if isinstance(limit.value, float) else str(limit.value * 1000)
            yield Rewrite(
                node=limit,
                edits=(source.replaced(limit, instead),),
                note=f"a limit of {limit.value} s is one of {instead} s",
            )


def reset_deadline(source: Source) -> Iterator[Rewrite]:
    """`deadline - monotonic()` becomes the whole time that there was at the beginning."""
    for node in source.nodes(ast.BinOp):
        function = source.function(node)
        if function is None or not isinstance(node.op, ast.Sub) or not _is_now(source, node.right):
            continue
        total = _total(source, function, node.left)
        if isinstance(total, ast.Name | ast.Attribute | ast.Constant) and _is_repeated(source, node):
            yield Rewrite(
                node=node,
                edits=(source.replaced(node, source.code(total)),),
                note=f"each attempt may take all of `{source.code(total)}`",
            )


def _constants(source: Source) -> Iterator[ast.expr]:
    """`READ_TIMEOUT = 5`, in a module or a class."""
    for node in source.nodes(ast.stmt):
        if isinstance(source.scope(node), ast.Module | ast.ClassDef):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if _NAMED.search(name):
                    yield value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _NAMED.search(
                    name
                ):
                    yield value


def _is_time(value: float) -> bool:
    """Seconds: what is very large already is given in a smaller unit."""
    return not isinstance(value, bool) and 0 < value <= _LONGEST


def _total(source: Source, function: Function, deadline: ast.expr) -> ast.expr | None:
    """The `total` of `deadline = monotonic() + total`."""
    if not isinstance(deadline, ast.Name):
        return None
    for node in blocks.own(function.body):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=deadline.id)], value=ast.BinOp(op=ast.Add(), left=left, right=right)
            ):
                if _is_now(source, left):
                    return right
                return left if _is_now(source, right) else None
    return None


def _is_repeated(source: Source, node: ast.AST) -> bool:
    """Where it is worked out once, at the start, it is the same; so it is where something shorter limits it, too."""
    above = source.parent(node)
    while isinstance(above, ast.Call) and last_name(above.func) in ("min", "max"):
        if last_name(above.func) == "min":
            return False
        above = source.parent(above)
    return source.is_inside(node, (ast.For, ast.AsyncFor, ast.While))


def _is_now(source: Source, expression: ast.expr) -> bool:
    match expression:
        case ast.Call(func=ast.Attribute(value=owner, attr="time"), args=[]):
            return source.names.of(expression) in _CLOCKS or "loop" in ast.unparse(owner)
        case ast.Call(args=[]):
            return source.names.of(expression) in _CLOCKS
    return False


TIMEOUT_UNITS = Operator(
    key="T3",
    name="timeout-units",
    summary="a time limit is a thousand times what was meant",
    consequence="a slow upstream holds its callers for an hour and more, as if there were no limit",
    noticed_by="a test in which the other side stays silent, and which asserts that an answer comes in time",
    weight=3,
    seed=longer_timeout,
    symptom=Symptom.HANG,
)
DEADLINE_RESET = Operator(
    key="T4",
    name="deadline-reset",
    summary="each attempt is given the whole time again",
    consequence="retries go on long after the caller has given up, and keep a busy service busy",
    noticed_by="a test in which each attempt is slow, and which asserts how long all of them take together",
    weight=3,
    seed=reset_deadline,
    symptom=Symptom.HANG,
)
