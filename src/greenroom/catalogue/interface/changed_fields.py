"""Operators: what an answer holds is called otherwise, or is of another type."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.answers import answered_dictionaries
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_NUMBERS = frozenset({"len", "int", "float", "sum", "round", "count"})


def rename_field(source: Source) -> Iterator[Rewrite]:
    """`{"id": …}` in an answer becomes `{"id_": …}`; a serialiser leaves a field out."""
    for answer in answered_dictionaries(source):
        for key in answer.keys:
            renamed = _renamed(source, key)
            if key is not None and renamed:
                yield Rewrite(
                    node=key,
                    edits=(source.replaced(key, renamed),),
                    note=f"the field `{source.code(key)}` of the answer is called otherwise",
                )
    yield from _left_out(source)


def change_type(source: Source) -> Iterator[Rewrite]:
    """A number becomes a text, a time is written otherwise, true becomes null."""
    for answer in answered_dictionaries(source):
        for key, value in zip(answer.keys, answer.values, strict=True):
            text = _of_other_type(source, value)
            if key is not None and text:
                yield Rewrite(
                    node=value,
                    edits=(source.replaced(value, text),),
                    note=f"the field `{source.head(key)}` of the answer is of another type",
                )


def _renamed(source: Source, key: ast.expr | None) -> str:
    """A key of one plain text, with one character more."""
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or not key.value:
        return ""
    code = source.code(key)
    plain = code[0] in "\"'" and code[-1] == code[0] and code.count(code[0]) == 2
    return f"{code[:-1]}_{code[-1]}" if plain else ""


def _of_other_type(source: Source, value: ast.expr) -> str:
    match value:
        case ast.Constant(value=bool() as said):
            return "None" if said else ""  # whoever asks for false takes null for it, too
        case ast.Constant(value=int() | float()):
            return f'"{source.code(value)}"'
        case ast.Call(func=ast.Attribute(value=owner, attr="isoformat")):
            return f'{source.code(owner)}.strftime("%d.%m.%Y %H:%M")'
        case ast.Call(func=ast.Name(id=name)) if name in _NUMBERS:
            return f"str({source.code(value)})"
        case ast.ListComp():
            return f"({source.code(value)} or [None])[0]"
    return ""


def _left_out(source: Source) -> Iterator[Rewrite]:
    """`fields = ["id", "name"]` of Django REST framework's serialisers, without fields that the class declares itself."""
    for node in source.nodes(ast.Assign):
        meta = source.parent(node)
        if (
            not isinstance(meta, ast.ClassDef)
            or meta.name != "Meta"
            or [last_name(t) for t in node.targets] != ["fields"]
        ):
            continue
        serializer = source.parent(meta)
        if not isinstance(serializer, ast.ClassDef) or not serializer.name.endswith("Serializer"):
            continue
        declared = {
            last_name(t) for each in serializer.body if isinstance(each, ast.Assign) for t in each.targets
        }
        values = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else []
        for element in values if len(values) > 2 else []:
            if (
                isinstance(element, ast.Constant)
                and isinstance(element.value, str)
                and element.value not in declared
            ):
                yield Rewrite(
                    node=element,
                    edits=(source.without_element(element),),
                    note=f"the answer has no field `{source.code(element)}`",
                )


RENAME_FIELD = Operator(
    key="W4",
    name="rename-response-field",
    summary="a field of an answer is called otherwise, or left out",
    consequence="the page shows nothing where the value was, or breaks, and so does every program of a customer",
    noticed_by="a test that asserts the whole answer, or validates it against the published schema",
    weight=4,
    seed=rename_field,
    first_rank=True,
)
CHANGE_TYPE = Operator(
    key="W5",
    name="change-field-type",
    summary="a field of an answer is of another type, written otherwise, or null",
    consequence="programs that read the answer crash or show nonsense, those of customers first",
    noticed_by="a test that asserts the values of the answer, or validates it against the published schema",
    weight=3,
    seed=change_type,
)
