"""The escapes in the order of their worth, and the few that a reader is asked to look at."""

from collections import defaultdict
from dataclasses import dataclass
from math import log2
from typing import Final

from greenroom.model.mutant import Verdict
from greenroom.model.operator import Symptom
from greenroom.model.proof import Proof, Trial
from greenroom.report.ranking import varied

_SHOWN: Final = 10
"""Escapes that a reader can be expected to look at."""
_OF_ONE_OPERATOR: Final = 3
"""Of them, as long as there are others."""
_LINES_SHOWN: Final = 3
_CHEAPNESS: Final = {Symptom.RESULT: 1.0, Symptom.HANG: 0.7, Symptom.LATENCY: 0.4, Symptom.LEAK: 0.4}
"""How little is missing: an assertion in a test that is there, a test that waits, a sensor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An escape, and those of the same kind in the same function, which the same test would notice."""

    trial: Trial
    alike: tuple[Trial, ...] = ()

    @property
    def alike_words(self) -> str:
        """`3 more like it in create_app, on lines 12, 14 and 20`; empty where there is none."""
        if not self.alike:
            return ""
        lines = [str(line) for line in sorted({trial.mutant.place.line for trial in self.alike})]
        named = f"on line{'s' * (len(lines) > 1)} {_listed(lines)}"
        return f"{len(self.alike)} more like it in {self.trial.mutant.place.symbol or 'this file'}, {named}"


def ranked(proof: Proof) -> list[Trial]:
    """The escapes, those first that are worth most: weight, times tests that missed it, times how cheap the cure is."""

    def worth(trial: Trial) -> float:
        reach = 1 + log2(1 + (len(trial.tests) if not trial.at_import else 1))
        return trial.mutant.weight * reach * _CHEAPNESS[trial.mutant.symptom]

    escapes = proof.with_verdict(Verdict.ESCAPED)
    return sorted(
        escapes, key=lambda trial: (-worth(trial), trial.mutant.place.path, trial.mutant.place.line)
    )


def to_look_at(proof: Proof) -> list[Shown]:
    """At most ten, in their order: one for each operator and function, and few of one operator while there are others."""
    alike: dict[tuple[str, str, str], list[Trial]] = defaultdict(list)
    for trial in ranked(proof):
        place = trial.mutant.place
        alike[trial.mutant.operator, place.path, place.symbol].append(trial)
    kinds = [Shown(trial=first, alike=tuple(others)) for first, *others in alike.values()]
    operators = [kind.trial.mutant.operator for kind in kinds]
    return [kinds[place] for place in varied(operators, _OF_ONE_OPERATOR, _SHOWN)]


def untold(proof: Proof) -> int:
    """How many escapes are neither shown nor named beside one that is."""
    told = sum(1 + len(shown.alike) for shown in to_look_at(proof))
    return len(proof.with_verdict(Verdict.ESCAPED)) - told


def _listed(lines: list[str]) -> str:
    if len(lines) > _LINES_SHOWN:
        return f"{', '.join(lines[:_LINES_SHOWN])} and so on"
    return " and ".join(filter(None, (", ".join(lines[:-1]), lines[-1])))
