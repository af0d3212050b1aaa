"""The fields of TypeScript's interfaces, with those that they extend."""

import re
from collections.abc import Iterator

from greenroom.project.front.front_file import FrontFile
from greenroom.project.front.lookup import Lookup

_NAMED = re.compile(r"(?:Array<)?\s*([A-Za-z_$][\w$]*)\s*(\[\]|>)?\s*$")
_DEEPEST = 6

Fields = dict[str, bool]
"""By name: whether it may be missing."""


def shape_fields(lookup: Lookup, file: FrontFile, spelled: str) -> tuple[Fields, bool] | None:
    """The fields of a type, and whether it is a list of it; None where it is not wholly written."""
    match = _NAMED.fullmatch(spelled.strip())
    if match is None:
        return None
    fields = _fields(lookup, file, match[1], 0)
    return None if fields is None else (fields, match[2] is not None)


def _fields(lookup: Lookup, file: FrontFile, name: str, depth: int) -> Fields | None:
    home = _home(lookup, file, name, 0)
    if home is None or depth > _DEEPEST:
        return None
    place, local = home
    shape = lookup.names(place).shapes[local]
    if shape.is_open:
        return None
    found: Fields = {}
    for base in shape.extends:
        inner = _fields(lookup, place, base, depth + 1)
        if inner is None:
            return None
        found.update(inner)
    found.update({field: optional for field, optional, _ in shape.fields})
    return found


def _home(lookup: Lookup, file: FrontFile, name: str, depth: int) -> tuple[FrontFile, str] | None:
    """Where a type is written: here, or where an import leads."""
    names = lookup.names(file)
    if name in names.shapes:
        return file, name
    if depth > _DEEPEST:
        return None
    for source, local in _sources(lookup, file, name):
        target = lookup.imported(file, source)
        found = _home(lookup, target, local, depth + 1) if target is not None else None
        if found is not None:
            return found
    return None


def _sources(lookup: Lookup, file: FrontFile, name: str) -> Iterator[tuple[str, str]]:
    names = lookup.names(file)
    part = names.imports.get(name)
    if part is not None:
        yield part.source, part.name
    exported = names.exports.get(name)
    if exported is not None and exported.source:
        yield exported.source, str(exported.local)
    for star in names.stars:
        yield star.source, name
