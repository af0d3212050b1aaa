"""The tests and helpers at the end of a range, looked at only as far as a deletion asks for them."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from operator import itemgetter

from greenroom.history.sketch import Sketch, TestFile
from greenroom.history.subject import Subjects, up_to_class
from greenroom.history.vanished import Identity
from greenroom.history.words import words_of

Unfit = Callable[[str, str, str, bool], str]
"""Path and qualified name of a survivor, path of the deleted one, whether they have the same body → why it is no replacement;
empty where it is one."""
_WORD = re.compile(r"\w+")


class Survivors:
    """Which of them touch or spell what; a large project has a hundred for each that is deleted."""

    def __init__(self, files: Iterable[TestFile], subjects: Subjects, unfit: Unfit) -> None:
        """Get ready.

        Args:
            files: those of tests at the end of the range.
            subjects: the product.
            unfit: why a survivor is no replacement, such as not being collected.
        """
        self._files = list(files)
        self._subjects = subjects
        self._unfit = unfit
        self._touching: dict[str, list[tuple[int, Sketch]]] = defaultdict(list)
        """By what they touch, as far as files were read for it."""
        self._seen: set[int] = set()
        self._imported: dict[int, frozenset[str]] = {}
        self._bodies: dict[int, dict[str, list[Sketch]]] = {}
        self._told: dict[str, list[Sketch]] = {}
        self._spelled: dict[str, bool] = {}
        self.sketches: Mapping[Identity, Sketch] = {
            (one.path, one.symbol): one for file in self._files for one in file.sketches.values()
        }

    def touching(self, touch: str) -> Sequence[Sketch]:
        """The tests that touch a name of the project, or a route, and that count; in order."""
        found = self._told.get(touch)
        if found is None:
            for number in self._unread(touch):
                self._read(number)
            found = [one for _, one in sorted(self._touching[touch], key=itemgetter(0))]
            self._told[touch] = found
        return found

    def count(self, touch: str, enough: int) -> int:
        """How many of them do; where it is at least `enough`, not all may have been looked for."""
        if len(self._touching[touch]) < enough:
            for number in self._unread(touch):
                self._read(number)
                if len(self._touching[touch]) >= enough:
                    break
        return len(self._touching[touch])

    def _unread(self, touch: str) -> list[int]:
        """The files that may touch it, by the words that must stand in them and by what they import."""
        is_route = " /" in touch
        words = _WORD.findall(touch.partition(" /")[2] if is_route else touch.rpartition(".")[2])
        holding = [self._holding.get(word, []) for word in words] or [[*range(len(self._files))]]
        likely = set(holding[0]).intersection(*holding[1:]) - self._seen
        beginnings = list(accumulate(touch.split("."), "{}.{}".format))
        return [number for number in likely if is_route or self._may_touch(number, touch, beginnings)]

    def _may_touch(self, number: int, touch: str, beginnings: Iterable[str]) -> bool:
        """Whether a file imports it, or what it is in and spells the rest; or spells all of it, in quotes perhaps."""
        file, origins = self._files[number], self._origins(number)
        if touch in origins or touch in file.text:
            return True
        return not origins.isdisjoint(beginnings) and any(
            touch.startswith(f"{origin}.") and f"{local}{touch[len(origin) :]}" in file.text
            for local, origin in file.imports.items()
        )

    def _origins(self, number: int) -> frozenset[str]:
        """What a file imports, and the classes of which it imports members."""
        found = self._imported.get(number)
        if found is None:
            origins = self._files[number].imports.values()
            found = self._imported[number] = frozenset([*origins, *map(up_to_class, origins)])
        return found

    def _read(self, number: int) -> None:
        self._seen.add(number)
        for one in filter(self._counts, self._files[number].sketches.values()):
            for touch in self._subjects.of(one):
                self._touching[touch].append((number, one))

    def _counts(self, one: Sketch) -> bool:
        return one.is_test and not self._unfit(one.path, one.symbol, "", False)  # noqa: FBT003

    def spell(self, name: str) -> bool:
        """Whether it stands in the code of any."""
        found = self._spelled.get(name)
        if found is None:
            found = self._spelled[name] = any(True for _ in self.naming(name))
        return found

    def naming(self, name: str) -> Iterator[Sketch]:
        """Those in whose code it stands."""
        for number in self._holding.get(name, ()):
            for one in self._files[number].sketches.values():
                if name in one.passage.text and name in one.calls:
                    yield one

    def twin(self, deleted: Sketch) -> Sketch | None:
        """The last test of the same words."""
        telling = min((self._holding.get(word, []) for word in deleted.words if _WORD.match(word)), key=len)
        body = deleted.plain_body
        for number in reversed(telling):
            for one in reversed(self._by_body(number).get(body, ())):
                if one.words == deleted.words:
                    return one
        return None

    def _by_body(self, number: int) -> Mapping[str, Sequence[Sketch]]:
        """The tests of a file by their bodies, without all that stands between words."""
        found = self._bodies.get(number)
        if found is None:
            found = self._bodies[number] = defaultdict(list)
            for one in self._files[number].sketches.values():
                if one.is_test:
                    found[one.plain_body].append(one)
        return found

    @cached_property
    def _holding(self) -> dict[str, list[int]]:
        """The files in which a word stands, or in whose path: a relative import begins with its folders."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, file in enumerate(self._files):
            for word in words_of(f"{file.path.replace('/', ' ')}\n{file.text}"):
                found[word].append(number)
        return found
