"""Operator: what comes in is not looked at."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.refusals import rejections
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_FIELDS = frozenset({"Field", "Query", "Path", "Body", "Form", "Header", "Cookie", "File", "constr", "conint", "confloat", "conlist",
                     "StringConstraints", "Len"})  # fmt: skip
_FORMS = ("django.forms.", "rest_framework.serializers.", "marshmallow.fields.", "wtforms.", "ninja.")
_BOUNDS = frozenset({"gt", "ge", "lt", "le", "min_length", "max_length", "pattern", "regex", "multiple_of", "min_items", "max_items",
                     "max_digits", "decimal_places", "max_value", "min_value"})  # fmt: skip
_OUT = re.compile(
    r"(?:Response|Out|Read|Public|Result|Reply|Settings|Config|State|View|Schema[A-Z]\w*Response)$"
)

_MADE_OF = re.compile(r"_?from_(?:db|orm|row|record|model|entity|document|instance|domain)(?:_\w+)?")
_READS_ATTRIBUTES = frozenset({"from_attributes", "orm_mode"})


def drop_validation(source: Source) -> Iterator[Rewrite]:
    """`if …: raise HTTPException(400)` never strikes; `Field(max_length=80)` has no limit."""
    for guard in rejections(source):
        yield Rewrite(
            node=guard,
            edits=(source.replaced(guard.test, "False"),),
            note="what should be turned away is let in",
            lines=tuple(range(guard.test.lineno, (guard.test.end_lineno or guard.test.lineno) + 1)),
        )
    for call in source.calls():
        needed = (
            "regex" if last_name(call.func) == "RegexField" else ""
        )  # without it, the form cannot be made
        bounds = (each for each in call.keywords if each.arg in _BOUNDS and each.arg != needed)
        bound = next((each for each in bounds if _is_set(each.value)), None)
        if bound is not None and _checks_input(source, call):
            yield Rewrite(
                node=bound,
                edits=(source.without_keyword(call, bound),),
                note=f"`{source.head(bound)}` is not checked",
                lines=_seen_by(source, call),
            )


def _is_set(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and value.value is None)


def _checks_input(source: Source, call: ast.Call) -> bool:
    """A field of what comes in; models of answers, tables and settings are no input."""
    name = source.names.of(call.func)
    if last_name(call.func) in _FIELDS:
        if not name.startswith(("pydantic.", "fastapi.", "sqlmodel.", "ninja.", "annotated_types.")):
            return False
    elif not name.startswith(_FORMS):
        return False
    for above in source.around(call):
        if isinstance(above, ast.ClassDef):
            is_table = any(each.arg == "table" for each in above.keywords)
            bases = [above.name, *map(last_name, above.bases)]
            is_out = any(_OUT.search(each) for each in bases) or _is_made_of_stored(source, above)
            return not is_table and not is_out
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
    return False


def _is_made_of_stored(source: Source, model: ast.ClassDef) -> bool:
    """Whether the product makes it of what it has stored, to answer with it, and nothing that may come in derives from it."""
    if not any(map(_makes_of_stored, model.body)):
        return False
    children = [each for each in source.nodes(ast.ClassDef) if model.name in map(last_name, each.bases)]
    return all(_OUT.search(each.name) or any(map(_makes_of_stored, each.body)) for each in children)


def _makes_of_stored(member: ast.stmt) -> bool:
    """`def from_db(row)`, `model_config = ConfigDict(from_attributes=True)`, `class Config: orm_mode = True`."""
    match member:
        case ast.FunctionDef(name=name, decorator_list=decorators):
            bound = {last_name(each) for each in decorators} & {"staticmethod", "classmethod"}
            return bool(bound) and _MADE_OF.fullmatch(name) is not None
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=True)):
            return name in _READS_ATTRIBUTES
        case ast.Assign(value=ast.Call(keywords=given)):
            return any(
                each.arg in _READS_ATTRIBUTES
                and isinstance(each.value, ast.Constant)
                and each.value.value is True
                for each in given
            )
        case ast.ClassDef(name="Config", body=body):
            return any(map(_makes_of_stored, body))
    return False


def _seen_by(source: Source, call: ast.Call) -> tuple[int, ...]:
    """The body of the function whose parameter it is; the declaration itself, where it belongs to a class."""
    function = source.function(call)
    return blocks.lines(function.body) if function is not None else ()


DROP_VALIDATION = Operator(
    key="W7",
    name="drop-validation",
    summary="a check of what comes in is gone",
    consequence="bad data is accepted and stored, and fails later, in the request of somebody else",
    noticed_by="a test that sends what is not valid, and asserts the status and that nothing was stored",
    weight=4,
    seed=drop_validation,
    first_rank=True,
)
