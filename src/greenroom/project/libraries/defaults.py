"""Which time limit does a library set by itself? That depends on its version."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

Defaults = tuple[tuple[str, str | float], ...]
"""Version specifier and `none`, `unknown` or seconds; the first that matches counts."""

UNKNOWN = "unknown"
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_NEWEST = "99999"


class Default(NamedTuple):
    """What holds when nobody says anything."""

    value: str | float
    """`none`, `unknown` or seconds."""
    certain: bool = True
    """Whether it is the same for every version that may be installed."""


def default_limit(defaults: Defaults, version: str = "", specifier: str = "") -> Default:
    """The limit that holds for a version of the library.

    Args:
        defaults: as the data file says.
        version: the pinned one; empty where nothing is pinned.
        specifier: what the manifest allows, as PEP 440 spells it; asked where nothing is pinned.
    """
    if not defaults:
        return Default(UNKNOWN)
    if version:
        return Default(_matching(defaults, version))
    allowed = list(_allowed(defaults, specifier))
    values = {_matching(defaults, each) for each in allowed}
    return Default(_matching(defaults, allowed[-1]), certain=len(values) == 1)


def _matching(defaults: Defaults, version: str) -> str | float:
    for versions, value in defaults:
        if versions == "*" or _contains(versions, version):
            return value
    return UNKNOWN


def _allowed(defaults: Defaults, specifier: str) -> Iterator[str]:
    """One version of each range in which the default may differ, the newest last."""
    edges = [number for versions, _ in defaults for number in _NUMBER.findall(versions)]
    below = [f"{edge}.dev0" for edge in edges]
    candidates = _sorted(["0", *edges, *below, *_NUMBER.findall(specifier), _NEWEST])
    found = [version for version in candidates if _contains(specifier, version)]
    yield from found or [_NEWEST]


def _sorted(versions: Iterable[str]) -> list[str]:
    return sorted(versions, key=Version)


def _contains(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return False
