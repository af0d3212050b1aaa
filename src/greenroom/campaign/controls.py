"""Mutants whose verdict is known beforehand: they hold the campaign itself to the truth."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from greenroom.campaign.judgement import Judgement
from greenroom.campaign.subject import Subject
from greenroom.model.mutant import Verdict
from greenroom.model.proof import Check, Control
from greenroom.mutate.source import Source

EVERY = 25
"""Of so many mutants, one has an identity control and one a canary beside it."""

_RAISE = 'raise RuntimeError("greenroom: canary")'
_END = '__import__("os")._exit(86)'
"""Nobody can catch that: tells a canary that the code swallows from one that was never there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A control before it was tried."""

    check: Check
    subject: Subject
    second: Subject | None = None
    """To be tried if nobody notices the first."""

    def outcome(self, judgement: Judgement) -> Control:
        """What it says of the campaign."""
        noticed = judgement.verdict in (Verdict.CAUGHT, Verdict.HUNG)
        held = noticed if self.check is Check.CANARY else judgement.verdict is Verdict.ESCAPED
        error = "" if held else f"{judgement.verdict}: {judgement.by} {judgement.error}".strip()
        place = self.subject.mutant.place
        return Control(check=self.check, place=place, verdict=judgement.verdict, held=held, error=error)


def probes(subjects: Iterable[Subject], texts: Mapping[str, str]) -> Iterator[Probe]:
    """Controls for these mutants, of which tests run each."""
    seen = [subject for subject in subjects if subject.tests]
    for first in range(0, len(seen), EVERY):
        group = seen[first : first + EVERY]
        yield _identity(group[0])
        canary = next(filter(None, (_canary(subject, texts) for subject in reversed(group))), None)
        if canary is not None:
            yield canary


def _identity(subject: Subject) -> Probe:
    return Probe(
        check=Check.IDENTITY, subject=replace(subject, change=replace(subject.change, is_control=True))
    )


def _canary(subject: Subject, texts: Mapping[str, str]) -> Probe | None:
    """An exception in front of the mutant's statement, where that is a line of a function which tests run."""
    if subject.cold:
        return None
    path, line = subject.mutant.place.path, subject.mutant.place.line
    source = Source(path, texts[path])
    statement = _statement(source, line)
    if statement is None or statement.lineno not in subject.mutant.lines:
        return None
    first, second = (_with(subject, source, statement, text) for text in (_RAISE, _END))
    return Probe(check=Check.CANARY, subject=first, second=second) if first else None


def _statement(source: Source, line: int) -> ast.stmt | None:
    """The simple statement that begins on the line, in a function."""
    for statement in source.nodes(ast.stmt):
        is_simple = not hasattr(statement, "body")
        is_first = not source.text[: source.start(statement)].rpartition("\n")[2].strip()
        if is_simple and is_first and statement.lineno == line and source.function(statement) is not None:
            return statement
    return None


def _with(subject: Subject, source: Source, statement: ast.stmt, text: str) -> Subject | None:
    edit = source.inserted(statement, text)
    changed = source.text[: edit.start] + edit.text + source.text[edit.end :]
    try:
        compile(changed, source.path, "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return replace(subject, change=replace(subject.change, text=changed))
