"""A campaign as one HTML file that a team lead would forward."""

from dataclasses import dataclass
from typing import Final

from greenroom.model.mode import Family
from greenroom.model.proof import Proof, Trial
from greenroom.model.rate import Rate
from greenroom.model.secret import cover, cover_written
from greenroom.report.escapes import Shown, to_look_at, untold
from greenroom.report.page import page
from greenroom.report.prove_request import ProveRequest
from greenroom.report.prove_sensors import sensor_sentences
from greenroom.report.prove_tests import test_words
from greenroom.report.prove_words import (
    MEANINGS,
    control_words,
    family_words,
    headline,
    missed_by,
    new_test,
    reason,
    told,
    weighted_words,
)
from greenroom.report.text import visible

_KINDS: Final = {"+": "added", "-": "removed", "@": "hunk"}
_ACCEPTED: Final = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of a unified diff."""

    kind: str
    """`added`, `removed`, `hunk` or `context`."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """An escape as the page shows it."""

    anchor: str
    trial: Trial
    told: str
    consequence: str
    noticed_by: str
    new_test: str
    """The command that writes such a test."""
    missed_by: str
    alike: str
    """Further ones of its kind, in words; empty where there is none."""
    diff: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A seeded failure in the list of all."""

    trial: Trial
    told: str
    verdict: str
    reason: str


def render(request: ProveRequest) -> str:
    """The page."""
    proof = request.proof
    rows = [_row(trial) for trial in proof.trials]
    return page(
        "prove.html.j2",
        proof=proof,
        version=request.version,
        headline=headline(proof),
        controls=control_words(proof.controls),
        sensors=sensor_sentences(proof),
        counts=_counts(rows),
        families=[] if proof.doubt else _families(proof),
        tests=list(test_words(proof)),
        escapes=[_escape(proof, shown, f"e{number}") for number, shown in enumerate(to_look_at(proof), start=1)],
        further=untold(proof),
        rows=rows,
        codes=sorted({(trial.mutant.operator, trial.mutant.name) for trial in proof.trials}),
        notices=[cover_written(notice) for notice in proof.notices],
        suite=_suite_words(proof),
    )  # fmt: skip


def _counts(rows: list[Row]) -> list[tuple[str, int, str]]:
    """Each verdict that was given, how often, and what it means."""
    meanings = {str(verdict): words for verdict, words in MEANINGS.items()}
    meanings[_ACCEPTED] = "it escapes, and a comment in the code says why it may"
    numbers = {verdict: sum(row.verdict == verdict for row in rows) for verdict in meanings}
    return [(verdict, numbers[verdict], words) for verdict, words in meanings.items() if numbers[verdict]]


def _families(proof: Proof) -> list[tuple[Family, Rate, str]]:
    if proof.doubt:
        return []
    weighted = proof.weighted_by_family()
    return [
        (family, rate, family_words(rate) + weighted_words(rate, weighted[family]))
        for family, rate in proof.by_family().items()
    ]


def _row(trial: Trial) -> Row:
    verdict = _ACCEPTED if trial.accepted else str(trial.verdict)
    return Row(trial=trial, told=told(trial), verdict=verdict, reason=reason(trial))


def _escape(proof: Proof, shown: Shown, anchor: str) -> Escape:
    trial, mutant = shown.trial, shown.trial.mutant
    lines = trial.diff.splitlines()[2:]
    return Escape(
        anchor=anchor,
        trial=trial,
        told=told(trial),
        consequence=proof.consequences[mutant.operator],
        noticed_by=proof.noticed_by[mutant.operator],
        new_test=new_test(mutant, proof.root),
        missed_by=missed_by(trial),
        alike=shown.alike_words,
        diff=tuple(
            DiffLine(kind=_KINDS.get(line[:1], "context"), text=visible(cover(line, mutant.place.path)))
            for line in lines
        ),
    )


def _suite_words(proof: Proof) -> list[tuple[str, tuple[str, ...]]]:
    """Tests that did not vote or are to be known about, by the reason."""
    suite = proof.suite
    groups = (
        ("fail without any change", suite.failed),
        ("fail on a busy machine, and did not vote", suite.timing),
        ("are green and never run, as nobody awaits them, and did not vote", suite.left),
        ("pass only after others", suite.dependent),
        ("disturb one another at the same time", suite.colliding),
    )
    return [(words, names) for words, names in groups if names]
