"""Writes the table of all operators from the catalogue: `python docs/operators.py`."""

from collections.abc import Iterator
from pathlib import Path

from greenroom.catalogue import all_modes
from greenroom.model.mode import FailureMode
from greenroom.model.operator import Operator

PAGE = Path(__file__).parent / "operators.md"
_HEAD = """\
# Operators

What `greenroom prove` seeds: one row for each operator, with the failure mode that it belongs to, by what a test could notice
it, and what users would have seen. `greenroom explain CODE` shows what an operator changes and what it leaves alone,
as code; each of these examples is a test.

* **Rank 1**: many escape, few are equivalent, and incidents stand behind them. They are seeded first.
* **Noticed by**: an assertion on the *result*, a limit against a *hang*; *latency* and *leak* are seen by nobody without a
  sensor, and are reported twice: with your tests alone, and with your tests and Greenroom's sensors.
* **Asked for**: seeded only when it is selected by its key.

This page is written by `python docs/operators.py`, from the catalogue.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([_HEAD, _count(), "", *_table()]) + "\n"


def _operators() -> list[tuple[FailureMode, Operator]]:
    found = [(mode, operator) for mode in all_modes() for operator in mode.operators]
    return sorted(found, key=lambda each: (each[1].key[0], int(each[1].key[1:])))


def _count() -> str:
    operators = [operator for _, operator in _operators()]
    first = sum(operator.first_rank for operator in operators)
    modes = len({mode.code for mode, _ in _operators()})
    return f"{len(operators)} operators in {modes} failure modes, {first} of the first rank."


def _table() -> Iterator[str]:
    yield "| key | operator | failure mode | rank | weight | noticed by | what is done | what users would have seen |"
    yield "|---|---|---|---|--:|---|---|---|"
    for mode, operator in _operators():
        rank = "1" if operator.first_rank else "asked for" if operator.optional else "2"
        yield (
            f"| {operator.key} | {operator.name} | {mode.code} {mode.name} | {rank} | {operator.weight} "
            f"| {operator.symptom} | {operator.summary} | {operator.consequence} |"
        )


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
