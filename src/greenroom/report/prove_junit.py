"""A campaign as JUnit XML: each seeded failure is a case, and one that nobody noticed is a case that fails."""

from collections import Counter
from collections.abc import Iterator

from greenroom.model.mode import Family
from greenroom.model.mutant import Verdict
from greenroom.model.proof import Check, Proof, Trial
from greenroom.model.secret import cover
from greenroom.report.junit import attribute, escaped
from greenroom.report.prove_request import ProveRequest
from greenroom.report.prove_words import MEANINGS, headline, missed_by, new_test, reason, told
from greenroom.report.text import one_line, sentence, visible

_NOTICED = frozenset({Verdict.CAUGHT, Verdict.HUNG})


def render(request: ProveRequest) -> str:
    """One suite per family, and one for the campaign's own controls."""
    proof = request.proof
    wrong = {check: why for check in Check if (why := _distrust(proof, check))}
    head = (
        f'<testsuites name="greenroom prove" tests="{len(proof.trials) + len(Check)}" '
        f'failures="{len(proof.with_verdict(Verdict.ESCAPED))}" errors="{len(wrong)}" time="{proof.seconds:.3f}">'
    )
    suites = [line for family in Family for line in _suite(proof, family)]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        head,
        *_controls(proof, wrong),
        *suites,
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _distrust(proof: Proof, check: Check) -> str:
    """Why the campaign cannot be believed, as far as this check says; empty where it held."""
    known = [control for control in proof.controls if control.check is check]
    failed = [control for control in known if not control.held]
    if failed:
        first = failed[0]
        where = f"{first.place.path}:{first.place.line}"
        return f"{len(failed)} of {len(known)} failed, the first at {where}: {first.error}"
    return "" if known else "there was no code on which to check"


def _controls(proof: Proof, wrong: dict[Check, str]) -> Iterator[str]:
    yield f'  <testsuite name="greenroom: controls" tests="{len(Check)}" failures="0" errors="{len(wrong)}" skipped="0">'
    yield "    <properties>"
    yield f'      <property name="answer" value={attribute(headline(proof))}/>'
    yield "    </properties>"
    for check in Check:
        head = f'    <testcase classname="greenroom.controls" name="{check}"'
        if check in wrong:
            yield f"{head}>"
            yield f'      <error message={attribute(wrong[check])} type="{check}"/>'
            yield "    </testcase>"
        else:
            yield f"{head}/>"
    yield "  </testsuite>"


def _suite(proof: Proof, family: Family) -> Iterator[str]:
    trials = [trial for trial in proof.trials if proof.families[trial.mutant.code] is family]
    if not trials:
        return
    failures = sum(_has_escaped(trial) for trial in trials)
    skipped = sum(bool(_skipped(trial)) for trial in trials)
    title = attribute(f"greenroom: {family.words}")
    yield f'  <testsuite name={title} tests="{len(trials)}" failures="{failures}" errors="0" skipped="{skipped}">'
    met: Counter[str] = Counter()
    for trial in trials:
        name = _name(trial)
        met[name] += 1
        yield from _case(proof, trial, name if met[name] == 1 else f"{name} ({met[name]})")
    yield "  </testsuite>"


def _has_escaped(trial: Trial) -> bool:
    return trial.verdict is Verdict.ESCAPED and not trial.accepted


def _skipped(trial: Trial) -> str:
    """Why it says nothing of the tests, or is not to; empty where it does."""
    if trial.accepted:
        return f"accepted: {reason(trial)}"
    if trial.verdict in _NOTICED or trial.verdict is Verdict.ESCAPED:
        return ""
    return f"{trial.verdict}: {reason(trial) or MEANINGS[trial.verdict]}"


def _name(trial: Trial) -> str:
    """Without the line, so that a CI system knows the case again in the next run."""
    place = trial.mutant.place
    where = f"{place.path}::{place.symbol}" if place.symbol else place.path
    return f"{trial.mutant.operator} {trial.mutant.name} in {where}"


def _case(proof: Proof, trial: Trial, name: str) -> Iterator[str]:
    place = trial.mutant.place
    head = (
        f"    <testcase classname={attribute(f'greenroom.{trial.mutant.code}')} name={attribute(name)} "
        f'file={attribute(place.path)} line="{place.line}" time="{trial.seconds:.3f}"'
    )
    if why := _skipped(trial):
        inside = f"<skipped message={attribute(why)}/>"
    elif _has_escaped(trial):
        kind = attribute(f"{trial.mutant.code} {trial.mutant.operator}")
        inside = f"<failure message={attribute(told(trial))} type={kind}>{escaped(_details(proof, trial))}</failure>"
    else:
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield f"      {inside}"
    yield "    </testcase>"


def _details(proof: Proof, trial: Trial) -> str:
    mutant = trial.mutant
    place = mutant.place
    tests = () if trial.at_import else trial.tests
    lines = (
        f"{place.path}:{place.line}:{place.column}: {told(trial)}",
        *(visible(cover(line, place.path)) for line in trial.diff.splitlines()),
        f"{missed_by(trial)}{':' if tests else ''}",
        *(f"  {one_line(name)}" for name in tests),
        sentence(f"Users would have seen: {proof.consequences[mutant.operator]}"),
        f"try: {sentence(proof.noticed_by[mutant.operator])}",
        new_test(mutant, proof.root),
    )
    return "\n".join(lines)
