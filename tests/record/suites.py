"""Small suites on disk, run by real runners in processes of their own, with and without the recorder."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from greenroom.campaign.inside.children import PART
from greenroom.model.evidence import TestEvidence
from greenroom.record.recording import Recording, read_recording

PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
PLUGINS = {
    "anyio": "anyio",
    "asyncio": "async",
    "hypothesispytest": "hypothesis",
    "pytest_cov": "cov",
    "pytest_mock": "mocker",
    "requests_mock": "requests_mock",
    "respx": "respx",
}
"""Those that are slow to load, and a word without which a suite does not need them."""
GREENROOM = (sys.executable, "-m", "greenroom", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A command that has ended under the recorder."""

    code: int
    out: str
    err: str
    recording: Recording

    def test(self, name: str) -> TestEvidence:
        """The only test whose id ends with this."""
        (found,) = [test for test in self.recording.tests if test.id.endswith(name)]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A project with tests."""

    root: Path

    def write(self, files: Mapping[str, str]) -> "Suite":
        """Files by their path; their text may be indented."""
        for name, text in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        return self

    def run(self, *command: str, **variables: str) -> Ran:
        """Run a command in the project as if nobody had ever run pytest around it."""
        spared = {"PYTEST_ADDOPTS": " ".join(f"-p no:{name}" for name in self._needless(command))}
        done = subprocess.run(
            command, cwd=self.root, env=clean(spared | variables), capture_output=True, text=True, check=False
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    def _needless(self, command: Sequence[str]) -> list[str]:
        """Plugins that neither the command nor a file of the project speaks of."""
        files = [file for file in self.root.rglob("*") if file.is_file() and ".greenroom" not in file.parts]
        told = "\n".join([*command, *(file.read_text(encoding="utf-8", errors="replace") for file in files)])
        return [name for name, word in PLUGINS.items() if word not in told]

    def record(self, *arguments: str, command: Sequence[str] = PYTEST, **variables: str) -> Recorded:
        """The same under `greenroom record`."""
        ran = self.run(*GREENROOM, "--", *command, *arguments, **variables)
        return Recorded(code=ran.code, out=ran.out, err=ran.err, recording=self.last_recording())

    def last_recording(self) -> Recording:
        """What the newest run has kept."""
        runs = [read_recording(folder) for folder in (self.root / ".greenroom" / "runs").iterdir()]
        return max(runs, key=lambda each: each.run.started)


def clean(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment without what this pytest, and a recorder around it, have put there.

    What `greenroom prove` has put there stays: it reaches processes that tests start by it.
    """
    own = ("PYTEST_", "GREENROOM_", "COV_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own) or name == PART}
    return kept | dict(variables)
