"""A campaign that is wrong says so: controls that do not hold take the rate away."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.operator import Symptom
from greenroom.model.place import Place
from greenroom.model.proof import Check, Control, Proof, SuiteFacts, Trial
from greenroom.model.rate import Rate
from greenroom.report.proof import render_proof

PLACE = Place(path="app.py", line=3)


def proof(controls: Sequence[Control], escaped: int = 1, caught: int = 3) -> Proof:
    verdicts = [Verdict.ESCAPED] * escaped + [Verdict.CAUGHT] * caught
    trials = tuple(
        Trial(
            mutant=Mutant(
                key=str(number), operator="T1", name="drop-timeout", code="DEP001", place=PLACE, end_line=3,
                lines=(3,), edits=(), symptom=Symptom.HANG, weight=5,
            ),
            verdict=verdict,
        )
        for number, verdict in enumerate(verdicts)
    )  # fmt: skip
    return Proof(
        project="app", trials=trials, controls=tuple(controls), suite=SuiteFacts(tests=1, voting=1),
        families={}, noticed_by={"T1": "x"}, consequences={"T1": "x"},
    )  # fmt: skip


def control(check: Check, *, held: bool = True) -> Control:
    return Control(check=check, place=PLACE, verdict=Verdict.CAUGHT, held=held, error="" if held else "why")


@pytest.mark.parametrize(
    ("controls", "doubt"),
    [
        (
            [control(Check.IDENTITY, held=False), control(Check.CANARY)],
            "1 of 2 controls failed: unchanged code was called a failure (app.py:3)",
        ),
        (
            [control(Check.IDENTITY), control(Check.CANARY, held=False)],
            "1 of 2 controls failed: a raised exception went unseen (app.py:3)",
        ),
        ([control(Check.CANARY)], "there was no code on which the campaign itself could be checked"),
        ([], "there was no code on which the campaign itself could be checked"),
    ],
)
def test_no_rate_is_told_unless_the_controls_hold(controls: list[Control], doubt: str) -> None:
    found = proof(controls)

    assert found.doubt == doubt
    text = render_proof(found, "full")
    assert text.startswith(f"No rate is told: {doubt}.")
    assert "would have reached" not in text
    assert '"rate": null' in render_proof(found, "json")


def test_who_had_no_time_to_try_anything_is_told_so() -> None:
    found = replace(proof([]), trials=(), left_out=3)

    assert render_proof(found, "full").startswith(
        "No rate is told: nothing was tried: 3 failures were left out"
    )
    assert not replace(proof([control(each) for each in Check]), left_out=3).doubt


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(61, 412, 0.117, 0.186), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0)]
)
def test_intervals_are_wilsons(count: int, of: int, low: float, high: float) -> None:
    least, most = Rate(count=count, of=of).interval

    assert least == pytest.approx(low, abs=5e-4)
    assert most == pytest.approx(high, abs=5e-4)
