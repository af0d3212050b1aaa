"""What one commit added to the tests, found by name: comparing each deleted test with each new one would take too long."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from greenroom.history.kinship import Likeness, compare, name_words, speak_alike
from greenroom.history.sketch import Sketch

_ALIKE = 0.2
"""Likeness of names from which one of them may have been written for the other."""
_NEAR = 0.4


class Arrivals:
    """The tests that a commit added."""

    def __init__(self, added: Iterable[Sketch], taken: AbstractSet[Sketch]) -> None:
        """Get ready.

        Args:
            added: all that it added, helpers among it.
            taken: of these, the ones in whom others live on.
        """
        self._tests = [one for one in added if one.is_test]
        self._named = [name_words(one.name) for one in self._tests]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._named):
            for word in words:
                self._by_word[word].append(number)
        self._new: dict[str, list[Sketch]] = defaultdict(list)
        for one in self._tests:
            if one not in taken:
                self._new[one.path].append(one)

    @property
    def new(self) -> int:
        """How many continue no other."""
        return sum(map(len, self._new.values()))

    def newcomers(self, gone: Sketch) -> frozenset[str]:
        """Those of its file that continue no other, and share a subject or a word of the name."""
        words = name_words(gone.symbol)
        return frozenset(
            one.symbol
            for one in self._new.get(gone.path, ())
            if not words.isdisjoint(name_words(one.symbol)) or not gone.about.isdisjoint(one.about)
        )

    def rewrite(self, gone: Sketch) -> bool:
        """Whether one of its file has a name like it."""
        return any(
            self._tests[number].path == gone.path for _, numbers in self._alike(gone) for number in numbers
        )

    def akin(self, gone: Sketch) -> Likeness | None:
        """The one most like it by name, in its folder or about the same; of several, the one most like it."""
        if not gone.is_test:
            return None
        for _, numbers in self._alike(gone):
            named = (self._tests[number] for number in numbers)
            fitting = [compare(gone, one) for one in named if speak_alike(gone.name, one.name)]
            near = [one for one in fitting if one.near >= _NEAR or one.shares_subject]
            if near:
                return max(near, key=lambda one: one.similarity)
        return None

    def _alike(self, gone: Sketch) -> Iterator[tuple[float, list[int]]]:
        """Those with names like its, most alike first, and of equal ones the earlier first."""
        mine = name_words(gone.name)
        shared = Counter(number for word in mine for number in self._by_word.get(word, ()))
        groups: dict[float, list[int]] = defaultdict(list)
        for number, common in shared.items():
            share = common / (len(mine) + len(self._named[number]) - common)
            if share >= _ALIKE:
                groups[share].append(number)
        for share in sorted(groups, reverse=True):
            yield share, sorted(groups[share])
