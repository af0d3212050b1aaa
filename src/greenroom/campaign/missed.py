"""What a new test shall notice: a failure that can be seeded, found by its code, its operator, its key or its line."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from greenroom.campaign.plan import Choice, Plan, make_plan
from greenroom.model.draft import Missed, Template
from greenroom.model.finding import Finding
from greenroom.model.mode import FailureMode
from greenroom.model.mutant import Mutant
from greenroom.model.noticed import EscapedFailure
from greenroom.model.operator import Operator
from greenroom.model.settings import Settings
from greenroom.project.files.errors import ProjectError

Templates = Callable[[FailureMode, str], tuple[Template, ...]]
"""Of a mode, those for an operator by its key; for the mode itself with an empty one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody asks a test for."""

    incident: str
    """Code or name of a failure mode, key or name of an operator, or the key of an escape."""
    path: str = ""
    """Relative to the project's root; empty: wherever it is."""
    line: int = 0


def find_missed(  # noqa: PLR0913  - where to look, and what for
    root: Path,
    settings: Settings,
    modes: Iterable[FailureMode],
    wanted: Wanted,
    templates: Templates,
    *,
    escapes: Iterable[EscapedFailure] = (),
    findings: Callable[[FailureMode], Iterable[Finding]],
) -> Missed:
    """Find what is wanted: among what can be seeded, those first that escaped lately; else among what the audit finds.

    Raises:
        ProjectError: nobody knows what is wanted, or it is not at this place.
    """
    known = list(modes)
    named = [each for each in known if _is_called(wanted.incident, each.code, each.name)]
    keys = [
        operator.key
        for mode in known
        for operator in mode.operators
        if mode in named or _is_called(wanted.incident, operator.key, operator.name)
    ]
    plan = make_plan(root, settings, known, Choice(select=tuple(keys)))
    mutants = [each for each in plan.mutants if keys or each.key == wanted.incident]
    if not (named or keys or mutants):
        message = (
            f"nobody knows {wanted.incident!r}: it is no code of a failure mode (`greenroom modes`), "
            "no operator (docs/operators.md) and no key of an escape in this project"
        )
        raise ProjectError(message)
    there = [each for each in mutants if _is_at(each.place.path, each.place.line, each.end_line, wanted)]
    if there:
        return _of_mutant(_first(there, escapes), plan, known, templates)
    if named:
        return _of_mode(named[0], wanted, findings(named[0]), templates)
    if wanted.path:
        message = f"{wanted.incident} cannot happen at {wanted.path}:{wanted.line}; `greenroom prove` tells where it can"
        raise ProjectError(message)
    mode, operator = next((mode, each) for mode in known for each in mode.operators if each.key == keys[0])
    return Missed(
        incident=operator.key, name=operator.name, noticed_by=operator.noticed_by,
        templates=templates(mode, operator.key),
    )  # fmt: skip


def _is_called(word: str, *names: str) -> bool:
    return word.lower() in map(str.lower, names)


def _is_at(path: str, first: int, last: int, wanted: Wanted) -> bool:
    return not wanted.path or (path == wanted.path and first <= wanted.line <= last)


def _first(mutants: list[Mutant], escapes: Iterable[EscapedFailure]) -> Mutant:
    """One that escaped lately, if any did; of several the gravest."""
    escaped = {(each.path, each.line, each.operator) for each in escapes}

    def worth(mutant: Mutant) -> tuple[bool, int]:
        return (mutant.place.path, mutant.place.line, mutant.operator) in escaped, mutant.weight

    return max(mutants, key=worth)


def _of_mutant(mutant: Mutant, plan: Plan, modes: list[FailureMode], templates: Templates) -> Missed:
    mode = next(each for each in modes if each.code == mutant.code)
    operator: Operator = next(each for each in mode.operators if each.key == mutant.operator)
    text = plan.texts[mutant.place.path]
    return Missed(
        incident=mutant.operator, name=mutant.name, noticed_by=operator.noticed_by, place=mutant.place,
        note=mutant.note, removed=" ".join(text[edit.start : edit.end] for edit in mutant.edits),
        templates=templates(mode, mutant.operator),
    )  # fmt: skip


def _of_mode(mode: FailureMode, wanted: Wanted, findings: Iterable[Finding], templates: Templates) -> Missed:
    """A failure mode that nobody can seed here: what the audit says of it, if anything."""
    found = [
        each
        for each in findings
        if each.shown and _is_at(each.place.path, each.place.line, each.place.line, wanted)
    ]
    if wanted.path and not found:
        message = f"{mode.code} is not at {wanted.path}:{wanted.line}; `greenroom audit --select {mode.code}` tells where it is"
        raise ProjectError(message)
    finding = found[0] if found else None
    return Missed(
        incident=mode.code, name=mode.name, noticed_by=f"a test in which this happens: {mode.summary}",
        place=finding.place if finding else None, note=finding.message if finding else "",
        templates=templates(mode, ""),
    )  # fmt: skip
