"""Which functions of production code a test ran, by the lines that were measured."""

from bisect import bisect_right

from greenroom.detect.observed.seen_run import SeenRun
from greenroom.detect.observed.seen_test import SeenTest
from greenroom.model.lines import read_lines
from greenroom.model.place import Place
from greenroom.project.code.module import Scope


class SeenLines:
    """Tells lines inside of functions from those that an import runs."""

    def __init__(self, seen: SeenRun) -> None:
        self._seen = seen
        self._functions: dict[str, tuple[list[int], list[Scope]]] = {}

    def first(self, test: SeenTest) -> Place | None:
        """The first line of a function of production code that the test ran."""
        for part in test.parts:
            for file in part.lines:
                if self._seen.is_production_file(file.path):
                    for line in read_lines(file.lines):
                        scope = self.function(file.path, line)
                        if scope is not None:
                            return Place(path=file.path, line=line, symbol=scope.qualname)
        return None

    def function(self, path: str, line: int) -> Scope | None:
        """The function in whose body a line stands; None for its `def`, and at module or class level."""
        if path not in self._functions:
            found = [scope for scope in self._seen.project.modules[path].scopes if scope.is_function]
            found.sort(key=lambda scope: scope.line)
            self._functions[path] = ([scope.line for scope in found], found)
        lines, scopes = self._functions[path]
        for scope in reversed(scopes[: bisect_right(lines, line - 1)]):
            if line <= scope.end_line:
                return scope
        return None
