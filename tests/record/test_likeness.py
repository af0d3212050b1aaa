"""A glance tells the same as the marks do: what has changed, and what only looks so."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from greenroom.record.likeness import Glance, mark_of


class Client:
    """Some object, of which only the type counts."""


@cache
def rate(currency: str) -> int:
    return len(currency)


def _values() -> list[Any]:
    rate.cache_clear()
    return [
        "text", 1, None, Client(), [], [1, 2], {"a": 1, "b": [1]}, {1, 2}, deque([1]), defaultdict(list, a=[1]), OrderedDict(a=Client()),
        list(range(100)), rate,
    ]  # fmt: skip


Change = Callable[[list[Any]], Any]


def _set(number: int, value: Any) -> Change:
    return lambda values: values.__setitem__(number, value)


CHANGES: dict[str, Change] = {
    "another text": _set(0, "other"),
    "something where nothing was": _set(2, Client()),
    "filled": lambda values: values[4].append(1),
    "another element": lambda values: values[5].__setitem__(0, 5),
    "another value": lambda values: values[6].__setitem__("a", 2),
    "another key with the same value": lambda values: values[6].__setitem__("c", values[6].pop("a")),
    "one level deeper": lambda values: values[6]["b"].append(2),
    "another element of a set": lambda values: (values[7].discard(1), values[7].add(3)),
    "appended at its left": lambda values: values[8].appendleft(2),
    "asked for what was not there": lambda values: values[9]["b"],
    "of another type": lambda values: values[10].__setitem__("a", object()),
    "longer": lambda values: values[11].append(1),
    "answered something": lambda values: values[12]("EUR"),
    "emptied by another": lambda values: (values[5].pop(), values[4].append(2)),
}
NO_CHANGES: dict[str, Change] = {
    "nothing": lambda values: None,  # noqa: ARG005
    "another object of the type": _set(3, Client()),
    "another object of the type in a container": lambda values: values[10].__setitem__("a", Client()),
    "an equal list": _set(5, [1, 2]),
    "put back": lambda values: (values[5].append(3), values[5].pop()),
    "an equal element deeper": lambda values: values[6].__setitem__("b", [7]),
    "another element of a large one": lambda values: values[11].__setitem__(0, 7),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_by_both(name: str) -> None:
    values = _values()
    glance, marks = Glance(values), list(map(mark_of, values))
    CHANGES[name](values)
    assert not glance.still_holds(values)
    assert marks != list(map(mark_of, values))


@pytest.mark.parametrize("name", NO_CHANGES)
def test_what_is_as_it_was_is_no_change_for_either(name: str) -> None:
    values = _values()
    glance, marks = Glance(values), list(map(mark_of, values))
    NO_CHANGES[name](values)
    assert glance.still_holds(values)
    assert marks == list(map(mark_of, values))


def test_an_equal_number_of_another_type_is_for_the_marks_to_settle() -> None:
    values = _values()
    glance, marks = Glance(values), list(map(mark_of, values))
    values[1], values[5][0] = 1.0, 1.0
    assert not glance.still_holds(values)
    assert marks == list(map(mark_of, values))
