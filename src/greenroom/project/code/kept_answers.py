"""Answers to questions about single files, kept by content from run to run."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from greenroom.project.files.packs import Pack

Question = TypeVar("Question")
_ByDigest = dict[str, Any]


class KeptAnswers(Generic[Question]):
    """What earlier runs were asked, and what this one is.

    Args:
        pack: where they are kept.
        code: of ours, on which they rest.
    """

    def __init__(self, pack: Pack, code: bytes) -> None:
        self._pack = pack
        self._code = code
        then, known = pack.read() or (b"", {})
        self._known: dict[Question, _ByDigest] = known if then == code else {}
        self.changed = False
        """Whether there is something to write."""
        self._gained: dict[Question, _ByDigest] | None = None
        self.asked: dict[Question, _ByDigest] = {}
        """By question of this run: the answers by the content's digest."""

    def open(self, question: Question) -> _ByDigest:
        """What is known of a question that this run did not ask before."""
        found = self.asked[question] = self._known.get(question, {})
        return found

    def add(self, question: Question, digest: str, answer: Any) -> None:
        """Keep an answer."""
        self.asked[question][digest] = answer
        self.changed = True
        if self._gained is not None:
            self._gained.setdefault(question, {})[digest] = answer

    def save(self, digests: Iterable[str]) -> None:
        """Write what this run asked about the files with these contents, where it is not what is there."""
        if not self.changed:
            return
        there = set(digests)
        kept = {
            question: {digest: answer for digest, answer in found.items() if digest in there}
            for question, found in self.asked.items()
        }
        self._pack.write((self._code, kept))
        self.changed = False

    # for a copy of this process

    def note_gains(self) -> None:
        """From here on, note apart what is found."""
        self._gained = {}

    def gains(self) -> tuple[list[Question], dict[Question, _ByDigest]]:
        """All questions that were asked, and what was found since `note_gains`."""
        return list(self.asked), self._gained or {}

    def take(self, questions: Iterable[Question], gained: dict[Question, _ByDigest]) -> None:
        """Take over the gains of a copy."""
        for question in questions:
            if question not in self.asked:
                self.open(question)
        for question, found in gained.items():
            self.asked[question].update(found)
            self.changed = True
