"""Answers to questions that may lead back to themselves."""

from collections import Counter
from collections.abc import Callable, Hashable, MutableMapping
from typing import Any, TypeVar

from greenroom.project.calls.trail import Trail
from greenroom.project.calls.values import Values

K = TypeVar("K", bound=Hashable)
Known = MutableMapping[K, tuple[Values | None, int]]
"""By question: the answer and the modules that it rests on; None and a depth while it is being found."""
_NOWHERE = 1 << 30
_MOST_ATTEMPTS = 3


class Answers:
    """Finds each answer once, as far as cycles allow.

    While a question is open, asking it again gives nothing: that is where a cycle is cut. What was found
    below such a cut may lack something, so it holds only until the question at which the cycle was cut is
    answered; after a few attempts it is kept, which bounds the work on code that is one large cycle.

    What a cycle gives depends on where one enters it, so nothing of a cycle outlives the question that was
    asked first: an answer never depends on what else was asked before it.
    """

    def __init__(self, trail: Trail) -> None:
        self._trail = trail
        self._depth = 0
        """Number of open questions."""
        self._cut = _NOWHERE
        """Depth of the outermost open question on which what was just found depends."""
        self._provisional: dict[tuple[int, Hashable], tuple[int, Values]] = {}
        self._attempts: Counter[tuple[int, Hashable]] = Counter()
        self._cyclic: dict[tuple[int, Hashable], Known[Any]] = {}
        """What is known for the time of the first question only."""

    def find(
        self, known: Known[K], key: K, module: int, search: Callable[..., Values], *arguments: object
    ) -> Values:
        """The answer: known, or found by `search` and then known.

        Args:
            known: where lasting answers are kept.
            key: the question, within `known`.
            module: the bit of the module that it is about.
            search: finds the answer; may ask on.
            arguments: what it is called with.
        """
        entry = known.get(key)
        if entry is None:
            return self.search(known, key, module, search, *arguments)
        return self.take(known, key, entry)

    def take(self, known: Known[K], key: K, entry: tuple[Values | None, int]) -> Values:
        """The answer that is known, with all that it rests on."""
        found, seen = entry
        if found is None:
            self._cut = min(self._cut, seen)
            self._trail.cyclic = True
            return ()
        if self._cyclic and (id(known), key) in self._cyclic:
            self._trail.cyclic = True
        self._trail.seen |= seen
        return found

    def search(
        self, known: Known[K], key: K, module: int, search: Callable[..., Values], *arguments: object
    ) -> Values:
        """As `find`, where nothing is known yet."""
        trail, depth = self._trail, self._depth
        if self._provisional:
            held = self._provisional.get((id(known), key))
            if held is not None:
                self._cut = min(self._cut, held[0])
                trail.cyclic = True
                return held[1]
        before, self._cut = self._cut, _NOWHERE
        seen, cyclic = trail.seen, trail.cyclic
        trail.seen, trail.cyclic = module, False
        known[key] = (None, depth)
        self._depth = depth + 1
        try:
            found = search(*arguments)
        finally:
            del known[key]
            self._depth = depth
            cut = self._cut
            if before <= cut or cut >= depth:
                self._cut = before
        if trail.cyclic:
            self._keep_for_now(known, key, (found, trail.seen), cut)
        else:
            known[key] = (found, module if trail.seen == module else trail.noted())
        trail.seen |= seen
        trail.cyclic |= cyclic
        return found

    def _keep_for_now(self, known: Known[Any], key: Hashable, entry: tuple[Values, int], cut: int) -> None:
        """An answer out of a cycle that was cut at this depth."""
        depth, mark = self._depth, (id(known), key)
        self._cyclic[mark] = known
        if cut >= depth:
            known[key] = entry
            # Provisional answers whose cycle was cut at this question are to be found again.
            self._provisional = {
                other: answer for other, answer in self._provisional.items() if answer[0] < depth
            }
        else:
            self._attempts[mark] += 1
            if self._attempts[mark] >= _MOST_ATTEMPTS:
                known[key] = entry
            self._provisional[mark] = (cut, entry[0])
        if depth == 0:
            self._forget_cycles()

    def _forget_cycles(self) -> None:
        for (_, key), known in self._cyclic.items():
            known.pop(key, None)
        self._cyclic, self._provisional, self._attempts = {}, {}, Counter()
