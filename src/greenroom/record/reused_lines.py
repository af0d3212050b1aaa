"""Lines that the project's own coverage has measured: taken from its data file when the tests are over."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coverage import Coverage, CoverageData, CoverageException

from greenroom.model.evidence import LinesRun, TestEvidence
from greenroom.record.encoding import encode
from greenroom.record.journal import Journal
from greenroom.record.lines import lines_by_context
from greenroom.record.project_code import ProjectCode
from greenroom.record.recording import Recording

_CONFIGURATIONS = (".coveragerc", "setup.cfg", "tox.ini", "pyproject.toml")
_JOURNAL = "coverage"


def reuse_lines(recording: Recording, root: Path, folder: Path) -> bool:
    """Write to the folder of a run what the project's coverage says of its tests.

    Args:
        recording: The run as it was recorded; nothing is done where it has lines of its own.
        root: The project's folder.
        folder: Of the run.

    Returns:
        Whether there was anything.
    """
    if not recording.tests or any(test.lines for test in recording.tests):
        return False
    data = _read(root, recording.run.started)
    if data is None:
        return False
    journal = Journal(str(folder), _JOURNAL)
    if not any(data.measured_contexts() - {""}):
        journal.write(
            "note",
            "the project's coverage does not say which test ran which line: it would with pytest --cov-context=test",
        )
        return True
    found = _by_test(lines_by_context(data, ProjectCode(str(root))), recording.tests)
    for test, lines in found.items():
        journal.write("child", {"id": test, "lines": encode(lines)})
    return bool(found)


def _read(root: Path, since: float) -> CoverageData | None:
    """The data that was written since then; none where there is none, or it cannot be read."""
    for file in _data_files(root):
        try:
            if file.stat().st_mtime < since:
                continue
            data = CoverageData(str(file))
            data.read()
        except (OSError, CoverageException):
            continue
        return data
    return None


def _data_files(root: Path) -> Iterator[Path]:
    named = os.environ.get("COVERAGE_FILE")
    if named:
        yield root / named
    for name in _CONFIGURATIONS:
        if (root / name).is_file():
            try:
                configured: Any = Coverage(data_file=None, config_file=str(root / name)).get_option(
                    "run:data_file"
                )
            except (OSError, CoverageException):
                continue
            if isinstance(configured, str):
                yield root / configured
    yield root / ".coverage"


def _by_test(
    found: dict[str, tuple[LinesRun, ...]], tests: tuple[TestEvidence, ...]
) -> dict[str, tuple[LinesRun, ...]]:
    """By the ids of the run: pytest-cov's contexts are node ids with a phase behind them, coverage's own dotted names."""
    ids = {test.id for test in tests}
    spelled = _Spellings(ids)
    result: dict[str, tuple[LinesRun, ...]] = {}
    for context, lines in found.items():
        name = spelled.test_of(context)
        if name:
            result[name] = (*result.get(name, ()), *lines)
    return result


class _Spellings:
    """How a context names a test."""

    def __init__(self, ids: set[str]) -> None:
        self._ids = ids
        self._dotted: dict[str, list[str]] = {}
        for name in ids:
            self._dotted.setdefault(_dotted(name), []).append(name)

    def test_of(self, context: str) -> str:
        node = context.rpartition("|")[0] or context
        if node in self._ids:
            return node
        below = [name for name in self._ids if name.endswith(f"/{node}")] if "::" in node else []
        named = [
            name
            for dotted, names in self._dotted.items()
            if dotted == context or dotted.endswith(f".{context}")
            for name in names
        ]
        candidates = below or named
        return candidates[0] if len(candidates) == 1 else ""


def _dotted(node: str) -> str:
    """`tests.test_a.TestB.test_c` of `tests/test_a.py::TestB::test_c`."""
    path, _, rest = node.partition("::")
    return ".".join([*path.removesuffix(".py").split("/"), *rest.partition("[")[0].split("::")])
