"""What a test changed and did not change back, which tests after it can meet: hints, from one ordinary run."""

import os
from typing import Any, NamedTuple

from greenroom.record.audit_events import listen, listen_no_longer
from greenroom.record.likeness import Mark
from greenroom.record.made_by import Makers
from greenroom.record.sensor import Part, RunningTest, Scene
from greenroom.record.state import ProjectState, Thing

_VARIABLES_OF_RUNNERS = ("PYTEST_", "GREENROOM_", "COV_")
_OF_TOOLS = frozenset({
    ".git", ".greenroom", ".hypothesis", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox", "__pycache__",
    "htmlcov", "site-packages",
})  # fmt: skip
_MADE_BY_TOOLS = (".coverage", "coverage.", ".pyc", ".pyo")
_MOST = 100
"""Of one test."""


class Standing(NamedTuple):
    """How things are at one moment."""

    marks: list[Mark]
    """Of the things that were known then, in their order."""
    variables: dict[Any, Any]
    folder: str


class RemainsSensor:
    """Compares what is there before and after each test."""

    name = "remains"
    in_children = False

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._state: ProjectState | None = None
        self._makers: Makers | None = None
        self._root = ""
        self._before: Standing | None = None
        self._made: dict[str, None] = {}
        self._hits: dict[Thing, int] = {}
        self._events = {"open": self._opening, "os.mkdir": self._making, "sqlite3.connect": self._making}

    def install(self, scene: Scene) -> None:
        """Hear of files that are made."""
        self._scene = scene
        self._root = scene.code.root.rstrip(os.sep) + os.sep
        self._state = ProjectState(scene.code)
        self._makers = Makers(scene.code)
        for event, listener in self._events.items():
            listen(event, listener)

    def uninstall(self) -> None:
        """Hear no more."""
        for event, listener in self._events.items():
            listen_no_longer(event, listener)

    def begin(self, test: RunningTest) -> None:
        """Remember how things are."""
        self._made = {}
        if not test.follows or self._before is None:
            self._before = self._look()

    def end(self, test: RunningTest) -> Part:
        """Tell what is otherwise now, and which caches gave what an earlier test had left in them."""
        before, now = self._before, self._look()
        self._before = now
        if before is None:
            return {}
        met = self._met(before)
        left = [("file", path) for path in self._made if os.path.lexists(self._root + path)]
        if not test.has_wider_fixture:
            left += self._changed(before, now)
        told = tuple({"kind": kind, "name": name} for kind, name in left[:_MOST])
        return {name: value for name, value in (("left", told), ("met", met)) if value}

    def _look(self) -> Standing:
        assert self._state is not None  # noqa: S101  - it is on
        self._state.learn()
        try:
            folder = os.getcwd()  # noqa: PTH109
        except OSError:
            folder = ""
        return Standing(self._state.marks(), dict(getattr(os.environ, "_data", os.environ)), folder)

    def _met(self, before: Standing) -> tuple[str, ...]:
        """Caches that have answered something in this test, and had something in them before it."""
        assert self._state is not None  # noqa: S101  - it is on
        found = []
        for at, thing, cache in self._state.caches():
            hits = cache.cache_info()[0]
            if hits > self._hits.get(thing, 0) and at < len(before.marks) and before.marks[at]:
                found.append(thing.name)
            self._hits[thing] = hits
        return tuple(found)

    def _changed(self, before: Standing, now: Standing) -> list[tuple[str, str]]:
        found = _other_things(before, now, self._state.things) if self._state is not None else []
        if now.variables != before.variables:
            differ = {
                os.fsdecode(name)
                for name in now.variables.keys() | before.variables.keys()
                if now.variables.get(name) != before.variables.get(name)
            }
            found += [
                ("variable", name) for name in sorted(differ) if not name.startswith(_VARIABLES_OF_RUNNERS)
            ]
        if now.folder != before.folder:
            found.append(("folder", "the working directory"))
        return found

    def _opening(self, arguments: tuple[Any, ...]) -> None:
        if len(arguments) > 2 and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT:
            self._making(arguments)

    def _making(self, arguments: tuple[Any, ...]) -> None:
        """Somebody is about to make a file or a folder, if it is not there yet."""
        scene, path = self._scene, arguments[0]
        if (
            scene is None
            or scene.test is None
            or not isinstance(path, str | bytes)
            or len(self._made) >= _MOST
        ):
            return
        file = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        below = file[len(self._root) :] if file.startswith(self._root) else ""
        if not below or below in self._made or not _OF_TOOLS.isdisjoint(below.split(os.sep)):  # noqa: PTH206
            return
        if os.path.basename(below).startswith(_MADE_BY_TOOLS[:2]) or below.endswith(_MADE_BY_TOOLS[2:]):  # noqa: PTH119
            return
        if not os.path.lexists(file) and self._makers is not None and not self._makers.here(4).is_lasting:
            self._made[below] = None


def _other_things(before: Standing, now: Standing, things: tuple[Thing, ...]) -> list[tuple[str, str]]:
    if before.marks is now.marks:
        return []
    pairs = zip(things, before.marks, now.marks, strict=False)  # what came meanwhile was not there before
    return [
        (thing.kind, thing.name) for thing, old, new in pairs if old != new and (new or thing.kind != "cache")
    ]
