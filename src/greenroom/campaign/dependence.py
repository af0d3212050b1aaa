"""What a verdict rests on, as one digest: equal digests, equal verdicts.

It rests on what the import of the project and its tests runs (of every file), on all that is no Python, and on the
whole text of each file that the tests run or, once the code is changed, might run: one that what they run names.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from greenroom.campaign.inside.line_trace import ANYTHING
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.campaign.plan import read_source
from greenroom.campaign.shape import Shape, read_shape


class Dependence:
    """Of one tree, and what was observed of its tests."""

    def __init__(
        self, contents: Mapping[str, str], shapes: Mapping[str, Shape], observation: Observation
    ) -> None:
        """Prepare.

        Args:
            contents: Digests of its files, by path.
            shapes: What those in Python are to others, by path; see `read_shapes`.
            observation: What the tests run there.
        """
        self._contents = contents
        self._shapes = shapes
        self._tests = {test.id: test for test in observation.tests}
        self._leaves = self._find_leaves(observation)
        self._standing = self._find_standing(observation)
        self._entrances = self._find_entrances()
        self._environment = self._digest_environment(observation)
        self._named: dict[str, frozenset[str]] = {}
        self._known: dict[frozenset[str], str] = {}

    def of(self, path: str, tests: Iterable[str]) -> str:
        """Of what is found by these tests, in their order, on a change of this file."""
        asked = [self._tests[name] for name in tests]
        return _digest(
            (self._of_files({path, *_files(asked)}), *(f"{test.id} {test.alone}" for test in asked))
        )

    def _of_files(self, start: Iterable[str]) -> str:
        begun = frozenset(start)
        known = self._known.get(begun)
        if known is None:
            reached = self._contents if ANYTHING in begun else self._reached(begun)
            parts = (f"{path} {self._contents.get(path, '')}" for path in sorted(reached))
            known = self._known[begun] = _digest((self._environment, *parts))
        return known

    def _reached(self, start: frozenset[str]) -> set[str]:
        """These, and all that they might call."""
        waiting = [*start, *self._standing]
        reached = set(waiting)
        while waiting:
            more = self._named_by(waiting.pop()) - reached
            reached |= more
            waiting += more
        return reached

    def _named_by(self, path: str) -> frozenset[str]:
        known = self._named.get(path)
        if known is None:
            shape = self._shapes.get(path)
            found: set[str] = set()
            for word in shape.words - shape.own if shape is not None else ():
                found |= self._entrances.get(word, set())
            known = self._named[path] = frozenset(found)
        return known

    def _find_leaves(self, observation: Observation) -> set[str]:
        """Test modules that no other file speaks of: only pytest leads into them."""
        modules = {test.id.partition("::")[0] for test in observation.tests} & self._shapes.keys()
        spoken: dict[str, int] = {}
        for shape in self._shapes.values():
            for word in shape.words:
                spoken[word] = spoken.get(word, 0) + 1
        return {
            path
            for path in modules
            if _stem(path) not in ("conftest", "__init__")
            and spoken.get(_stem(path), 0) == (_stem(path) in self._shapes[path].words)
        }

    def _find_standing(self, observation: Observation) -> set[str]:
        """Files into which somebody may lead who does not name them: frameworks, registries, what the import ran."""
        open_classes = self._open_classes()
        return set(observation.run_by_import) | {
            path
            for path, shape in self._shapes.items()
            if path not in self._leaves
            and (
                shape.hands_out
                or _stem(path) == "conftest"
                or any(name in open_classes for name, _ in shape.classes)
            )
        }

    def _open_classes(self) -> set[str]:
        """Names of classes that others may find as a subclass of what they know."""
        classes = [each for shape in self._shapes.values() for each in shape.classes]
        names = {name for name, _ in classes}
        is_searched = any("__subclasses__" in shape.words for shape in self._shapes.values())
        found: set[str] = set()
        while more := {
            name for name, bases in classes
            if name not in found and any(is_searched or base not in names or base in found for base in bases)
        }:  # fmt: skip
            found |= more
        return found

    def _find_entrances(self) -> dict[str, set[str]]:
        """The files into which a name may lead."""
        found: dict[str, set[str]] = {}
        for path, shape in self._shapes.items():
            if path not in self._leaves:
                for name in (*shape.own, *shape.aliases, _stem(path)):
                    found.setdefault(name, set()).add(path)
        return found

    def _digest_environment(self, observation: Observation) -> str:
        """What matters to everybody."""
        parts = [f"forked {not observation.unsafe}"]
        imports: set[str] = set()
        modules = {
            path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in self._shapes
        }
        for path, content in self._contents.items():
            shape = self._shapes.get(path)
            if shape is None:
                parts.append(f"{path} {content}")
            elif path not in self._leaves:
                parts.append(f"{path} {shape.surface}")
            else:
                imports |= {_imported(module, name, modules) for module, name in shape.imports}
                if shape.effects != _NO_EFFECTS:
                    parts.append(f"{path} {shape.effects}")
        return _digest((*sorted(parts), *sorted(imports)))


def _imported(module: str, name: str, modules: set[str]) -> str:
    """The module that an import loads."""
    whole = f"{module}.{name}"
    is_module = module.startswith(".") or any(each == whole or each.endswith(f".{whole}") for each in modules)
    return whole if is_module else module


def _files(tests: Iterable[ObservedTest]) -> Iterable[str]:
    return (path for test in tests for path in test.files)


def _stem(path: str) -> str:
    name = path.rpartition("/")[2].removesuffix(".py")
    return Path(path).parent.name if name == "__init__" else name


def read_shapes(root: Path, paths: Iterable[str]) -> Iterator[tuple[str, Shape]]:
    """Of what is Python; what cannot be read is taken as it is."""
    for path in paths:
        if path.endswith(".py"):
            text = read_source(root / path)
            try:
                if text is not None:
                    yield path, read_shape(text)
            except (SyntaxError, ValueError, RecursionError):
                continue


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


_NO_EFFECTS = read_shape("").effects
