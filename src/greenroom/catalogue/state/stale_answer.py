"""Operators: what is out of date, or an error, is given out as the truth."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator
from greenroom.mutate.blocks import does_nothing
from greenroom.mutate.caches import is_cache
from greenroom.mutate.excepts import handlers
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_AGE = re.compile(
    r"time\(\)|monotonic\(\)|now\(|expire|ttl|fresh|stale|\bage\b|max_age|timestamp", re.IGNORECASE
)
_KEPT = re.compile(r"cache|(?:^|[._])last_|memo|snapshot", re.IGNORECASE)
_STATUS = re.compile(r"\.(?:status_code|ok|is_success|is_error)\b|\.status [!=<>]=? ?\d")
_SUCCESS = re.compile(
    r"(?:^|and )\w+(?:\.\w+)*(?:\.ok|\.is_success|\.status(?:_code)? (?:== 200|< [34]00))(?:$| and)"
)
_STORES = frozenset({"set", "setex", "put", "add", "aset", "store", "set_many"})


def serve_stale(source: Source) -> Iterator[Rewrite]:
    """The age of what is kept is not looked at; a handler gives out what is kept, as if nothing had happened."""
    for test in source.nodes(ast.If):
        part = _age(test) if _gives_kept(test.body) else None
        if part is not None and isinstance(test.test, ast.BoolOp):
            rest = [source.code(each) for each in test.test.values if each is not part]
            yield Rewrite(
                node=test.test,
                edits=(source.replaced(test.test, " and ".join(rest)),),
                note=f"`{source.code(part)}` is not asked",
                lines=(test.lineno,),
            )
    for handler in handlers(source):
        kept = _kept(source, handler.function) if handler.raises_again else None
        if kept is not None:
            yield Rewrite(
                node=handler.node,
                edits=(source.replaced(handler.body[-1], f"return {kept}"),),
                note=f"`{kept}` is returned when the call failed",
                lines=handler.lines,
            )


def cache_errors(source: Source) -> Iterator[Rewrite]:
    """An answer is kept first, and its status looked at afterwards; or it is kept whatever the status."""
    for test in source.nodes(ast.If):
        if _SUCCESS.search(ast.unparse(test.test)) and any(_is_store(source, each) for each in test.body):
            yield Rewrite(
                node=test.test,
                edits=(source.replaced(test.test, "True"),),
                note="the answer is kept whatever its status",
                lines=(test.lineno,),
            )
    for check in source.nodes(ast.stmt):
        if not _is_check(check):
            continue
        block = source.block(check)
        at = block.index(check)
        for number, store in enumerate(block[at + 1 :], at + 1):
            if _is_store(source, store):
                yield _swapped(source, check, block[at + 1], store)
                break
            if not isinstance(store, ast.Assign | ast.AnnAssign | ast.Expr) or number > at + 4:
                break


def _age(test: ast.If) -> ast.expr | None:
    """The only part of the condition that asks how old it is."""
    match test.test:
        case ast.BoolOp(op=ast.And(), values=values):
            asked = [each for each in values if _AGE.search(ast.unparse(each))]
            return asked[0] if len(asked) == 1 else None
    return None


def _gives_kept(body: list[ast.stmt]) -> bool:
    match body[-1]:
        case ast.Return(value=ast.expr() as value):
            return bool(_KEPT.search(ast.unparse(value)))
    return False


def _kept(source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """What the function itself gives out when it need not ask."""
    for node in ast.walk(function):
        match node:
            case ast.Return(value=ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) as value):
                if _KEPT.search(name):
                    return source.code(value)
    return None


def _is_check(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="raise_for_status"))):
            return True
        case ast.If(test=test, body=[*before, ast.Raise() | ast.Return()], orelse=[]):
            return all(map(does_nothing, before)) and bool(_STATUS.search(ast.unparse(test)))
    return False


def _is_store(source: Source, statement: ast.stmt) -> bool:
    match statement:
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=name)))
            | ast.Expr(value=ast.Await(value=ast.Call(func=ast.Attribute(value=owner, attr=name))))
        ):
            return name in _STORES and is_cache(source, owner)
        case ast.Assign(targets=[ast.Subscript(value=owner)]):
            return is_cache(source, owner)
        case ast.Assign(targets=[ast.Attribute(attr=name)]):
            return "cache" in name.lower()
    return False


def _swapped(source: Source, check: ast.stmt, following: ast.stmt, store: ast.stmt) -> Rewrite:
    moved = f"\n{source.indent(check)}{source.code(check)}"
    return Rewrite(
        node=store,
        edits=(
            Edit(start=source.start(check), end=source.start(following), text=""),
            Edit(start=source.end(store), end=source.end(store), text=moved),
        ),
        note="the answer is kept before its status is looked at",
    )


STALE_ON_ERROR = Operator(
    key="C4",
    name="stale-on-error",
    summary="what is kept is given out without a look at its age, or in place of an error",
    consequence="users act on what was true an hour ago, and nobody learns that the source has been down since",
    noticed_by="a test that lets the entry grow old or the source fail, and asserts what the caller gets then",
    weight=3,
    seed=serve_stale,
)
CACHE_ERRORS = Operator(
    key="C5",
    name="cache-errors",
    summary="an answer is kept whatever its status",
    consequence="one error of an upstream is shown to everybody for as long as the cache lasts",
    noticed_by="a test in which the other side fails once, and which asserts that the next call asks again",
    weight=4,
    seed=cache_errors,
)
