"""What tests of every room need: projects on disk, and the command line as a user meets it."""

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from greenroom import cli

WriteProject = Callable[[Mapping[str, str]], Path]
"""Files by relative path → the folder that holds them."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background jobs ignore interrupts, and so would all that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a user sees of one command."""

    code: int
    out: str
    err: str


RunGreenroom = Callable[..., Outcome]
"""Arguments as on a command line → the outcome."""


@pytest.fixture
def write_project(tmp_path: Path) -> WriteProject:
    def write(files: Mapping[str, str]) -> Path:
        root = tmp_path / "project"
        root.mkdir(exist_ok=True)
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    return write


@pytest.fixture
def greenroom(capsys: pytest.CaptureFixture[str]) -> RunGreenroom:
    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture
def loaded_by() -> Callable[[str], set[str]]:
    """The modules that a piece of code loads in a fresh interpreter."""

    def run(code: str) -> set[str]:
        program = f"import sys\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return set(done.stderr.splitlines())

    return run
