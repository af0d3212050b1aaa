"""The tests of a campaign: who notices nothing of what it runs, and who notices most."""

from collections.abc import Iterator
from typing import Final

from greenroom.model.alertness import alertness, most_alert, never_noticing
from greenroom.model.proof import Proof
from greenroom.report.text import count, one_line

_SHOWN: Final = 5


def test_words(proof: Proof) -> Iterator[list[str]]:
    """Headlines, each with its tests; nothing where there is nothing to tell."""
    known = [] if proof.doubt else alertness(proof.trials)
    idle, alert = never_noticing(known), most_alert(known)
    if idle:
        rows = [f"  {each.missed:>6,} missed  {one_line(each.test)}" for each in idle[:_SHOWN]]
        yield [
            f"{count(len(idle), 'test')} noticed none of the failures that they ran:",
            *rows,
            *_further(len(idle)),
        ]
    if alert:
        rows = [f"  {each.noticed:>6,} caught  {one_line(each.test)}" for each in alert[:_SHOWN]]
        yield ["The tests that were the first to notice most:", *rows]


def _further(number: int) -> Iterator[str]:
    if number > _SHOWN:
        yield f"      and {number - _SHOWN:,} more, which --output-format json lists"
