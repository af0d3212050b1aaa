"""Operator: an answer that says that it is an error is taken for data."""

import ast
from collections.abc import Iterator

from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_STATUS = frozenset({"status_code", "status", "ok", "is_success", "is_error", "is_client_error", "is_server_error",
                     "raise_for_status"})  # fmt: skip
_NEAR = 3
"""Statements in front of and behind the check in which a second one is looked for."""


def ignore_status(source: Source) -> Iterator[Rewrite]:
    """`response.raise_for_status()` goes; what it was called on stays where it does something."""
    for call in source.calls():
        match call:
            case ast.Call(func=ast.Attribute(value=answer, attr="raise_for_status"), args=[], keywords=[]):
                statement = source.statement(call)
                if _is_checked_again(source, statement, answer):
                    continue
                yield _without_check(source, call, statement, answer)
            case ast.Call(func=ast.Name() | ast.Attribute(), keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "raise_for_status" and ast.unparse(keyword.value) == "True":
                        yield Rewrite(
                            node=keyword.value,
                            edits=(source.replaced(keyword.value, "False"),),
                            note="the status of the answer is not looked at",
                        )


def _without_check(source: Source, call: ast.Call, statement: ast.stmt, answer: ast.expr) -> Rewrite:
    stands_alone = isinstance(statement, ast.Expr) and statement.value is call
    if stands_alone and not any(isinstance(each, ast.Call) for each in ast.walk(answer)):
        edit = source.replaced(statement, "pass")
    else:
        dot = source.text.rindex(".", source.end(answer), source.end(call))
        edit = Edit(start=dot, end=source.end(call), text="")
    return Rewrite(node=call, edits=(edit,), note=f"the status of `{ast.unparse(answer)}` is not looked at")


def _is_checked_again(source: Source, statement: ast.stmt, answer: ast.expr) -> bool:
    block = source.block(statement)
    at = block.index(statement)
    around = (*block[max(0, at - _NEAR) : at], *block[at + 1 : at + 1 + _NEAR])
    said = ast.unparse(answer)
    return any(
        isinstance(node, ast.Attribute) and node.attr in _STATUS and ast.unparse(node.value) == said
        for each in around
        for node in ast.walk(each)
    )


NO_RAISE_FOR_STATUS = Operator(
    key="E10",
    name="raise-for-status-gone",
    summary="the status of an answer is no longer looked at",
    consequence="the error page of an upstream is read as data, stored or shown, and its failure is told as success",
    noticed_by="a test in which the other side answers 500, and which asserts what the caller does then",
    weight=4,
    seed=ignore_status,
    first_rank=True,
)
