"""Which failures are tried where not all are, and what may not come out."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from greenroom.campaign.caps import PER_FILE, PER_LINE, capped
from greenroom.campaign.gate import Gate
from greenroom.campaign.sample import spread
from greenroom.campaign.subject import Subject
from greenroom.model.alertness import Alertness, alertness
from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.operator import Symptom
from greenroom.model.place import Place
from greenroom.model.proof import Proof, SuiteFacts, Trial
from greenroom.project.files.errors import ConfigurationError


def mutant(
    number: int, *, path: str = "app.py", line: int = 1, weight: int = 3, code: str = "DEP001"
) -> Mutant:
    return Mutant(
        key=f"{path}:{code}:{number}", operator="T1", name="drop-timeout", code=code,
        place=Place(path=path, line=line, symbol="f"), end_line=line, lines=(line,), edits=(),
        symptom=Symptom.RESULT, weight=weight,
    )  # fmt: skip


def subject(of: Mutant) -> Subject:
    return Subject(mutant=of, before="", tests=("t",), cold=False)


def proof(*trials: Trial) -> Proof:
    suite = SuiteFacts(tests=1, voting=1)
    return Proof(
        project="p", trials=trials, controls=(), suite=suite, families={}, noticed_by={}, consequences={}
    )


def trial(number: int, verdict: Verdict, tests: tuple[str, ...] = (), by: str = "", weight: int = 3) -> Trial:
    return Trial(mutant=mutant(number, weight=weight), verdict=verdict, tests=tests, by=by)


def test_a_line_and_a_file_of_a_pull_request_have_so_many_and_the_gravest() -> None:
    crowded = [mutant(number, line=7, weight=1 + number % 5) for number in range(9)]
    long = [mutant(number, path="long.py", line=number, weight=2) for number in range(PER_FILE + 5)]
    grave = mutant(99, path="long.py", line=99, weight=5)

    kept = capped([*crowded, *long, grave])

    assert sorted(each.weight for each in kept if each.place.path == "app.py") == [4, 5]
    assert PER_LINE == 2
    assert sum(each.place.path == "long.py" for each in kept) == PER_FILE
    assert grave in kept
    assert kept == [each for each in (*crowded, *long, grave) if each in kept]


def test_each_beginning_holds_its_share_of_every_failure_mode() -> None:
    many = [subject(mutant(number, code="DEP001")) for number in range(80)]
    few = [subject(mutant(number, code="EVL001")) for number in range(20)]

    order = spread([*many, *few])

    assert Counter(order) == Counter([*many, *few])
    for length in (20, 40, 60):
        share = sum(each.mutant.code == "EVL001" for each in order[:length])
        assert abs(share - length / 5) <= 1
    assert order != [*many, *few]


@pytest.mark.parametrize(
    ("rules", "reasons"),
    [
        ((), ["escapes: 2"]),
        (("new",), ["escapes that are not in the baseline: 1, the first at app.py:1"]),
        (("escape-rate>16",), ["the escape rate is 16.7 %, above 16 %"]),
        (
            ("escape-rate>17", "new"),
            ["escapes that are not in the baseline: 1, the first at app.py:1"],
        ),
        (("escape-rate>17",), []),
    ],
)
def test_what_may_not_be(tmp_path: Path, rules: tuple[str, ...], reasons: list[str]) -> None:
    before = {"trials": [{"verdict": "escaped", "mutant": {"key": mutant(1).key}}]}
    file = tmp_path / "before.json"
    file.write_text(json.dumps(before), encoding="utf-8")
    found = proof(
        *(trial(number, Verdict.ESCAPED) for number in (1, 2)),
        *(trial(number, Verdict.CAUGHT) for number in range(3, 13)),
        replace(trial(20, Verdict.ESCAPED), accepted="it may"),
    )

    assert list(Gate(rules, file).broken(found)) == reasons


@pytest.mark.parametrize(
    ("rules", "content", "problem"),
    [
        (("most",), None, "fail-on: `most` is no rule: write `any`, `new` or `escape-rate>5`"),
        (("new",), None, "fail-on: `new` needs --baseline FILE"),
        (("new",), "[]", "before.json is not what `greenroom prove --output-format json` writes"),
    ],
)
def test_rules_that_cannot_be_kept_are_told(
    tmp_path: Path, rules: tuple[str, ...], content: str | None, problem: str
) -> None:
    file = tmp_path / "before.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError) as raised:
        Gate(rules, file if content is not None else None)

    assert problem in str(raised.value)


def test_a_test_is_judged_by_what_it_was_asked() -> None:
    found = alertness(
        [
            trial(1, Verdict.CAUGHT, ("idle", "good", "late"), by="good"),
            trial(2, Verdict.HUNG, ("idle", "good"), by="good"),
            trial(3, Verdict.ESCAPED, ("idle",)),
            trial(4, Verdict.UNCONFIRMED, ("idle", "late")),
            replace(trial(5, Verdict.ESCAPED, ("idle", "good", "late")), at_import=True),
        ]
    )

    assert found == [
        Alertness(test="idle", missed=3),
        Alertness(test="good", noticed=2),
        Alertness(test="late", unasked=1),
    ]
    assert [each.test for each in found if each.never_notices] == ["idle"]


def test_the_weighted_rate_counts_by_weight() -> None:
    found = proof(
        trial(1, Verdict.ESCAPED, weight=5), trial(2, Verdict.CAUGHT, weight=1), trial(3, Verdict.HUNG, weight=4),
        trial(4, Verdict.UNSEEN, weight=5), replace(trial(5, Verdict.ESCAPED, weight=5), accepted="so"),
    )  # fmt: skip

    assert (found.weighted, found.rate.share) == (0.5, 1 / 3)
