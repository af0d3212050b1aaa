"""Mutants whose verdict is known beforehand: they hold the campaign itself to the truth."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from greenroom.campaign.judgement import Judgement
from greenroom.campaign.observation import Lines
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Verdict
from greenroom.model.proof import Check, Control
from greenroom.mutate.source import Source

EVERY = 25
"""Of so many mutants, one has an identity control and one a canary beside it."""

_RAISE = 'raise RuntimeError("greenroom: canary")'
_END = '__import__("os")._exit(86)'
"""Nobody can catch that: tells a canary that the code swallows from one that was never there."""
_NOTICED = (Verdict.CAUGHT, Verdict.HUNG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A control before it was tried."""

    check: Check
    subject: Subject
    expected: tuple[Verdict, ...]
    second: Subject | None = None
    """To be tried if nobody notices the first."""

    def outcome(self, judgement: Judgement) -> Control:
        """What it says of the campaign."""
        held = judgement.verdict in self.expected
        error = "" if held else f"{judgement.verdict}: {judgement.by} {judgement.error}".strip()
        place = self.subject.mutant.place
        return Control(check=self.check, place=place, verdict=judgement.verdict, held=held, error=error)


def probes(subjects: Iterable[Subject], texts: Mapping[str, str], run: Lines) -> Iterator[Probe]:
    """Controls for these mutants, of which tests see each.

    Args:
        subjects: The mutants.
        texts: The files, by path.
        run: The lines that are known to run, by path.
    """
    seen = [subject for subject in subjects if subject.tests]
    for first in range(0, len(seen), EVERY):
        group = seen[first : first + EVERY]
        same = replace(group[0], is_control=True, aside=True)
        yield Probe(check=Check.IDENTITY, subject=same, expected=(Verdict.ESCAPED,))
        best_first = sorted(group, key=lambda subject: (subject.at_import, subject.cold))
        canaries = (_canary(subject, texts, run) for subject in best_first)
        canary = next(filter(None, canaries), None)
        if canary is not None:
            yield canary


def _canary(subject: Subject, texts: Mapping[str, str], run: Lines) -> Probe | None:
    """An exception in front of a statement of the mutant that runs."""
    path = subject.mutant.place.path
    source = Source(path, texts[path])
    lines = run.get(path, set()).intersection(subject.mutant.lines)
    for statement in source.nodes(ast.stmt):
        if statement.lineno not in lines or not _may_follow(source, statement):
            continue
        if subject.at_import != (source.function(statement) is None):
            continue
        first, second = (_with(subject, source, statement, text) for text in (_RAISE, _END))
        if first is not None:
            expected = (*_NOTICED, Verdict.BROKEN) if subject.at_import else _NOTICED
            return Probe(check=Check.CANARY, subject=first, expected=expected, second=second)
    return None


def _may_follow(source: Source, statement: ast.stmt) -> bool:
    """Whether another statement may stand in front of it."""
    is_first = not source.text[: source.start(statement)].rpartition("\n")[2].strip()
    return is_first and not hasattr(statement, "body")


def _with(subject: Subject, source: Source, statement: ast.stmt, text: str) -> Subject | None:
    edit = source.inserted(statement, text)
    changed = source.text[: edit.start] + edit.text + source.text[edit.end :]
    try:
        compile(changed, source.path, "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return replace(subject, mutant=replace(subject.mutant, edits=(edit,)), aside=True)
