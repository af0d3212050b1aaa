"""Runs a few lines of code as they are, and as an operator left them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from greenroom.catalogue import all_modes
from greenroom.mutate.seeding import seed
from greenroom.mutate.source import Source

Names = dict[str, Any]


def as_written(text: str) -> Names:
    """The names of the file."""
    return _run(text)


def with_failure(key: str, text: str, note: str = "") -> Names:
    """The names of the file with the only mutant of an operator in it, or the only one whose note says so."""
    mode, operator = next((mode, each) for mode in all_modes() for each in mode.operators if each.key == key)
    mutants = seed(Source("app/main.py", text), [replace(mode, operators=(operator,))])
    (mutant,) = [each for each in mutants if note in each.note]
    return _run(mutant.applied_to(text))


def both(key: str, text: str, observe: Callable[[Names], object], note: str = "") -> tuple[object, object]:
    """What is observed without and with the failure."""
    return observe(as_written(text)), observe(with_failure(key, text, note))


def _run(text: str) -> Names:
    names: Names = {"__name__": "app.main"}
    exec(compile(text, "app/main.py", "exec"), names)  # noqa: S102 - our own few lines
    return names
