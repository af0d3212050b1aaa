"""Operators: what was written is never made to stay."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_AUTOCOMMIT = re.compile(r"""autocommit\s*=\s*True|AUTOCOMMIT|isolation_level\s*=\s*None""")
_CHANGES = re.compile(
    r"insert|update|delete|create|drop|alter|write|add|save|merge|upsert|truncate|grant", re.IGNORECASE
)
_WRITES = frozenset({"save", "create", "delete", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
                     "add", "set", "remove", "clear", "execute", "asave", "acreate", "adelete", "aupdate"})  # fmt: skip
_NOTHING = '__import__("contextlib").nullcontext()'


def drop_commit(source: Source) -> Iterator[Rewrite]:
    """`session.commit()` goes, `session.begin()` no longer commits, `transaction.atomic()` holds nothing together."""
    if _AUTOCOMMIT.search(source.text):
        return
    for statement, call in call_statements(source):
        if not isinstance(call.func, ast.Attribute) or call.args or call.keywords:
            continue
        receiver = call.func.value
        if "consumer" in last_name(receiver).lower():
            continue
        if call.func.attr == "commit" and not _is_repeated(source, statement, receiver):
            note = f"`{source.head(receiver)}` does not commit"
        elif call.func.attr == "rollback" and _is_used_on(source, statement, receiver):
            note = f"`{source.head(receiver)}` does not roll back"
        else:
            continue
        yield Rewrite(node=statement, edits=(source.replaced(statement, "pass"),), note=note)
    yield from _transactions(source)


def _transactions(source: Source) -> Iterator[Rewrite]:
    for block in source.nodes(ast.stmt):
        if not isinstance(block, ast.With | ast.AsyncWith):
            continue
        for item in block.items:
            text = _loosened(source, item, block)
            if text:
                yield Rewrite(
                    node=item.context_expr,
                    edits=(source.replaced(item.context_expr, text),),
                    note=f"`{source.head(item.context_expr)}` is no transaction",
                    lines=(item.context_expr.lineno,),
                )


def _loosened(source: Source, item: ast.withitem, block: ast.With | ast.AsyncWith) -> str:
    """What stands instead of a transaction; empty for anything else."""
    call = item.context_expr
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return ""
    if source.names.of(call.func) == "django.db.transaction.atomic":
        return _NOTHING if _writes(block.body) > 1 else ""
    if call.func.attr != "begin" or call.args:
        return ""
    owner = last_name(call.func.value).lower()
    if item.optional_vars is not None:
        writes = any(_CHANGES.search(source.code(each)) for each in block.body)
        return f"{source.code(call.func.value)}.connect()" if "engine" in owner and writes else ""
    return _NOTHING if "session" in owner or owner in ("db", "s") else ""


def _writes(body: list[ast.stmt]) -> int:
    return sum(isinstance(node, ast.Call) and last_name(node) in _WRITES for node in blocks.own(body))


def _is_repeated(source: Source, statement: ast.stmt, receiver: ast.expr) -> bool:
    """Whether the same session commits once more on the way on, so that this commit is not missed."""
    text = ast.unparse(receiver)
    before: ast.stmt = statement
    while True:
        block = source.block(before)
        following = block[block.index(before) + 1 :]
        if any(_commits(each, text) for each in following):
            return True
        above = source.parent(before)
        if blocks.leaves(block) or not isinstance(
            above, ast.If | ast.Try | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith
        ):
            return False
        before = above


def _commits(statement: ast.stmt, text: str) -> bool:
    """Whether a statement always commits, on whatever way it is left."""
    match statement:
        case ast.Expr(value=ast.Call(func=func)) | ast.Expr(value=ast.Await(value=ast.Call(func=func))):
            return (
                isinstance(func, ast.Attribute) and func.attr == "commit" and ast.unparse(func.value) == text
            )
        case ast.With(body=body) | ast.AsyncWith(body=body) | ast.Try(body=body):
            return any(_commits(each, text) for each in body)
    return False


def _is_used_on(source: Source, statement: ast.stmt, receiver: ast.expr) -> bool:
    """Whether the session does something after the rollback: its end alone would roll back, too."""
    function = source.function(statement)
    if function is None:
        return False
    if blocks.leaves(source.block(statement)) and not isinstance(source.block(statement)[-1], ast.Continue):
        within = source.block(statement)
        return _uses(within[within.index(statement) + 1 :], receiver)
    later = [
        each
        for each in blocks.own(function.body)
        if isinstance(each, ast.stmt) and each.lineno > statement.lineno
    ]
    in_loop = source.is_inside(statement, (ast.For, ast.AsyncFor, ast.While))
    loop = next(
        (each for each in source.around(statement) if isinstance(each, ast.For | ast.AsyncFor | ast.While)),
        None,
    )
    if in_loop and loop is not None and not _is_made_in(loop, receiver):
        return True
    return _uses(later, receiver)


def _is_made_in(loop: ast.AST, receiver: ast.expr) -> bool:
    """Whether each turn of a loop has a session of its own."""
    text = ast.unparse(receiver)
    return any(
        isinstance(node, ast.Name | ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and ast.unparse(node) == text
        for node in ast.walk(loop)
    )


def _uses(statements: list[ast.stmt], receiver: ast.expr) -> bool:
    text = ast.unparse(receiver)
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                owner = node.func.value if isinstance(node.func, ast.Attribute) else None
                named = owner is not None and ast.unparse(owner) == text
                if named and last_name(node) not in ("close", "rollback", "aclose", "remove", "expunge_all"):
                    return True
                if any(ast.unparse(each) == text for each in node.args):
                    return True
    return False


DROP_COMMIT = Operator(
    key="P7",
    name="drop-commit",
    summary="a transaction is not committed, not rolled back, or holds nothing together",
    consequence="users are told that their data was saved, and it is gone with the next request",
    noticed_by="an assertion that reads what was written through another connection than the one that wrote it",
    weight=5,
    seed=drop_commit,
    first_rank=True,
)
