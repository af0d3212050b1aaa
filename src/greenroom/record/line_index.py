"""Which tests run which line: for lenses that break a line and then ask its tests."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from greenroom.model.evidence import Run, TestEvidence
from greenroom.model.lines import read_lines


class LineIndex:
    """The lines of one run, turned round."""

    def __init__(self, run: Run, tests: Iterable[TestEvidence]) -> None:
        self.run = run
        self._contents = run.contents
        self._tests: dict[str, dict[int, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        for test in tests:
            for file in test.lines:
                for line in read_lines(file.lines):
                    self._tests[file.path][line][test.id] = None

    def __bool__(self) -> bool:
        """Whether the run measured lines at all."""
        return bool(self._tests)

    def tests_at(self, path: str, line: int) -> tuple[str, ...]:
        """Node ids, with parameters, of the tests that ran the line, in their order; none ran it where empty."""
        return tuple(self._tests.get(path, {}).get(line, ()))

    def speaks_for(self, path: str, contents: Mapping[str, str]) -> bool:
        """Whether the file is as it was in the run; `contents` is what `contents_of` says of today."""
        return path in self._contents and self._contents[path] == contents.get(path)
