"""Which survivors count as replacements, and which imports point to what the range deleted."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from greenroom.history.definitions import is_of_tests
from greenroom.model.finding import Confidence, Finding
from greenroom.model.place import Place
from greenroom.model.test_case import TestCase

_IMPORTS = "STA001"
_COLLECTED = re.compile(r"test_.*\.py|.*_test\.py|tests\.py")
"""Files that pytest takes, and Django's, where nothing else is said."""


class Fitness:
    """What reading the project at the end of the range says of its tests."""

    def __init__(self, tests: Iterable[TestCase], findings: Iterable[Finding]) -> None:
        """Take all tests, and the findings of STA001: what does not parse or cannot be imported."""
        tests = list(tests)
        self._idle = {(test.path, test.symbol): test.reasons for test in tests if not test.runs}
        self._run_in = {test.path for test in tests if test.runs}
        self._folders_run = {path.rpartition("/")[0] for path in self._run_in}
        self._failing = [
            finding
            for finding in findings
            if finding.code == _IMPORTS and finding.confidence is not Confidence.POSSIBLE
        ]
        self._broken = {
            place.path: finding
            for finding in self._failing
            if _is_of_tests_alone(finding)
            for place in (finding.place, *finding.sites)
            if not place.symbol
        }

    def doubt(self, path: str, symbol: str, deleted_from: str, unchanged: bool) -> str:  # noqa: FBT001  - as the judge asks
        """Why a survivor is no replacement; empty where nothing speaks against it.

        Args:
            path: of its file.
            symbol: its qualified name.
            deleted_from: the path of the test that it would replace. Where nothing in that folder runs, or
                pytest takes no file of that name, perhaps that test did not run either.
            unchanged: whether it is the deleted test itself, elsewhere. Where others of its new file run, what
                keeps it from running stands in it, and did so before.
        """
        broken = self._broken.get(path)
        if broken is not None:
            return f"its file cannot be imported ({broken.message.rstrip('.')})"
        reasons = self._idle.get((path, symbol))
        if reasons is None or (unchanged and path in self._run_in):
            return ""
        folder, _, name = deleted_from.rpartition("/")
        if path == deleted_from or folder not in self._folders_run or not _COLLECTED.fullmatch(name):
            return ""
        return f"no test run executes it ({reasons[0].rstrip('.')})" if reasons else "no test run executes it"

    def broken_by(self, paths: Iterable[str], symbols: Iterable[str]) -> tuple[Place, ...]:
        """The imports that name a deleted file or a deleted helper."""
        gone = {PurePosixPath(path).stem for path in paths} | {symbol.split(".")[0] for symbol in symbols}
        found = [
            place
            for finding in self._failing
            if not gone.isdisjoint(finding.key.rpartition(":")[2].split("."))
            for place in (finding.place, *finding.sites)
        ]
        return tuple(sorted(dict.fromkeys(found), key=lambda place: (place.path, place.line)))


def _is_of_tests_alone(finding: Finding) -> bool:
    """Whether it ends an import that only tests make: what the product imports too is there wherever it runs.

    A `patch` that finds nothing fails its test, and not the import of the file.
    """
    return finding.stops and all(is_of_tests(place.path) for place in (finding.place, *finding.sites))
