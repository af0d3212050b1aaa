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
        self._changed = False
        self.asked: dict[Question, _ByDigest] = {}
        """By question of this run: the answers by the content's digest."""

    def open(self, question: Question) -> _ByDigest:
        """What is known of a question that this run did not ask before."""
        found = self.asked[question] = self._known.get(question, {})
        return found

    def add(self, question: Question, digest: str, answer: Any) -> None:
        """Keep an answer."""
        self.asked[question][digest] = answer
        self._changed = True

    def save(self, digests: Iterable[str]) -> None:
        """Write what this run asked about the files with these contents, where it is not what is there."""
        if not self._changed:
            return
        there = set(digests)
        kept = {
            question: {digest: answer for digest, answer in found.items() if digest in there}
            for question, found in self.asked.items()
        }
        self._pack.write((self._code, kept))
        self._changed = False
