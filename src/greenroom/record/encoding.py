"""Evidence as JSON holds it, and back again.

What has its default value is left out; what a newer version has written beyond our words is passed over.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_Record = TypeVar("_Record")


_PLAIN = frozenset({str, int, float, bool, type(None)})
"""Asked first: most of it is."""


def encode(value: Any) -> Any:
    """Plain dictionaries, lists, texts and numbers."""
    if type(value) in _PLAIN or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): encode(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(inner) for inner in value]
    if not is_dataclass(value):
        return str(value)
    return {name: encode(inner) for name, inner in _told(value)}


def encode_outside(value: Any) -> Any:
    """The same of one that JSON does not know, as it is: what is inside is asked for in its turn."""
    if type(value) in _FIELDS or is_dataclass(value):
        return dict(_told(value))
    return encode(value)


def _told(value: Any) -> list[tuple[str, Any]]:
    """The fields of a dataclass that have not their default."""
    names, defaults, take = _fields(value.__class__)
    return [
        (name, inner)
        for name, default, inner in zip(names, defaults, take(value), strict=True)
        if inner is not default and inner != default
    ]


def decode(kind: type[_Record], plain: Mapping[str, Any]) -> _Record:
    """The dataclass of this kind that was encoded.

    Raises:
        TypeError: Something that has no default is missing.
        ValueError: A value is none of an enumeration's.
    """
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], plain[name]) for name in hints if name in plain})


def _value(hint: Any, plain: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if plain is None:
            return None
        return _value(next(each for each in get_args(hint) if each is not type(None)), plain)
    if origin is tuple:
        return tuple(_value(get_args(hint)[0], each) for each in plain)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(plain)
    return decode(hint, plain) if is_dataclass(hint) and isinstance(hint, type) else plain


_Fields = tuple[tuple[str, ...], tuple[Any, ...], Callable[[Any], tuple[Any, ...]]]
"""Names, defaults, and what takes the values of an object."""
_HINTS: dict[Any, dict[str, Any]] = {}
_FIELDS: dict[Any, _Fields] = {}
"""Asked once for each kind: both are slow."""


def _hints(kind: Any) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


def _fields(kind: Any) -> _Fields:
    if kind not in _FIELDS:
        _FIELDS[kind] = _read_fields(kind)
    return _FIELDS[kind]


def _read_fields(kind: Any) -> _Fields:
    defaults = {each.name: each.default for each in fields(kind)} | {
        each.name: each.default_factory() for each in fields(kind) if each.default_factory is not MISSING
    }
    names = tuple(defaults)
    if len(names) > 1:
        return names, tuple(defaults.values()), attrgetter(*names)
    return names, tuple(defaults.values()), lambda value: tuple(getattr(value, name) for name in names)
