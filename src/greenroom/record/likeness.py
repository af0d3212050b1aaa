"""What values are like, so that two moments can be compared: without keeping objects alive, or asking them anything."""

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import _lru_cache_wrapper
from operator import itemgetter
from typing import Any, Final

CONTAINERS: Final = frozenset({dict, list, set, deque, defaultdict, OrderedDict, Counter})
"""These and no classes derived from them: what those do when they are asked is not ours to run."""
_MAPPINGS: Final = frozenset(kind for kind in CONTAINERS if issubclass(kind, dict))
_ATOMS: Final = frozenset({str, int, float, bool, bytes, complex, type(None)})
_LOOKED_INTO: Final = _ATOMS | CONTAINERS
"""Of others, no more than the type is looked at."""
_LARGE: Final = 32
"""Elements, above which only the number is looked at."""

Mark = Any
"""Stands for a value: equal as long as nothing has changed in it that is looked at."""


def mark_of(value: Any) -> Mark:
    """By its value where that is plain, by what it contains where it is a container, else by its type alone.

    Objects are not compared: a fixture that puts back an equal one has put it back.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is _lru_cache_wrapper:
        return _filled(value)
    if kind not in CONTAINERS:
        return kind
    size = len(value)
    if not size or size > _LARGE:
        return size
    try:
        inner = _marks_in(value.values()) if isinstance(value, dict) else ()
        return size, _marks_in(value) if kind is not set else frozenset(_marks_in(value)), inner
    except RuntimeError:  # another thread changes it
        return size


class Glance:
    """What a row of values was like: tells far quicker than their marks that none of these has changed."""

    def __init__(self, values: Sequence[Any]) -> None:
        """Look at them.

        Raises:
            RuntimeError: another thread changes one of them.
        """
        self._kinds = list(map(type, values))
        self._caches = picker(number for number, kind in enumerate(self._kinds) if kind is _lru_cache_wrapper)
        self._containers = picker(number for number, kind in enumerate(self._kinds) if kind in CONTAINERS)
        self._plain = picker(number for number, kind in enumerate(self._kinds) if kind in _ATOMS)
        self._atoms = self._plain(values)
        containers = self._containers(values)
        self._sizes = self._sizes_of(values, containers)
        small = [number for number, each in enumerate(containers) if 0 < len(each) <= _LARGE]
        self._small = picker(small)
        self._mappings = picker(number for number in small if type(containers[number]) in _MAPPINGS)
        inner = self._inner(containers)
        self._inner_kinds = list(map(type, inner))
        self._inner_plain = picker(number for number, kind in enumerate(self._inner_kinds) if kind in _ATOMS)
        self._nested = picker(number for number, kind in enumerate(self._inner_kinds) if kind in CONTAINERS)
        self._inner_atoms = self._inner_plain(inner)
        self._nested_sizes = list(map(len, self._nested(inner)))

    def still_holds(self, values: Sequence[Any]) -> bool:
        """Whether the marks of these are certainly those of the values then.

        Raises:
            RuntimeError: another thread changes one of them.
        """
        if list(map(type, values)) != self._kinds or self._plain(values) != self._atoms:
            return False
        containers = self._containers(values)
        if self._sizes_of(values, containers) != self._sizes:
            return False
        inner = self._inner(containers)
        return (
            list(map(type, inner)) == self._inner_kinds
            and self._inner_plain(inner) == self._inner_atoms
            and (not self._nested_sizes or list(map(len, self._nested(inner))) == self._nested_sizes)
        )

    def _sizes_of(self, values: Sequence[Any], containers: Sequence[Any]) -> list[int]:
        sizes = list(map(len, containers))
        sizes += map(_filled, self._caches(values))
        return sizes

    def _inner(self, containers: Sequence[Any]) -> list[Any]:
        """What is in the small ones."""
        inner: list[Any] = []
        for each in self._small(containers):
            inner += each
        for each in self._mappings(containers):
            inner += each.values()
        return inner


def picker(keys: Iterable[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Takes what stands at these positions, or under these names."""
    at = tuple(keys)
    if len(at) == 1:
        only = at[0]
        return lambda values: (values[only],)
    return itemgetter(*at) if at else lambda _: ()


def _filled(cache: Any) -> int:
    """How much is in a cache."""
    return int(cache.cache_info()[3])


def _marks_in(values: Collection[Any]) -> tuple[Mark, ...]:
    """Of what a container has: of most, all is plain or nothing is."""
    kinds = tuple(map(type, values))
    if _LOOKED_INTO.isdisjoint(kinds):
        return kinds
    return tuple(values) if _ATOMS.issuperset(kinds) else tuple(map(_inner, values))


def _inner(value: Any) -> Mark:
    kind = type(value)
    if kind in _ATOMS:
        return value
    return (kind, len(value)) if kind in CONTAINERS else kind
