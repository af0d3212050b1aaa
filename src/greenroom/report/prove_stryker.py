"""Stryker's mutation-report JSON, which its dashboard and its web component show.

Schema: https://github.com/stryker-mutator/mutation-testing-elements/tree/master/packages/report-schema
"""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Proof, Trial
from greenroom.report.prove_request import ProveRequest
from greenroom.report.prove_words import MEANINGS, control_words, covered, headline, reason, told

_STATUS: Final = {
    Verdict.CAUGHT: "Killed",
    Verdict.HUNG: "Timeout",
    Verdict.ESCAPED: "Survived",
    Verdict.UNSEEN: "NoCoverage",
    Verdict.BROKEN: "RuntimeError",
    Verdict.UNCONFIRMED: "Ignored",
}
"""Its *score of covered code* is then what the escape rate leaves of 100 %."""
_THRESHOLDS: Final = {"high": 95, "low": 80}
"""From where its pages are green, and below what red; they decide nothing."""


def render(request: ProveRequest) -> str:
    """The report: every file in which something was seeded, and every test that ran any of it."""
    proof = request.proof
    by_path = groupby(
        sorted(proof.trials, key=lambda trial: trial.mutant.place.path),
        key=lambda trial: trial.mutant.place.path,
    )
    framework: dict[str, Any] = {"name": "Greenroom"}
    if request.version:
        framework["version"] = request.version
    document = {
        "schemaVersion": "2.0",
        "thresholds": _THRESHOLDS,
        "framework": framework,
        "config": {
            "project": proof.project,
            "answer": headline(proof),
            "controls": control_words(proof.controls),
        },
        "files": {path: _file(request, path, list(trials)) for path, trials in by_path},
        "testFiles": _tests(proof),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _file(request: ProveRequest, path: str, trials: Iterable[Trial]) -> dict[str, Any]:
    text = request.text(path)
    return {
        "language": "python",
        "source": covered(text, path),
        "mutants": [_mutant(request.proof, trial, text) for trial in trials],
    }


def _mutant(proof: Proof, trial: Trial, text: str) -> dict[str, Any]:
    mutant = trial.mutant
    start, end, replacement = _change(mutant, text)
    status, why = _status(proof, trial)
    found: dict[str, Any] = {
        "id": mutant.key,
        "mutatorName": f"{mutant.code} {mutant.operator} {mutant.name}",
        "description": told(trial),
        "location": {"start": _position(text, start), "end": _position(text, end)},
        "replacement": covered(replacement, mutant.place.path),
        "status": status,
        "statusReason": why,
        "static": trial.at_import,
        "duration": round(trial.seconds * 1000),
    }
    if not trial.at_import:  # then `tests` are all that there are, and none of them runs its lines
        found["coveredBy"] = list(trial.tests)
    if trial.by:
        found["killedBy"] = [trial.by]
    if trial.verdict is Verdict.ESCAPED:
        found["testsCompleted"] = len(trial.tests)
    return found


def _status(proof: Proof, trial: Trial) -> tuple[str, str]:
    """A viewer makes a rate of whatever it is given: where none may be told, it is given none."""
    if proof.doubt:
        return "Ignored", f"{headline(proof)} Otherwise: {trial.verdict}."
    if trial.accepted:
        return "Ignored", f"accepted: {reason(trial)}"
    return _STATUS[trial.verdict], reason(trial) or MEANINGS[trial.verdict]


def _change(mutant: Mutant, text: str) -> tuple[int, int, str]:
    """Where the changed lines begin and end, and what stands there instead: an insertion alone would show nothing."""
    first, last = min(mutant.edits[0].start, len(text)), min(mutant.edits[-1].end, len(text))
    begin = text.rfind("\n", 0, first) + 1
    begin = min(begin + _indent(text[begin:]), first)
    end = text.find("\n", last)
    end = len(text) if end < 0 else end
    changed = mutant.applied_to(text)
    return begin, end, changed[begin : len(changed) - (len(text) - end)]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _position(text: str, at: int) -> dict[str, int]:
    """Line and column, both from 1; the column counts UTF-16 units, as JavaScript does."""
    begin = text.rfind("\n", 0, at) + 1
    column = len(text[begin:at].encode("utf-16-le", "surrogatepass")) // 2
    return {"line": text.count("\n", 0, at) + 1, "column": column + 1}


def _tests(proof: Proof) -> dict[str, Any]:
    known = dict.fromkeys(name for trial in proof.trials for name in _named(trial))
    files: dict[str, list[dict[str, str]]] = {}
    for test in known:
        file, _, name = test.partition("::")
        files.setdefault(file, []).append({"id": test, "name": name or file})
    return {file: {"tests": tests} for file, tests in files.items()}


def _named(trial: Trial) -> Iterator[str]:
    if not trial.at_import:
        yield from trial.tests
    if trial.by:
        yield trial.by
