"""Which of many escapes a reader is asked to look at."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from greenroom.model.mutant import Verdict
from greenroom.model.operator import Symptom
from greenroom.model.proof import Proof, Trial
from greenroom.report.escapes import ranked, to_look_at, untold
from greenroom.report.proof import render_proof
from tests.report.proof_sample import rich_proof


def proof_of(*kinds: tuple[str, str, int, int]) -> Proof:
    """Escapes by operator, function, line and weight; each was run by one test."""
    sample = rich_proof()
    mutant = sample.trials[0].mutant
    trials: Sequence[Trial] = [
        Trial(
            mutant=replace(
                mutant, key=str(number), operator=operator, weight=weight, symptom=Symptom.RESULT,
                place=replace(mutant.place, symbol=symbol, line=line),
            ),
            verdict=Verdict.ESCAPED, tests=("tests/test_a.py::test_a",), diff="",
        )
        for number, (operator, symbol, line, weight) in enumerate(kinds)
    ]  # fmt: skip
    return replace(sample, trials=tuple(trials))


def shown(proof: Proof) -> list[tuple[str, str]]:
    return [(each.trial.mutant.operator, each.trial.mutant.place.symbol) for each in to_look_at(proof)]


def test_one_for_each_operator_and_function() -> None:
    proof = proof_of(
        *(("T1", "make", line, 5) for line in range(1, 30)), ("K1", "make", 30, 1), ("T1", "ask", 31, 1)
    )
    assert shown(proof) == [("T1", "make"), ("K1", "make"), ("T1", "ask")]
    assert to_look_at(proof)[0].alike_words == "28 more like it in make, on lines 2, 3, 4 and so on"
    assert [each.alike_words for each in to_look_at(proof)[1:]] == ["", ""]
    assert untold(proof) == 0
    assert len(ranked(proof)) == 31


def test_few_of_one_operator_while_there_are_others() -> None:
    proof = proof_of(
        *(("T1", f"f{number}", number, 5) for number in range(12)), ("K1", "g", 20, 1), ("E1", "g", 21, 1)
    )
    operators = [operator for operator, _ in shown(proof)]
    assert operators == ["T1"] * 8 + ["K1", "E1"]
    assert untold(proof) == 4


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([2], "1 more like it in ask, on line 2"),
        ([2, 2], "2 more like it in ask, on line 2"),
        ([2, 3], "2 more like it in ask, on lines 2 and 3"),
        ([2, 3, 4], "3 more like it in ask, on lines 2, 3 and 4"),
    ],
)
def test_says_where_the_others_are(lines: list[int], words: str) -> None:
    proof = proof_of(*(("T1", "ask", line, 5) for line in (1, *lines)))
    assert to_look_at(proof)[0].alike_words == words
    assert f"  and {words}\n" in render_proof(proof, "full")


def test_outside_of_functions_they_are_of_the_file() -> None:
    proof = proof_of(("T1", "", 1, 5), ("T1", "", 2, 5))
    assert to_look_at(proof)[0].alike_words == "1 more like it in this file, on line 2"


def test_what_is_not_named_is_counted() -> None:
    told = render_proof(proof_of(*(("T1", f"f{number}", number, 5) for number in range(12))), "full")
    assert "\n2 more escaped; --output-format html or json lists them all.\n" in told
    assert "more like it" not in told
