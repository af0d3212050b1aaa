"""Sentences about a campaign, the same in every format."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Check, Control, Proof, Trial
from greenroom.model.rate import Rate
from greenroom.model.secret import cover, cover_written
from greenroom.report.text import count, one_line

MEANINGS: Final = {
    Verdict.CAUGHT: "a test failed",
    Verdict.HUNG: "a test never ended: CI would stop, and nobody would be told why",
    Verdict.ESCAPED: "every test that runs it stayed green",
    Verdict.UNSEEN: "no passing test runs it",
    Verdict.BROKEN: "it could not even be imported, and says nothing",
    Verdict.UNCONFIRMED: "a test failed once, and not again",
}
"""What each verdict says of the tests."""


def headline(proof: Proof) -> str:
    """The answer; or that there is none, and why."""
    if proof.doubt:
        return f"No rate is told: {one_line(proof.doubt)}."
    rate = proof.rate
    return (
        f"Of {count(rate.of, 'production failure')} seeded on lines your tests run, "
        f"{rate.count:,} would have reached production ({rate})."
    )


def family_words(rate: Rate) -> str:
    """What is known of one family."""
    if not rate.of:
        return "none was decided by a test"
    told = f"{rate.count:,} of {rate.of:,} escaped"
    return f"{told} ({rate})" if rate.is_enough else f"{told}; not enough to say more"


def weighted_words(rate: Rate, weighted: float) -> str:
    """The same with each failure counted by its weight; nothing where there is not enough to say."""
    return f"; weighted by how grave each is, {weighted:.1%}".replace("%", " %") if rate.is_enough else ""


def control_words(controls: Sequence[Control]) -> list[str]:
    """How the campaign itself did where the answer was known."""
    told = []
    for check in Check:
        known = [control for control in controls if control.check is check]
        kind = "identity controls: unchanged code survived"
        if check is Check.CANARY:
            kind = "canaries: a raised exception was caught"
        held = f"{sum(each.held for each in known):,} of {len(known):,} {kind}"
        told.append(held if known else f"no {untried(check)}")
    return told


def untried(check: Check) -> str:
    """What is said behind `no` of a check for which no control was tried."""
    what = "unchanged code" if check is Check.IDENTITY else "a raised exception"
    return f"control with {what} was tried"


def missed_by(trial: Trial) -> str:
    """Who ran the failure and stayed green."""
    number = count(len(trial.tests), "test")
    if trial.at_import:
        return f"The import of the project runs it, and none of {number} noticed"
    return f"{number} ran it and did not notice"


def told(trial: Trial) -> str:
    """What was done to the code, secrets covered."""
    return one_line(cover_written(trial.mutant.note or trial.mutant.name))


def reason(trial: Trial) -> str:
    """Why it has its verdict: the exception, or why it was not decided, or why it is accepted."""
    return one_line(cover_written(trial.accepted or trial.error))


def new_test(mutant: Mutant, root: str = ".") -> str:
    """The command that writes the test which would have noticed; to be pasted where `prove` was called."""
    place = mutant.place
    words = ["greenroom", "new-test", mutant.operator, "--path", f"{place.path}:{place.line}"]
    return shlex.join([*words, *(["--project", root] if root != "." else [])])


def covered(text: str, path: str) -> str:
    """Source with what looks like a secret covered, character for character."""
    return "\n".join(cover(line, path) for line in text.split("\n"))


def covered_trial(trial: Trial) -> Trial:
    """The same, without the secrets that may stand in the code."""
    diff = covered(trial.diff, trial.mutant.place.path)
    return replace(trial, diff=diff, mutant=covered_mutant(trial.mutant))


def covered_mutant(mutant: Mutant) -> Mutant:
    """The same, without the secrets that may stand in the code."""
    edits = tuple(replace(edit, text=covered(edit.text, mutant.place.path)) for edit in mutant.edits)
    return replace(mutant, edits=edits)
