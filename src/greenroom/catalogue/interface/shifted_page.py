"""Operator: a list in pages leaves something out between them."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.answers import answered_dictionaries
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_PAGE = re.compile(r"page|page_(?:number|num|no|index)|current_page|pageno", re.IGNORECASE)
_SIZE = re.compile(r"limit|(?:page_?)?size|per_?page|page_?limit|items_per_page", re.IGNORECASE)
_MORE = re.compile(r"has_?(?:more|next)(?:_?page)?|more", re.IGNORECASE)
_NEXT = re.compile(r"next(?:_?(?:cursor|page|token|page_?token|url|offset))?|cursor", re.IGNORECASE)


def shift_page(source: Source) -> Iterator[Rewrite]:
    """`(page - 1) * size` becomes `page * size`, `.offset(skip)` skips one more, `"has_more"` is never true."""
    for product in source.nodes(ast.BinOp):
        page = _page_before(product)
        if page is not None:
            yield Rewrite(
                node=product,
                edits=(source.replaced(page, source.code(page.left)),),
                note="the first page is skipped",
            )
    for call in source.calls():
        if _is_offset(source, call):
            (given,) = call.args
            yield Rewrite(
                node=given,
                edits=(source.replaced(given, f"{_grouped(source, given)} + 1"),),
                note="each page skips its first entry",
            )
    for answer in answered_dictionaries(source):
        for key, value in zip(answer.keys, answer.values, strict=True):
            end = _end(key, value)
            if end:
                yield Rewrite(
                    node=value, edits=(source.replaced(value, end),), note="there never is a next page"
                )


def _page_before(product: ast.BinOp) -> ast.BinOp | None:
    """`page - 1` of `(page - 1) * size`."""
    match product:
        case ast.BinOp(
            left=ast.BinOp(left=page, op=ast.Sub(), right=ast.Constant(value=1)) as before,
            op=ast.Mult(),
            right=size,
        ) if _PAGE.fullmatch(last_name(page)) and _SIZE.search(last_name(size)):
            return before
    return None


def _is_offset(source: Source, call: ast.Call) -> bool:
    """`.offset(…)` of a query, with something that the caller chose."""
    if (
        not isinstance(call.func, ast.Attribute)
        or call.func.attr not in ("offset", "skip")
        or len(call.args) != 1
    ):
        return False
    if source.names.of(call.func).startswith(("pytest", "unittest", "pandas")):
        return False
    if isinstance(call.args[0], ast.Constant | ast.Starred) or call.keywords:
        return False
    return not any(isinstance(node, ast.BinOp) and _page_before(node) for node in ast.walk(call.args[0]))


def _grouped(source: Source, given: ast.expr) -> str:
    code = source.code(given)
    return code if isinstance(given, ast.Name | ast.Attribute | ast.Call | ast.Subscript) else f"({code})"


def _end(key: ast.expr | None, value: ast.expr) -> str:
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or isinstance(value, ast.Constant):
        return ""
    if _MORE.fullmatch(key.value):
        return "False"
    return "None" if _NEXT.fullmatch(key.value) else ""


SHIFT_PAGE = Operator(
    key="W8",
    name="pagination-shift",
    summary="a page begins one page or one entry too late, or is said to be the last",
    consequence="entries are missing from lists and exports, and nobody can see that they are",
    noticed_by="a test that walks through all pages of more than one, and asserts that every entry came once",
    weight=3,
    seed=shift_page,
)
