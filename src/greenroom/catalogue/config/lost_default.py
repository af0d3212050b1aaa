"""Operator: a setting that nobody sets is not what it was meant to be."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.mutant import Edit
from greenroom.model.operator import Operator
from greenroom.mutate.environment import Variable, variables
from greenroom.mutate.expressions import argument, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_UNSEEN = re.compile(
    r"version|title|description|log_?(?:level|format|file|dir)|banner|app_?name|project_?name|service_?name|user_?agent|sentry|telemetry"
    r"|otel|docs|contact|licen[cs]e|release|commit|build|author|colou?r|editor|^home$|^pwd$|^path$|debug|profil",
    re.IGNORECASE,
)
"""What no user of the service would miss."""
_SWITCHES = {
    "true": "false",
    "false": "true",
    "yes": "no",
    "no": "yes",
    "on": "off",
    "off": "on",
    "1": "0",
    "0": "1",
}
_LIMITS = frozenset({"ge", "gt", "le", "lt", "multiple_of", "pattern", "regex", "min_length", "max_length"})
_PLAIN = frozenset({"str", "int", "float", "bool"})


def lose_default(source: Source) -> Iterator[Rewrite]:
    """`getenv("X", "on")` gives another value, or none; a field of the settings has another default."""
    for read in variables(source):
        if (
            read.default is not None
            and not _UNSEEN.search(read.name)
            and not _is_for_tools(source, read.call)
        ):
            edit = _edit(source, read, read.default)
            if edit is not None:
                yield Rewrite(
                    node=read.call,
                    edits=(edit,),
                    note=f"`{read.name or 'a variable'}` has another default than `{source.code(read.default)}`",
                )
    for field, value in _fields(source):
        other = _other(value)
        if other:
            yield Rewrite(
                node=field,
                edits=(source.replaced(value, other),),
                note=f"`{ast.unparse(field.target)}` has another default than `{source.code(value)}`",
            )


def _edit(source: Source, read: Variable, default: ast.expr) -> Edit | None:
    """Another default, or none; nothing that would only keep the module from being imported."""
    text = default.value if isinstance(default, ast.Constant) and isinstance(default.value, str) else ""
    other = _other(default) or _other_text(text)
    if other:
        return source.replaced(default, other)
    if not text or not read.is_positional:
        return None
    if isinstance(source.parent(read.call), ast.Assign | ast.AnnAssign | ast.Return | ast.keyword):
        return Edit(start=source.end(read.call.args[0]), end=source.end(default), text="")
    return source.replaced(default, '""')


def _other(value: ast.expr) -> str:
    """The opposite of a switch, another number; empty for what is neither."""
    match value:
        case ast.Constant(value=bool(switch)):
            return str(not switch)
        case ast.Constant(value=int() | float() as number):
            return "10" if number == 1 else "1"
    return ""


def _other_text(text: str) -> str:
    """The same for a text that says a switch or a number."""
    opposite = _SWITCHES.get(text.lower(), "")
    if opposite:
        return f'"{opposite.capitalize() if text[0].isupper() else opposite}"'
    return '"1"' if re.fullmatch(r"\d+(?:\.\d+)?", text) else ""


def _fields(source: Source) -> Iterator[tuple[ast.AnnAssign, ast.expr]]:
    """The fields of pydantic settings, with what they are when the environment says nothing."""
    classes = {each.name: each for each in source.nodes(ast.ClassDef)}
    for settings in classes.values():
        if not _derives(settings, classes, hops=5):
            continue
        for field in settings.body:
            match field:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=ast.expr() as value):
                    default = _default(value)
                    if default is not None and ast.unparse(kind) in _PLAIN and not _UNSEEN.search(name):
                        yield field, default


def _derives(settings: ast.ClassDef, classes: dict[str, ast.ClassDef], hops: int) -> bool:
    """Whether a class is one of settings, itself or by another class of the file."""
    bases = [last_name(base) for base in settings.bases]
    return any(base.endswith("BaseSettings") for base in bases) or (
        hops > 0 and any(base in classes and _derives(classes[base], classes, hops - 1) for base in bases)
    )


def _default(value: ast.expr) -> ast.expr | None:
    if not isinstance(value, ast.Call):
        return value
    if last_name(value.func) != "Field" or any(each.arg in _LIMITS for each in value.keywords):
        return None
    return argument(value, 0, "default")


def _is_for_tools(source: Source, call: ast.Call) -> bool:
    """A variable of the interpreter or of a runner, such as `setdefault("DJANGO_SETTINGS_MODULE", …)`."""
    return last_name(call.func) == "setdefault" or "wsgi" in source.path


ENV_DEFAULT_LOST = Operator(
    key="K1",
    name="env-default-lost",
    summary="a setting that nobody sets has another default, or none",
    consequence="the service comes up and behaves otherwise than it was tested: a switch is off, a limit is one",
    noticed_by="a test that runs with an empty environment, and asserts what the service then does",
    weight=3,
    seed=lose_default,
    first_rank=True,
)
