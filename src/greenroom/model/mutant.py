"""A mutant: the project's code with one production failure in it, and what the tests made of it."""

from dataclasses import dataclass
from enum import StrEnum

from greenroom.model.operator import Symptom
from greenroom.model.place import Place


class Verdict(StrEnum):
    """What the tests made of a mutant."""

    CAUGHT = "caught"
    """A test failed, and did so again alone, and passes alone without the mutant."""
    HUNG = "hung"
    """Caught by hang: a test did not come to its end. The expected symptom of some failures, but no diagnosis."""
    ESCAPED = "escaped"
    """All tests that run the line stayed green, twice."""
    UNSEEN = "unseen"
    """No passing test runs the line."""
    BROKEN = "broken"
    """The mutated module could not even be imported; says nothing about the tests."""
    UNCONFIRMED = "unconfirmed"
    """A test failed once, and not again; or it also fails alone without the mutant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A piece of the source text, and what stands there instead."""

    start: int
    """Offset in characters of the file's text."""
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One failure at one place."""

    key: str
    """Identity without line numbers: the same after unrelated edits; unique in a run."""
    operator: str
    """The operator's key: `T1`."""
    name: str
    """The operator's name: `drop-timeout`."""
    code: str
    """The failure mode's: `DEP001`."""
    place: Place
    end_line: int
    lines: tuple[int, ...]
    """The lines whose execution shows that a test comes here: it is seen if any of them runs."""
    edits: tuple[Edit, ...]
    """In ascending order; they do not overlap."""
    symptom: Symptom
    weight: int
    """1 to 5."""
    note: str = ""
    """What this very mutant does: `httpx.get loses its timeout=5`."""

    def applied_to(self, text: str) -> str:
        """The source with the failure in it."""
        parts: list[str] = []
        at = 0
        for edit in self.edits:
            parts += (text[at : edit.start], edit.text)
            at = edit.end
        return "".join((*parts, text[at:]))
