"""Comments that accept an escape: `# greenroom: accept[T1] reason`, on a line of the statement or alone above it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from greenroom.model.mutant import Mutant, Verdict
from greenroom.model.proof import Trial

_COMMENT = re.compile(r"#\s*greenroom:\s*accept(?:\[([^\]]*)\])?[ \t]*(.*)")
_EXAMPLE = "write `# greenroom: accept[T1] reason`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One well-formed comment."""

    path: str
    line: int
    word: str
    """The key of an operator, or the code of a failure mode."""
    reason: str
    alone: bool
    """No code stands on its line, so that it speaks for the line below."""

    def covers(self, mutant: Mutant) -> bool:
        """Whether it speaks of this mutant."""
        if self.path != mutant.place.path or self.word not in (mutant.operator, mutant.code):
            return False
        first = mutant.place.line - 1 if self.alone else mutant.place.line
        return first <= self.line <= max(mutant.end_line, mutant.place.line)


def read_acceptances(texts: Mapping[str, str]) -> tuple[list[Acceptance], list[str]]:
    """The comments of these files, and what is wrong with the malformed ones."""
    found: list[Acceptance] = []
    notices: list[str] = []
    for path, text in texts.items():
        if "greenroom:" not in text:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            comment = _COMMENT.search(line)
            if comment is None:
                continue
            words = [word for word in re.split(r"[,\s]+", comment[1] or "") if word]
            if not words or not comment[2].strip():
                missing = "names nothing" if not words else "gives no reason"
                notices.append(f"{path}:{number}: acceptance {missing}; {_EXAMPLE}")
                continue
            alone = line.lstrip().startswith("#")
            found += [
                Acceptance(path=path, line=number, word=word, reason=comment[2].strip(), alone=alone)
                for word in words
            ]
    return found, notices


def accept(trials: Iterable[Trial], acceptances: Iterable[Acceptance]) -> Iterator[Trial]:
    """The trials; escapes that a comment accepts say so."""
    known = list(acceptances)
    for trial in trials:
        reasons = [each.reason for each in known if each.covers(trial.mutant)]
        escaped = trial.verdict is Verdict.ESCAPED
        yield replace(trial, accepted=reasons[0]) if reasons and escaped else trial


def unused(trials: Iterable[Trial], acceptances: Iterable[Acceptance]) -> list[str]:
    """Notices about comments that accept nothing which escapes."""
    escaped = [trial.mutant for trial in trials if trial.verdict is Verdict.ESCAPED]
    return [
        f"{each.path}:{each.line}: acceptance of {each.word} is not needed: nothing of it escapes here"
        for each in acceptances
        if not any(each.covers(mutant) for mutant in escaped)
    ]
