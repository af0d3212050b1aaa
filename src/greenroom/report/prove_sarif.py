"""The escapes of a campaign as SARIF 2.1.0, inside the limits that GitHub sets."""

from collections.abc import Sequence
from typing import Any, Final

from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Trial
from greenroom.report.escapes import ranked
from greenroom.report.prove_request import ProveRequest
from greenroom.report.prove_words import control_words, headline, missed_by, reason, told
from greenroom.report.sarif import (
    BASE,
    SCHEMA,
    Limits,
    fingerprint,
    fitted,
    invocation,
    location,
    message_text,
)
from greenroom.report.text import sentence

_ERROR_FROM: Final = 4
_WARNING_FROM: Final = 3
"""The least weight of each level."""


def render(request: ProveRequest) -> str:
    """The log: a result for each escape; what a comment accepts is marked as suppressed."""
    return render_within(request, Limits())


def render_within(request: ProveRequest, limits: Limits) -> str:
    """The log within given limits; what was left out is said in the invocation."""
    counted = ranked(request.proof)
    accepted = [each for each in request.proof.trials if each.accepted and each.verdict is Verdict.ESCAPED]
    keep = (counted[: limits.shown] + accepted)[: limits.results]
    total = len(counted) + len(accepted)
    return fitted(keep, lambda kept: _log(request, kept, total), limits)


def _log(request: ProveRequest, escapes: Sequence[Trial], total: int) -> dict[str, Any]:
    mutants = {_rule_id(trial.mutant): trial.mutant for trial in escapes}
    rules = [_rule(request, mutants[name]) for name in sorted(mutants)]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver: dict[str, Any] = {"name": "Greenroom", "rules": rules}
    if request.version:
        driver["version"] = request.version
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "greenroom/prove/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"description": {"text": "The root of the project."}}},
        "invocations": [_invocation(request, total - len(escapes))],
        "results": [_result(request, trial, index) for trial in escapes],
        "properties": {"answer": headline(request.proof), "controls": control_words(request.proof.controls)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(request: ProveRequest, left_out: int) -> dict[str, Any]:
    """A campaign that failed its own controls did not succeed, whatever it found."""
    told_of = invocation(left_out, "escape")
    if request.proof.doubt:
        told_of["executionSuccessful"] = False
        notification = {"level": "error", "message": {"text": headline(request.proof)}}
        told_of.setdefault("toolExecutionNotifications", []).insert(0, notification)
    return told_of


def _rule_id(mutant: Mutant) -> str:
    return f"{mutant.code}/{mutant.operator}"


def _rule(request: ProveRequest, mutant: Mutant) -> dict[str, Any]:
    consequence = sentence(request.proof.consequences[mutant.operator])
    noticed_by = sentence(request.proof.noticed_by[mutant.operator])
    return {
        "id": _rule_id(mutant),
        "name": mutant.name,
        "shortDescription": {"text": f"{mutant.name}: no test would notice"},
        "fullDescription": {"text": message_text([f"Users would have seen: {consequence}"])},
        "help": {"text": message_text([f"Users would have seen: {consequence}", f"Try: {noticed_by}"])},
        "defaultConfiguration": {"level": _level(mutant)},
        "properties": {"tags": [request.proof.families[mutant.code].words, "lens/noticed"]},
    }


def _level(mutant: Mutant) -> str:
    if mutant.weight >= _ERROR_FROM:
        return "error"
    return "warning" if mutant.weight >= _WARNING_FROM else "note"


def _result(request: ProveRequest, trial: Trial, index: dict[str, int]) -> dict[str, Any]:
    mutant = trial.mutant
    parts = (
        f"Nobody would notice: {told(trial)}",
        missed_by(trial),
        f"Users would have seen: {request.proof.consequences[mutant.operator]}",
        f"Try: {request.proof.noticed_by[mutant.operator]}",
    )
    result: dict[str, Any] = {
        "ruleId": _rule_id(mutant),
        "ruleIndex": index[_rule_id(mutant)],
        "level": _level(mutant),
        "message": {"text": message_text(parts)},
        "locations": [location(mutant.place, mutant.end_line)],
        "partialFingerprints": {"greenroomMutant/v1": fingerprint(mutant.key)},
        "properties": {"operator": mutant.operator, "weight": mutant.weight, "tests": len(trial.tests)},
    }
    if trial.accepted:
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": reason(trial)}]
    return result
