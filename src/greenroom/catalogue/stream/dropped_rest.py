"""Operator: what is left in the buffer when a stream ends is thrown away."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_Loop = ast.For | ast.AsyncFor | ast.While
_EMPTIES = frozenset({"clear", "truncate", "seek"})


def drop_rest(source: Source) -> Iterator[Rewrite]:
    """`if buffer: yield buffer` behind the loop that fills and empties the buffer is never true."""
    for loop in source.nodes(ast.stmt):
        if not isinstance(loop, _Loop):
            continue
        buffers = _filled(loop) & _emptied(loop)
        block = source.block(loop)
        for statement in block[block.index(loop) + 1 :]:
            found = _flushed(statement, buffers)
            if isinstance(statement, ast.If) and found:
                yield Rewrite(
                    node=statement,
                    edits=(source.replaced(statement.test, "False"),),
                    note=f"what is left in `{found}` is lost",
                    lines=blocks.lines(statement.body),
                )
                break


def _filled(loop: _Loop) -> set[str]:
    """What grows by each turn: `buffer += chunk`, `batch.append(row)`."""
    found = set()
    for node in blocks.own(loop.body):
        match node:
            case ast.AugAssign(target=ast.Name() | ast.Attribute() as target, op=ast.Add()):
                found.add(ast.unparse(target))
            case ast.Call(func=ast.Attribute(value=value, attr="append" | "extend" | "write" | "add")):
                found.add(ast.unparse(value))
            case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Add())) if _same(
                target, left
            ):
                found.add(ast.unparse(target))
    return found


def _emptied(loop: _Loop) -> set[str]:
    """What is handed on now and then, and begins anew."""
    found = set()
    for node in blocks.own(loop.body):
        match node:
            case ast.Assign(targets=targets, value=value) if not isinstance(value, ast.BinOp):
                for target in targets:
                    parts = target.elts if isinstance(target, ast.Tuple) else [target]
                    found |= {ast.unparse(part) for part in parts}
            case ast.Call(func=ast.Attribute(value=value, attr=action)) if action in _EMPTIES:
                found.add(ast.unparse(value))
    return found


def _flushed(statement: ast.stmt, buffers: set[str]) -> str:
    """The buffer that a statement hands on if there is something in it."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return ""
    for name in sorted(buffers):
        if _asks_for(statement.test, name) and _hands_on(statement.body, name):
            return name
    return ""


def _asks_for(test: ast.expr, name: str) -> bool:
    """`if buffer`, `if buffer.strip()`, `if len(buffer) > 0`, `if buffer and …`."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return any(_asks_for(each, name) for each in values)
        case ast.Call(func=ast.Attribute(value=value)):
            return ast.unparse(value) == name
        case ast.Call(func=ast.Name(id="len"), args=[value]):
            return ast.unparse(value) == name
        case ast.Compare(left=left, ops=[ast.Gt() | ast.NotEq()]):
            return _asks_for(left, name)
    return ast.unparse(test) == name


def _hands_on(body: list[ast.stmt], name: str) -> bool:
    """A yield, a call or a return that is given the buffer; not a raise, and not only a log."""
    for statement in body:
        if blocks.does_nothing(statement) or isinstance(statement, ast.Raise):
            continue
        for node in ast.walk(statement):
            given: list[ast.expr | None] = []
            match node:
                case ast.Yield(value=value) | ast.Return(value=value):
                    given = [value]
                case ast.Call(args=args, keywords=keywords, func=func):
                    given = [*args, *(each.value for each in keywords)]
                    given += [func.value] if isinstance(func, ast.Attribute) else []
            if any(each is not None and name in _texts(each) for each in given):
                return True
    return False


def _texts(expression: ast.expr) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(expression) if isinstance(node, ast.Name | ast.Attribute)}


def _same(one: ast.expr, other: ast.expr) -> bool:
    return ast.unparse(one) == ast.unparse(other)


DROP_REST = Operator(
    key="S3",
    name="drop-rest",
    summary="what is left in a buffer at the end of a stream is thrown away",
    consequence="the last words of an answer, or the last rows of an import, are missing, and nothing says so",
    noticed_by="a test whose input does not end where the buffer does, and which asserts the last piece",
    weight=4,
    seed=drop_rest,
)
