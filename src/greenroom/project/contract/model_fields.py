"""What a handler declares of the bodies that it takes and gives: the fields of Pydantic's models."""

from collections.abc import Iterator
from typing import NamedTuple

from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.expressions import read_annotation
from greenroom.project.code.facts import (
    CONSTANT,
    ITEM,
    MAPPING,
    OPERATION,
    SEQUENCE,
    Call,
    Expression,
    Parameter,
    Statement,
)
from greenroom.project.code.module import Scope

_MODELS = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.v1.BaseModel", "sqlmodel.SQLModel",
                     "sqlmodel.main.SQLModel"})  # fmt: skip
_HARMLESS = frozenset({"typing.Generic", "abc.ABC", "object", "typing.Protocol"})
_DECIDING = frozenset({"root_validator", "model_validator", "model_serializer"})
"""With one of these a model takes or gives what its fields do not say."""
_SPECIAL = frozenset(
    {"__init__", "__new__", "__get_validators__", "__get_pydantic_core_schema__", "model_dump", "dict"}
)
_ELSEWHERE = frozenset({"Depends", "Security", "Query", "Path", "Header", "Cookie"})
_FORMS = frozenset({"Form", "File", "UploadFile"})
_PLAIN = frozenset({"dict", "Dict", "list", "List", "set", "Any", "bytes"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "api_route"})
_CHOOSING = ("response_model_include", "response_model_exclude", "response_class")


class Field(NamedTuple):
    """One field of a model."""

    names: tuple[str, ...]
    """As a body spells it."""
    required: bool


class Declared(NamedTuple):
    """A model, as far as its fields are written."""

    model: Scope
    fields: dict[str, Field]
    """By the name in the class."""
    extra: str
    """What becomes of others: ignore · forbid · allow"""

    @property
    def names(self) -> frozenset[str]:
        """All spellings of all fields."""
        return frozenset(name for field in self.fields.values() for name in field.names)


class Model(NamedTuple):
    """A model, or a list of it."""

    declared: Declared
    is_list: bool


class ModelFields:
    """Finds the models of handlers; one per project."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._known: dict[Scope, Declared | None] = {}

    def taken(self, handler: Scope) -> Model | None:
        """The one model that the body of a request must fill; None where there is none, or something beside it."""
        found: list[Model | None] = []
        for parameter in handler.parameters:
            given = {self._called(handler, parameter.default), *self._markers(handler, parameter.annotation)}
            if given & _FORMS or parameter.kind in ("args", "kwargs"):
                return None
            if given & _ELSEWHERE:
                continue
            if "Body" in given or self._is_body(handler, parameter.annotation):
                found.append(self._of_annotation(handler, parameter.annotation))
        if len(found) != 1 or any(self._is_embedded(handler, part.default) for part in handler.parameters):
            return None
        return found[0]

    def given(self, handler: Scope) -> Model | None:
        """The model that an answer is cut to; None where none is named, or where more is chosen."""
        named: list[Model | None] = []
        for number in handler.decorators:
            call = handler.parent.body.calls[number] if isinstance(number, int) and handler.parent else None
            if call is None or facts.last_name(call.callee) not in _VERBS:
                continue
            if any(call.keyword(name) is not None for name in _CHOOSING):
                return None
            spoken = call.keyword("response_model")
            if spoken is not None:
                named.append(None if spoken == (CONSTANT, None) else self._of_annotation(handler, spoken))
        if named:
            return named[0] if len(named) == 1 else None
        return self._of_annotation(handler, handler.facts.returns)

    def plain(self, handler: Scope, parameter: Parameter) -> Scope | None:
        """The one model that FastAPI makes for a parameter, where all that it inherits from is written or Pydantic's.

        What a dependency gives may be anything, whatever the annotation says.
        """
        given = {self._called(handler, parameter.default), *self._markers(handler, parameter.annotation)}
        inner, is_list = _unwrapped(_read(parameter.annotation))
        if given & _ELSEWHERE or is_list or not isinstance(inner, str):
            return None
        found = self._classes(handler, inner)
        libraries = set(self._inference.classes.line(found[0])[1]) if len(found) == 1 else set()
        return found[0] if libraries & _MODELS and libraries <= _MODELS | _HARMLESS else None

    # annotations

    @staticmethod
    def _called(handler: Scope, default: Expression) -> str:
        outer = handler.parent
        if isinstance(default, int) and outer is not None and default < len(outer.body.calls):
            return facts.last_name(outer.body.calls[default].callee)
        return ""

    def _markers(self, handler: Scope, annotation: Expression) -> Iterator[str]:
        """`Annotated[User, Depends(current_user)]`, also under a name of its own."""
        for part in facts.walk(annotation):
            if isinstance(part, int):
                yield self._called(handler, part)
            elif isinstance(part, str) and part.rpartition(".")[2] == "UploadFile":
                yield "UploadFile"

    @staticmethod
    def _is_embedded(handler: Scope, default: Expression) -> bool:
        outer = handler.parent
        return (
            isinstance(default, int)
            and outer is not None
            and default < len(outer.body.calls)
            and outer.body.calls[default].keyword("embed") is not None
        )

    def _is_body(self, handler: Scope, annotation: Expression) -> bool:
        names = [part for part in facts.walk(_read(annotation)) if isinstance(part, str)]
        return any(
            name in _PLAIN or any(self.declared_or_open(cls) for cls in self._classes(handler, name))
            for name in names
        )

    def declared_or_open(self, cls: Scope) -> bool:
        """Whether it is a model at all."""
        return not _MODELS.isdisjoint(self._inference.classes.line(cls)[1])

    def _of_annotation(self, handler: Scope, annotation: Expression) -> Model | None:
        inner, is_list = _unwrapped(_read(annotation))
        if not isinstance(inner, str):
            return None
        found = [self.declared(cls) for cls in self._classes(handler, inner)]
        return Model(found[0], is_list) if len(found) == 1 and found[0] is not None else None

    def _classes(self, handler: Scope, name: str) -> list[Scope]:
        place = handler.parent or handler.module.top
        return [value.ref for value in self._inference.name(place, name) if value.kind == "class"]

    # models

    def declared(self, cls: Scope) -> Declared | None:
        """The fields of a model; None where something beside them decides."""
        if cls not in self._known:
            self._known[cls] = self._declared(cls)
        return self._known[cls]

    def _declared(self, cls: Scope) -> Declared | None:
        line, libraries = self._inference.classes.line(cls)
        if not self.declared_or_open(cls) or not set(libraries) <= _MODELS | _HARMLESS:
            return None
        fields: dict[str, Field] = {}
        extra = "ignore"
        for scope in reversed(line):
            if any(child.name in _SPECIAL or _is_deciding(scope, child) for child in scope.children):
                return None
            settings = dict(_settings(scope))
            if "alias_generator" in settings or None in settings:
                return None
            extra = str(facts.constant(settings.get("extra")) or extra)
            fields.update(_fields_of(scope))
            fields.update({child.name: Field((child.name,), required=False) for child in scope.children
                           if any(_decorator(scope, part) == "computed_field" for part in child.decorators)})  # fmt: skip
        return Declared(cls, fields, extra)


def _read(annotation: Expression) -> Expression:
    """One that is written as a text."""
    text = facts.constant(annotation)
    return read_annotation(text) if isinstance(text, str) else annotation


def _unwrapped(annotation: Expression) -> tuple[Expression, bool]:
    """What stands in `Annotated[…]`, `Optional[…]`, `… | None`, and whether it is a list."""
    is_list = False
    while isinstance(annotation, tuple):
        if annotation[0] == OPERATION and annotation[1] == "|":
            kept = [part for part in annotation[2] if part != (CONSTANT, None)]
            annotation = kept[0] if len(kept) == 1 else None
        elif annotation[0] == ITEM and facts.last_name(annotation[1]) in ("Annotated", "Optional"):
            key = annotation[2]
            annotation = key[2][0] if isinstance(key, tuple) and key[0] == SEQUENCE and key[2] else key
        elif annotation[0] == ITEM and facts.last_name(annotation[1]) in ("list", "List", "Sequence"):
            annotation, is_list = annotation[2], True
        else:
            return None, is_list
    return annotation, is_list


def _decorator(scope: Scope, part: Expression) -> str:
    return facts.last_name(scope.body.calls[part].callee if isinstance(part, int) else part)


def _is_deciding(scope: Scope, child: Scope) -> bool:
    return any(_decorator(scope, part) in _DECIDING for part in child.decorators)


def _settings(scope: Scope) -> Iterator[tuple[str | None, Expression]]:
    """`model_config = ConfigDict(…)`, `class Config:`; None as a name for what cannot be read."""
    for part in scope.body.statements:
        if "model_config" in (part.target, *_targets(part)):
            yield from _configured(scope, part.value)
    for child in scope.children:
        if child.kind == "class" and child.name == "Config":
            if child.facts.bases:
                yield None, None
            yield from ((name, part.value) for part in child.body.statements for name in _targets(part))


def _configured(scope: Scope, value: Expression) -> Iterator[tuple[str | None, Expression]]:
    if isinstance(value, int):
        yield from scope.body.calls[value].keywords
    elif isinstance(value, tuple) and value[0] == MAPPING:
        for key, inner in zip(value[1], value[2], strict=True):
            name = facts.constant(key)
            yield (name if isinstance(name, str) else None), inner
    else:
        yield None, None


def _targets(part: Statement) -> tuple[str, ...]:
    return tuple(name for name in part.target if isinstance(name, str)) if part.kind == "assign" else ()


def _fields_of(scope: Scope) -> Iterator[tuple[str, Field]]:
    for part in scope.body.statements:
        name = part.target
        if (
            part.kind != "annotate"
            or not isinstance(name, str)
            or name.startswith("_")
            or name == "model_config"
        ):
            continue
        annotation = _read(part.detail)
        heads = {facts.last_name(inner) for inner in facts.walk(annotation) if isinstance(inner, str)}
        if "ClassVar" not in heads and not _is_relation(scope, part.value):
            yield name, _field(scope, name, annotation, part.value)


def _is_relation(scope: Scope, value: Expression) -> bool:
    """SQLModel's: no field of a body."""
    return isinstance(value, int) and facts.last_name(scope.body.calls[value].callee) in (
        "Relationship",
        "PrivateAttr",
    )


def _field(scope: Scope, name: str, annotation: Expression, value: Expression) -> Field:
    calls = [scope.body.calls[part] for part in (value, *facts.walk(annotation))
             if isinstance(part, int) and part < len(scope.body.calls)]  # fmt: skip
    described = [call for call in calls if facts.last_name(call.callee) == "Field"]
    aliases = [text for call in described for key in ("alias", "validation_alias", "serialization_alias")
               if isinstance(text := facts.constant(call.keyword(key)), str)]  # fmt: skip
    return Field((*aliases, name), required=_is_required(annotation, value, described))


def _is_required(annotation: Expression, value: Expression, described: list[Call]) -> bool:
    for part in facts.walk(annotation):
        # Version 1 of Pydantic lets these be left out, version 2 does not: without the version nothing is said.
        if part == (CONSTANT, None) or (
            isinstance(part, str) and facts.last_name(part) in ("Optional", "Any", "None")
        ):
            return False
    if value is not None and not isinstance(value, int):
        return bool(value == (CONSTANT, ...))
    if isinstance(value, int) and not described:
        return False  # whatever it is that is called there, it gives a default
    for call in described:
        given = call.arguments[0] if call.arguments else call.keyword("default")
        if call.keyword("default_factory") is not None or (given is not None and given != (CONSTANT, ...)):
            return False
    return True
