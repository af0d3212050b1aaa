"""What a test is about: names of the project and routes, and whether they are still there."""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain

from greenroom.history.definitions import headers, is_of_tests
from greenroom.history.sketch import Sketch
from greenroom.history.words import words_of

_ALIAS = re.compile(r"as(?<=\Was)[ \t]+(\w+)")
_ASSIGNED = re.compile(r"\n(\w+)[ \t]*(?::[^=\n]+)?=")
_SEGMENT = re.compile(r"[/\"']([\w.-]+)")
_FEW = 3
_SHALLOW = 2
"""Folders below which a module's bare name may be how it is imported: `src/app.py`."""


class Subjects:
    """The production code at the end of the range, and what was production during it."""

    def __init__(
        self, tree: Mapping[str, str], former: Iterable[str], texts: Iterable[tuple[str, str]]
    ) -> None:
        """Learn the names.

        Args:
            tree: the paths at the end of the range.
            former: further paths that were there during the range.
            texts: path and text of the production files at the end.
        """
        self._known: dict[frozenset[str], frozenset[str]] = {}
        self._subject_of: dict[str, str] = {}
        self._folder_of: dict[str, str] = {}
        self._living: set[str] = set()
        self._path_of: dict[str, str] = {}
        former_and_now = sorted({*former, *tree})
        for path in former_and_now:
            if not is_of_tests(path):
                for name in _spellings(path):
                    self._folder_of.setdefault(name, path.rpartition("/")[0] or path)
                    if path in tree:
                        self._living.add(name)
                        self._path_of.setdefault(name, path)
        self._stems = {
            path.rpartition("/")[2].removesuffix(".py") for path in former_and_now if not is_of_tests(path)
        }
        self._of_tests = {name for path in former_and_now if is_of_tests(path) for name in _spellings(path)}
        # A test's own module of the same name is what `from fixtures import …` means.
        for path in former_and_now:
            if is_of_tests(path):
                self._folder_of.pop(path.rpartition("/")[2].removesuffix(".py"), None)
        self._texts = list(texts)

    @cached_property
    def _names_in(self) -> dict[str, list[str]]:
        """What each module defines, and each package: it hands out what its modules define."""
        found: dict[str, list[str]] = defaultdict(list)
        for path, text in self._texts:
            defined = (header.name for header in headers(text))
            names = [*defined, *_ASSIGNED.findall(f"\n{text}"), *_ALIAS.findall(text)]
            found[path] += names
            found[path.rpartition("/")[0]] += names
        return found

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(chain.from_iterable(self._names_in[path] for path, _ in self._texts))

    @cached_property
    def _words(self) -> set[str]:
        return set().union(*(words_of(text) for _, text in self._texts))

    @cached_property
    def _segments(self) -> set[str]:
        return set().union(*(_SEGMENT.findall(text) for _, text in self._texts))

    def of(self, sketch: Sketch) -> frozenset[str]:
        """What of the project it touches: functions, methods of objects, whole classes, and routes."""
        return self._of(sketch.touches)

    def of_itself(self, sketch: Sketch) -> frozenset[str]:
        """The same without what its helpers touch."""
        return self._of(sketch.touches_itself)

    def _of(self, touches: frozenset[str]) -> frozenset[str]:
        known = self._known.get(touches)
        if known is None:
            found = set(filter(None, map(self._subject, touches)))
            known = self._known[touches] = frozenset(found - {touch.rpartition(".")[0] for touch in found})
        return known

    def _subject(self, touch: str) -> str:
        """What of the project a touch is of; empty for none."""
        found = self._subject_of.get(touch)
        if found is None:
            found = touch if " /" in touch else up_to_class(touch) if self._module(touch) else ""
            self._subject_of[touch] = found
        return found

    def lives(self, touch: str) -> bool:
        """Whether the product still has it, as far as names tell."""
        if " /" in touch:
            literal = [part for part in touch.split("/")[1:] if part and "{" not in part]
            # The last may be a name that the test made up: `/shops/test_shop`.
            known = (part in self._segments or part in self._names for part in literal[-2:])
            return not literal or any(known)
        module = self._module(touch)
        rest = touch[len(module) :].strip(".")
        if not rest:
            return module in self._living
        first, *further = rest.split(".")
        # Of a module that is gone, a name that many others define is another one.
        most = sys.maxsize if module in self._living else _FEW
        return 0 < self._names[first] <= most and all(part in self._words for part in further)

    def stands(self, touch: str) -> bool:
        """Whether the very module or package still has it; modules as such and routes, which are many, do not count."""
        path, name = self._home(touch)
        return bool(name) and any(
            name in self._names_in[place] for place in (path, path.removesuffix("/__init__.py"))
        )

    def file_of(self, touch: str) -> tuple[str, str]:
        """Of what stands: the file that defines it, and its bare name there."""
        path, name = self._home(touch)
        if name in self._names_in[path]:
            return path, name
        folder = path.removesuffix("/__init__.py")
        inside = (one for one in self._names_in if one.rpartition("/")[0] == folder and one.endswith(".py"))
        return next((one for one in sorted(inside) if name in self._names_in[one]), ""), name

    def _home(self, touch: str) -> tuple[str, str]:
        if " /" in touch:
            return "", ""
        module = self._module(touch)
        return self._path_of.get(module, ""), touch[len(module) :].strip(".").partition(".")[0]

    def are_of_others(self, one: str, other: str) -> bool:
        """Whether two test files are named after different modules: `test_oracle.py` and `test_mysql.py`."""
        named = {path.rpartition("/")[2].removesuffix(".py").removeprefix("test_") for path in (one, other)}
        return len(named) > 1 and named <= self._stems

    def lost_module(self, touch: str) -> bool:
        """Whether the module of a name was the project's, and is gone."""
        module = self._module(touch)
        return bool(module) and module not in self._living

    def knows(self, word: str) -> bool:
        """Whether the word stands anywhere in the product."""
        return word in self._words

    def defines(self, name: str) -> bool:
        """Whether some production file defines it at the end."""
        return name in self._names

    def touches_module(self, sketch: Sketch, path: str) -> bool:
        """Whether it uses names of a production file, or of the folder that it is in."""
        modules = {*_spellings(path), *_spellings(path.rpartition("/")[0])}
        return any(
            touch in modules or touch.rpartition(".")[0] in modules or touch.rsplit(".", 2)[0] in modules
            for touch in sketch.touches
        )

    def area(self, touches: Iterable[str], path: str) -> str:
        """The production folder that most of them are in, else the folder of the test."""
        folders = Counter(
            self._folder_of[module] for touch in sorted(touches) if (module := self._module(touch))
        )
        return folders.most_common(1)[0][0] if folders else path.rpartition("/")[0] or path

    def _module(self, touch: str) -> str:
        """The longest beginning of a dotted name that is a module of the project; empty for none."""
        name = touch.lstrip(".")
        while name:
            if name in self._folder_of:
                return name
            if name in self._of_tests:
                return ""
            name = name.rpartition(".")[0]
        return ""


def _spellings(path: str) -> Iterator[str]:
    """How a module may be imported: `a/b/c.py` as `a.b.c`, `b.c`, and near the root as `c`."""
    parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
    for start in range(len(parts)):
        if len(parts) - start > 1 or start < _SHALLOW:
            yield ".".join(parts[start:])


def up_to_class(name: str) -> str:
    """`app.models.User.id` as `app.models.User`."""
    parts = name.split(".")
    classes = (number for number, part in enumerate(parts) if part[:1].isupper())
    return ".".join(parts[: next(classes, len(parts)) + 1])
