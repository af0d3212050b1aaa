"""Answers to questions that may lead back to themselves."""

from collections import Counter
from collections.abc import Callable, Hashable, MutableMapping
from typing import TypeVar

from greenroom.project.calls.values import Values

K = TypeVar("K", bound=Hashable)
_NOWHERE = 1 << 30
_MOST_ATTEMPTS = 3


class Answers:
    """Finds each answer once, as far as cycles allow.

    While a question is open, asking it again gives nothing: that is where a cycle is cut. What was found
    below such a cut may lack something, so it holds only until the question at which the cycle was cut is
    answered; after a few attempts it is kept, which bounds the work on code that is one large cycle.
    """

    def __init__(self) -> None:
        self._open: dict[Hashable, int] = {}
        """Open questions with their depth."""
        self._cut = _NOWHERE
        """Depth of the outermost open question on which what was just found depends."""
        self._provisional: dict[Hashable, tuple[int, Values]] = {}
        self._attempts: Counter[Hashable] = Counter()

    def find(
        self,
        known: MutableMapping[K, Values],
        key: K,
        mark: Hashable,
        search: Callable[..., Values],
        *arguments: object,
    ) -> Values:
        """The answer: known, or found by `search` and then known.

        Args:
            known: where lasting answers are kept.
            key: the question, within `known`.
            mark: the question, among all kinds of questions.
            search: finds the answer; may ask on.
            arguments: what it is called with.
        """
        found = known.get(key)
        if found is not None:
            return found
        if mark in self._open:
            self._cut = min(self._cut, self._open[mark])
            return ()
        if mark in self._provisional:
            depth, found = self._provisional[mark]
            self._cut = min(self._cut, depth)
            return found
        return self._search(known, key, mark, search, arguments)

    def _search(
        self,
        known: MutableMapping[K, Values],
        key: K,
        mark: Hashable,
        search: Callable[..., Values],
        arguments: tuple[object, ...],
    ) -> Values:
        depth = len(self._open)
        before, self._cut = self._cut, _NOWHERE
        self._open[mark] = depth
        try:
            found = search(*arguments)
        finally:
            del self._open[mark]
            cut = self._cut
            if before <= cut or cut >= depth:
                self._cut = before
        if cut >= depth:
            known[key] = found
            if self._provisional:
                self._forget_from(depth)
        else:
            self._attempts[mark] += 1
            if self._attempts[mark] >= _MOST_ATTEMPTS:
                known[key] = found
            self._provisional[mark] = (cut, found)
        return found

    def _forget_from(self, depth: int) -> None:
        """Provisional answers whose cycle was cut at this question are to be found again."""
        self._provisional = {mark: answer for mark, answer in self._provisional.items() if answer[0] < depth}
