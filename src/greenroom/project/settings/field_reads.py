"""Fields of pydantic's settings classes, version 1 and 2: which variables fill them."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from greenroom.project.calls.graph import CallGraph
from greenroom.project.code import facts
from greenroom.project.code.facts import ITEM, SEQUENCE, Call, Expression, Statement
from greenroom.project.code.module import Module, Scope
from greenroom.project.settings.variable_read import VariableRead

_BASES: Final = {"pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.v1.BaseSettings",
                 "pydantic_settings.main.BaseSettings", "pydantic.env_settings.BaseSettings"}  # fmt: skip
_OTHER_SOURCES: Final = ("toml_file", "yaml_file", "json_file", "secrets_dir", "pyproject_toml_table_header")
_CUSTOM: Final = {"settings_customise_sources", "customise_sources"}
_CHOICES: Final = {"AliasChoices"}
_DEEPEST: Final = 3


class _Rules(NamedTuple):
    """How a settings class makes names of its fields."""

    prefix: str
    delimiter: str
    files: tuple[str, ...]
    elsewhere: bool
    """Values may come from files of another kind."""
    named: dict[str, tuple[str, ...]]
    """Version 1: `fields = {"url": {"env": …}}`."""


class FieldReads:
    """Finds them in the modules that it is given."""

    def __init__(self, graph: CallGraph) -> None:
        self._graph = graph
        self._inference = graph.inference

    def find(self, modules: Iterable[Module]) -> list[VariableRead]:
        """One read for each field of each settings class, inherited ones in the class that is made."""
        return [
            read
            for module in modules
            for cls in module.scopes
            if cls.kind == "class" and cls.facts.bases and self.is_settings(cls)
            for read in self._fields(cls)
        ]

    def is_settings(self, cls: Scope) -> bool:
        """Whether pydantic fills its fields from the environment."""
        return not _BASES.isdisjoint(self._inference.classes.line(cls)[1])

    def _fields(self, cls: Scope) -> Iterator[VariableRead]:
        line = self._inference.classes.line(cls)[0]
        rules = _rules(line)
        filled = self._given_when_made(cls)
        for statement in _own_fields(cls):
            field = str(statement.target)
            read = self._read(cls, statement, field, rules)
            if read is not None:
                free = filled is not None and field not in filled and not rules.elsewhere
                own = read._replace(required=read.required and free, env_files=rules.files)
                nested = read.is_prefix and rules.delimiter
                below = list(self._below(cls, statement, own, rules.delimiter, 0)) if nested else []
                # What is missing of it is told by the name that sets it.
                yield own._replace(required=own.required and not any(part.required for part in below))
                yield from below

    def _below(
        self, cls: Scope, part: Statement, outer: VariableRead, delimiter: str, depth: int
    ) -> Iterator[VariableRead]:
        """The fields of a field: `APP_DB__PASSWORD`, which `APP_DB` may hold as a whole."""
        for model in self._models(cls, part.detail)[:1]:
            for statement in _own_fields(model):
                spoken, default, required = _default(model, statement)
                if statement.value is None and _is_optional(statement.detail):
                    required = False
                field = (spoken or (str(statement.target),))[0]
                names = (f"{outer.name}{delimiter}{field}".upper(), *outer.names)
                read = outer._replace(
                    names=names, scope=model, line=statement.line, default=default, is_prefix=False,
                    required=required and outer.required,
                )  # fmt: skip
                yield read
                if depth < _DEEPEST:
                    yield from self._below(model, statement, read, delimiter, depth + 1)

    def _read(self, cls: Scope, part: Statement, field: str, rules: _Rules) -> VariableRead | None:
        spoken, default, required = _default(cls, part)
        if _is_optional(part.detail) and part.value is None:
            required = False
        aliases = spoken or rules.named.get(field, ())
        names = aliases or (f"{rules.prefix}{field}".upper(),)
        nested = self._is_model(cls, part.detail)
        return VariableRead(names, cls, part.line, required, default, "settings", nested)

    def _is_model(self, cls: Scope, annotation: Expression) -> bool:
        """Whether the field has fields of its own."""
        return bool(self._models(cls, annotation))

    def _models(self, cls: Scope, annotation: Expression) -> list[Scope]:
        names = [part for part in facts.walk(annotation) if type(part) is str]
        return [
            value.ref
            for name in names[:_DEEPEST]
            for value in self._inference.name(cls.parent or cls.module.top, name)
            if value.kind == "class" and value.ref.facts.bases
        ]

    def _given_when_made(self, cls: Scope) -> set[str] | None:
        """Fields that every place which makes one fills by itself; None where nobody makes one."""
        makers = [
            edge.caller.body.calls[edge.call]
            for target in (cls, *(child for child in cls.children if child.name == "__init__"))
            for edge in self._graph.callers(target)
            if edge.call >= 0 and edge.how in ("construct", "call")
        ]
        makers += [call for call in cls.module.top.body.calls if call.callee == cls.name]
        if not makers:
            return None
        given = [{key or "*" for key, _ in call.keywords} for call in makers]
        if any("*" in keys for keys in given):
            return None
        return set.intersection(*given)


def _own_fields(cls: Scope) -> Iterator[Statement]:
    for part in cls.body.statements:
        if (
            part.kind == "annotate"
            and type(part.target) is str
            and not part.target.startswith(("_", "model_config"))
        ):
            head = part.detail[1] if type(part.detail) is tuple and part.detail[0] == ITEM else part.detail
            if facts.last_name(head) != "ClassVar":
                yield part


def _default(cls: Scope, part: Statement) -> tuple[tuple[str, ...], Any, bool]:
    """Names that the field gives itself, its literal default, and whether it must be set."""
    value = part.value
    if value is None:
        spoken = _annotated(cls, part.detail)
        return (spoken, None, True) if spoken is not None else ((), None, True)
    if type(value) is not int:
        return (), facts.constant(value), value == (facts.CONSTANT, ...)
    call = cls.body.calls[value]
    if facts.last_name(call.callee) != "Field":
        return (), None, False
    given = call.arguments[0] if call.arguments else call.keyword("default")
    missing = given is None and call.keyword("default_factory") is None
    required = missing or given == (facts.CONSTANT, ...)
    return _aliases(cls, call), facts.constant(given) if not required else None, required


def _annotated(cls: Scope, annotation: Expression) -> tuple[str, ...] | None:
    """`Annotated[str, Field(alias="X")]`; None where there is no field in it."""
    for part in facts.walk(annotation):
        if type(part) is int and part < len(cls.body.calls):
            call = cls.body.calls[part]
            if facts.last_name(call.callee) == "Field":
                return _aliases(cls, call)
    return None


def _aliases(cls: Scope, call: Call) -> tuple[str, ...]:
    for key in ("validation_alias", "env", "alias"):
        value = call.keyword(key)
        if type(value) is int and facts.last_name(cls.body.calls[value].callee) in _CHOICES:
            listed: tuple[Expression, ...] = cls.body.calls[value].arguments
        elif type(value) is tuple and value[0] == SEQUENCE:
            listed = value[2]
        else:
            listed = (value,)
        names = tuple(text for part in listed if isinstance(text := facts.constant(part), str))
        if names:
            return names
    return ()


def _is_optional(annotation: Expression) -> bool:
    names = {facts.last_name(part) for part in facts.walk(annotation)}
    return "Optional" in names or any(facts.is_none(part) for part in facts.walk(annotation))


def _rules(line: list[Scope]) -> _Rules:
    """The nearest class of the line that says something wins."""
    found: dict[str, Expression] = {}
    elsewhere = False
    for cls in line:
        elsewhere |= any(child.name in _CUSTOM for inner in (cls, *cls.children) for child in inner.children)
        for key, value in _options(cls):
            found.setdefault(key, value)
    elsewhere |= any(key in found for key in _OTHER_SOURCES)
    files = found.get("env_file")
    listed = files[2] if type(files) is tuple and files[0] == SEQUENCE else (files,)
    return _Rules(
        prefix=str(facts.constant(found.get("env_prefix")) or ""),
        delimiter=str(facts.constant(found.get("env_nested_delimiter")) or ""),
        files=tuple(str(facts.constant(part)) for part in listed if isinstance(facts.constant(part), str)),
        elsewhere=elsewhere,
        named=_names_of_version_1(found.get("fields")),
    )


def _options(cls: Scope) -> Iterator[tuple[str, Expression]]:
    for part in cls.body.statements:
        targets = part.target if part.kind == "assign" else (part.target,)
        if part.kind in ("assign", "annotate") and "model_config" in targets:
            if type(part.value) is int:
                yield from ((key, value) for key, value in cls.body.calls[part.value].keywords if key)
            elif type(part.value) is tuple and part.value[0] == facts.MAPPING:
                for key, value in zip(part.value[1], part.value[2], strict=True):
                    yield str(facts.constant(key)), value
    for child in cls.children:
        if child.name == "Config" and child.kind == "class":
            for part in child.body.statements:
                if part.kind == "assign" and type(part.target[0]) is str:
                    yield part.target[0], part.value


def _names_of_version_1(listed: Expression) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if type(listed) is tuple and listed[0] == facts.MAPPING:
        for key, value in zip(listed[1], listed[2], strict=True):
            texts = [facts.constant(part) for part in facts.walk(value)]
            found[str(facts.constant(key))] = tuple(
                text for text in texts if isinstance(text, str) and text != "env"
            )
    return found
