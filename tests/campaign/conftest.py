"""Projects with suites of their own, and campaigns that are led on them."""

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from greenroom.campaign.request import Request
from greenroom.campaign.run import prove
from greenroom.model.proof import Proof, Trial
from greenroom.model.settings import Settings
from tests.campaign.marked import MARKED

ProveProject = Callable[..., "Proved"]
"""Files by relative path, and what to ask for → what came of it."""


NEEDLESS = ("greenroom", "hypothesispytest", "pytest_mock", "requests_mock", "respx")
"""Plugins that no suite in here needs, and that are slow to load."""


class Proved:
    """A proof whose trials are found by the marked line."""

    def __init__(self, root: Path, proof: Proof) -> None:
        self.root = root
        self.proof = proof

    def __getitem__(self, marked: str) -> Trial:
        """The trial of the one line that contains this text."""
        (found,) = [trial for trial in self.proof.trials if marked in self.line(trial)]
        return found

    def verdicts(self) -> dict[str, str]:
        """What became of each marked line, by the line's own text."""
        return {self.line(trial): str(trial.verdict) for trial in self.proof.trials}

    def line(self, trial: Trial) -> str:
        text = (self.root / trial.mutant.place.path).read_text(encoding="utf-8")
        return text.splitlines()[trial.mutant.place.line - 1].partition("# mutant:")[0].strip()


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")


@pytest.fixture(scope="module")
def prove_project(tmp_path_factory: pytest.TempPathFactory) -> ProveProject:
    def run(files: Mapping[str, str], *arguments: str, root: Path | None = None, **wanted: object) -> Proved:
        folder = root or tmp_path_factory.mktemp("project")
        write(folder, files)
        without = [word for name in NEEDLESS for word in ("-p", f"no:{name}")]
        request = Request(arguments=(*without, *arguments), **wanted)  # type: ignore[arg-type]
        return Proved(folder, prove(folder, Settings(), [MARKED], request))

    return run
