"""Which `except` branches of the project ran, and what they caught."""

import sys

from greenroom.model.place import Place
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
        code = self._scene.code if self._scene else None
        return {
            "handled": tuple(
                {
                    "place": Place(
                        path=code.relative(file) if code else file,
                        line=mark.line,
                        symbol=mark.symbol,
                        column=mark.column,
                    ),
                    "exception": _spelled(kind),
                    "times": times,
                }
                for (file, mark, kind), times in found.items()
            )
        }

    def _reached(self, file: str, mark: Mark) -> None:
        if self._scene is None or self._scene.test is None:
            return
        key = (file, mark, type(sys.exception()))
        self._found[key] = self._found.get(key, 0) + 1
        self._scene.seen()


def _spelled(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
