"""What would have reached production, as text for the terminal and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Final

from greenroom.model.alertness import alertness
from greenroom.model.mutant import Verdict
from greenroom.model.proof import Check, Proof, Trial, rate_of
from greenroom.model.rate import Rate
from greenroom.model.secret import cover, cover_written
from greenroom.report.escapes import Shown, ranked, to_look_at, untold
from greenroom.report.prove_sensors import sensor_sentences
from greenroom.report.prove_tests import test_words
from greenroom.report.prove_words import (
    covered_trial,
    family_words,
    headline,
    missed_by,
    new_test,
    untried,
    weighted_words,
)
from greenroom.report.text import count, one_line, sentence, visible

PROOF_FORMATS: Final = ("full", "json")
PROOF_VERSION: Final = 1
"""Raised when a field goes, changes its meaning or its type; not when one is added."""

_TESTS_SHOWN: Final = 3


def render_proof(proof: Proof, format_name: str) -> str:
    """Render it in one of `PROOF_FORMATS`."""
    return _json(proof) if format_name == "json" else "\n".join(_full(proof)) + "\n"


def _json(proof: Proof) -> str:
    document = {
        "version": PROOF_VERSION,
        "rate": None if proof.doubt else _rate(proof.rate),
        "doubt": proof.doubt,
        "weighted": None if proof.doubt else proof.weighted,
        "weighted_by_family": {} if proof.doubt else dict(proof.weighted_by_family()),
        "alertness": [asdict(each) for each in alertness(proof.trials)],
        "by_family": {}
        if proof.doubt
        else {family: _rate(rate) for family, rate in proof.by_family().items()},
        "with_sensors": _with_sensors(proof),
        "ranked": [trial.mutant.key for trial in ranked(proof)],
        "new_tests": {trial.mutant.key: new_test(trial.mutant, proof.root) for trial in ranked(proof)},
        **asdict(replace(proof, trials=tuple(map(covered_trial, proof.trials)))),
    }
    return cover_written(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _with_sensors(proof: Proof) -> dict[str, object] | None:
    """The rates had our sensors been on; None where nobody watched."""
    if not proof.sensors or proof.doubt:
        return None
    return {
        "rate": _rate(proof.rate_with_sensors),
        "slow_and_leaking": {
            "tests": _rate(rate_of(proof.blind)),
            "with_sensors": _rate(rate_of(proof.blind, with_sensors=True)),
        },
    }


def _rate(rate: Rate) -> dict[str, object]:
    low, high = rate.interval
    return {"escaped": rate.count, "of": rate.of, "share": rate.share, "low": low, "high": high}


def _full(proof: Proof) -> Iterator[str]:
    yield from _sentence(proof)
    yield ""
    yield from _beside(proof)
    families = [] if proof.doubt else [each for each in proof.by_family().items() if each[1].of]
    if families:
        weighted = proof.weighted_by_family()
        yield ""
        yield "By family:"
        for family, rate in families:
            yield f"  {family.words:<14} {family_words(rate)}{weighted_words(rate, weighted[family])}"
        if len(families) > 1 and proof.rate.is_enough:
            yield f"  {'all':<14} {family_words(proof.rate)}{weighted_words(proof.rate, proof.weighted)}"
    for number, shown in enumerate(to_look_at(proof), start=1):
        yield ""
        yield from _escape(proof, shown, number)
    if further := untold(proof):
        yield ""
        yield f"{further:,} more escaped; --output-format html or json lists them all."
    for words in test_words(proof):
        yield ""
        yield from words


def _sentence(proof: Proof) -> Iterator[str]:
    yield headline(proof)
    if proof.doubt:
        for control in proof.failed_controls[:_TESTS_SHOWN]:
            where = f"{one_line(control.place.path)}:{control.place.line}"
            yield f"  {where}: {control.check} control: {one_line(control.error)}"


def _beside(proof: Proof) -> Iterator[str]:
    caught = len(proof.with_verdict(Verdict.CAUGHT))
    yield f"  {caught:>6,} caught by a failing test"
    yield from (f"  {number:>6,} {words}" for number, words in _counts(proof) if number)
    for check in Check:
        known = [control for control in proof.controls if control.check is check]
        words = "unchanged code survived" if check is Check.IDENTITY else "raised exceptions were caught"
        held = f"{sum(each.held for each in known):>6,} of {len(known):,} controls: {words}"
        yield f"  {held}" if known else f"  {'no':>6} {untried(check)}"
    suite = proof.suite
    yield f"  {suite.voting:>6,} of {count(suite.tests, 'test')} voted"
    for names, words in (
        (suite.failed, "fail without any change"),
        (suite.timing, "fail on a busy machine, and did not vote"),
        (suite.left, "are green and never run, as nobody awaits them, and did not vote"),
        (suite.dependent, "pass only after others"),
    ):
        if names:
            yield f"  {len(names):>6,} {words}, as {one_line(names[0])}"
    yield from (f"  {each}" for each in sensor_sentences(proof))
    yield from (f"  note: {one_line(cover_written(notice))}" for notice in proof.notices)


def _counts(proof: Proof) -> Iterator[tuple[int, str]]:
    def number(verdict: Verdict) -> int:
        return len(proof.with_verdict(verdict))

    yield number(Verdict.HUNG), "caught by a hang alone: CI would stop, and nobody would be told why"
    yield number(Verdict.UNSEEN), "more were seeded where no passing test goes: unseen"
    yield number(Verdict.BROKEN), "could not be imported, and say nothing"
    yield number(Verdict.UNCONFIRMED), "are unconfirmed: a test failed once, and not again"
    yield sum(bool(trial.accepted) for trial in proof.trials), "escape and are accepted by a comment"
    at_import = sum(trial.at_import for trial in proof.with_verdict(Verdict.ESCAPED))
    yield at_import, "of the escapes are in lines that only the import of the project runs"
    yield (
        proof.kept,
        "verdicts are taken over from an earlier state of the tree: nothing that they rest on has changed",
    )
    yield proof.left_out, "were left out: not in the budget, in another shard, or too many for a line or file"


def _escape(proof: Proof, shown: Shown, number: int) -> Iterator[str]:
    trial, mutant = shown.trial, shown.trial.mutant
    place = mutant.place
    yield f"{one_line(place.path)}:{place.line}:{place.column}: {mutant.code} {mutant.operator} {mutant.name}: {one_line(cover_written(mutant.note))}"
    yield f"  {number}. {sentence('Users would have seen: ' + proof.consequences[mutant.operator])}"
    for line in trial.diff.splitlines()[2:]:
        yield f"      {visible(cover(line, place.path))}"
    yield from _missed_by(trial)
    if trial.sensed:
        yield f"  sensors would have: {one_line(trial.sensed)}, in {one_line(trial.sensed_by)}"
    yield f"  try: {sentence(proof.noticed_by[mutant.operator])}"
    yield f"       {one_line(new_test(mutant, proof.root))}"
    if shown.alike:
        yield f"  and {one_line(shown.alike_words)}"


def _missed_by(trial: Trial) -> Iterator[str]:
    if trial.at_import:
        yield f"  {missed_by(trial)}."
        return
    yield f"  {missed_by(trial)}:"
    yield from (f"      {one_line(name)}" for name in trial.tests[:_TESTS_SHOWN])
    if len(trial.tests) > _TESTS_SHOWN:
        yield f"      and {len(trial.tests) - _TESTS_SHOWN:,} more"
