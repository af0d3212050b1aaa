"""Operator: one query becomes as many as there are rows."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload"})
_ONE_ROW = re.compile(
    r"(?:\.(?:first|one|one_or_none|scalar|scalar_one|scalar_one_or_none|get|aget|afirst|last|earliest|latest)\(|\.limit\(1\)|\[0\])"
    r"|get_object_or_404"
)
"""One question more for one row is no failure."""
_DJANGO = frozenset({"select_related", "prefetch_related"})


def lose_prefetch(source: Source) -> Iterator[Rewrite]:
    """`.select_related("author")` and `.options(selectinload(…))` go, where more than one row may come."""
    for call in source.calls():
        if _is_for_one_row(source, source.statement(call)):
            continue
        match call:
            case ast.Call(func=ast.Attribute(value=query, attr=name), args=[_, *_]) if name in _DJANGO:
                if not all(isinstance(each, ast.Constant) and each.value is None for each in call.args):
                    yield _without(source, call, query)
            case ast.Call(func=ast.Attribute(value=query, attr="options"), args=[_, *_]):
                if all(_loads(each) for each in call.args) and not _loads(query):
                    yield _without(source, call, query)


def _is_for_one_row(source: Source, statement: ast.stmt) -> bool:
    """Whether one row is asked for, at once or by the variable that holds the query."""
    if _ONE_ROW.search(ast.unparse(statement)):
        return True
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            asked = re.compile(rf"\b{name}(?:{_ONE_ROW.pattern})")
            return any(asked.search(ast.unparse(each)) for each in source.block(statement))
    return False


def _loads(option: ast.expr) -> bool:
    while isinstance(option, ast.Call):
        if last_name(option.func) in _LOADERS:
            return True
        option = option.func.value if isinstance(option.func, ast.Attribute) else option.func
    return False


def _without(source: Source, call: ast.Call, query: ast.expr) -> Rewrite:
    """The cut begins behind the query, or behind the parentheses around it; a manager alone is no query."""
    start, end = source.end(query), source.end(call)
    between = source.text[start : source.text.index(".", start)]
    is_manager = isinstance(query, ast.Attribute) and not isinstance(source.parent(call), ast.Attribute)
    return Rewrite(
        node=call,
        edits=(Edit(start=start + between.rfind(")") + 1, end=end, text=".all()" if is_manager else ""),),
        note=f"`{last_name(call.func)}` is gone: each row asks for itself",
    )


LOST_PREFETCH = Operator(
    key="K8",
    name="lost-prefetch",
    summary="what was loaded together is loaded row by row",
    consequence="pages grow slower with every customer's data, until the database is busy with nothing else",
    noticed_by="a test with several rows that counts the queries",
    weight=3,
    seed=lose_prefetch,
    symptom=Symptom.LATENCY,
)
