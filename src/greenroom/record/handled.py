"""Which `except` branches of the project ran, and what they caught."""

import sys

from greenroom.record.marked_code import PROJECT_IMPORTS
from greenroom.record.marks import HANDLER, Mark
from greenroom.record.sensor import Part, RunningTest, Scene


class HandledSensor:
    """Counts the branches that are entered while a test runs."""

    name = "handled"
    in_children = True

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._found: dict[tuple[str, Mark, type], int] = {}

    def install(self, scene: Scene) -> None:
        """Have the project's modules imported with marks."""
        self._scene = scene
        PROJECT_IMPORTS.listen(scene, HANDLER, self._reached)

    def uninstall(self) -> None:
        """Import as ever."""
        PROJECT_IMPORTS.listen_no_longer(HANDLER)

    def begin(self, test: RunningTest) -> None:  # noqa: ARG002
        """Another test."""
        self._found = {}

    def end(self, test: RunningTest) -> Part:  # noqa: ARG002
        """The branches by file and line."""
        if not self._found:
            return {}
        found, self._found = self._found, {}
        assert self._scene is not None  # noqa: S101  - something was found
        place_at = self._scene.code.place_at
        return {
            "handled": tuple(
                {
                    "place": place_at(file, mark.line, mark.symbol, mark.column),
                    "exception": _spelled(kind),
                    "times": times,
                }
                for (file, mark, kind), times in found.items()
            )
        }

    def _reached(self, file: str, mark: Mark) -> None:
        scene = self._scene
        if scene is None or scene.test is None:
            return
        key = (file, mark, type(sys.exception()))
        self._found[key] = self._found.get(key, 0) + 1
        if scene.is_child:
            scene.seen()


def _spelled(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
