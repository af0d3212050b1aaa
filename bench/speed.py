"""How fast and how lean an audit is, beside its peers, in one run: `make bench`.

The corpus is the Python of this very environment's packages, copied into a fresh folder, so that everybody
who runs this on the same constraints measures the same code. Seconds are CPU seconds of the process and
its children; what counts is the ratios, since machines differ and all of them ran on the same one.
Our own code is compiled before the first run, as it is wherever it was installed.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_FILES = 2_500
_FEW = 20
_PEERS = {"blockpath": ("check", "{root}"), "falsegreen": ("{root}",), "ruff": ("check", "--isolated", "--no-cache",
          "--select", "ASYNC", "--exit-zero", "--quiet", "{root}")}  # fmt: skip
_PATIENCE = 600
_BROKEN = (3, 124)
"""Our internal error, and `timeout`'s own; peers have many codes for findings."""
_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Python files in a folder."""

    root: Path
    files: int
    lines: int
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a command took."""

    seconds: float
    """Of the CPU, over all cores."""
    peak: float
    """MiB of resident memory."""
    finished: bool


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table in Markdown."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="greenroom-bench-") as scratch:
        folder = Path(scratch)
        source = options.project or Path(sysconfig.get_path("purelib"))
        corpus = gather(source, folder / "whole", options.files)
        _compile(gather(source, folder / "few", _FEW))
        print(f"{corpus.files:,} files, {corpus.lines:,} lines, {corpus.size / 1e6:.1f} MB of Python; "
              f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
              f"{datetime.now(UTC):%Y-%m-%d}\n")  # fmt: skip
        cold = _audit(corpus)
        rows = [_row("greenroom, cold", corpus, cold, cold)]
        rows.append(_row("greenroom, warm, one file changed", corpus, _warm(corpus), cold))
        for share in (4, 2):
            part = gather(source, folder / f"part{share}", options.files // share)
            rows.append(_row(f"greenroom, cold, 1/{share} of the files", part, _audit(part), cold))
        for name, command in _peers(options.peers):
            rows.append(_row(name, corpus, _run([part.format(root=corpus.root) for part in command]), cold))
    print("| command | CPU seconds | of greenroom's | files per CPU second | µs per line | peak MiB |")
    print("|---|--:|--:|--:|--:|--:|")
    print("\n".join(rows))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--project", type=Path, help="measure on this folder instead of the installed packages"
    )
    parser.add_argument(
        "--files", type=int, default=_FILES, help="how many Python files to take (default: %(default)s)"
    )
    parser.add_argument("--peers", type=Path, help="folder of executables: those of blockpath, falsegreen and ruff that are there run too")  # fmt: skip
    return parser


def gather(source: Path, root: Path, most: int) -> Corpus:
    """Copy Python files into a fresh folder, every n-th where there are more than wanted.

    Packages lie below their first letter: side by side they are what `pip` installed, and nobody's own code.

    Args:
        source: where the files are.
        root: the new folder.
        most: how many to take.
    """
    found = sorted(path for path in source.rglob("*.py") if path.is_file() and not path.is_symlink())
    step = max(len(found) / most, 1.0)
    chosen = [found[int(number * step)] for number in range(min(most, len(found)))]
    for path in chosen:
        inside = path.relative_to(source)
        target = root / "src" / inside.parts[0][0].lower() / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    texts = [path.read_bytes() for path in chosen]
    return Corpus(
        root=root,
        files=len(chosen),
        lines=sum(text.count(b"\n") for text in texts),
        size=sum(map(len, texts)),
    )


def _audit(corpus: Corpus) -> Cost:
    shutil.rmtree(corpus.root / ".greenroom", ignore_errors=True)
    return _run(_greenroom(corpus))


def _compile(corpus: Corpus) -> None:
    """An audit of a few files imports all that one of many does."""
    subprocess.run(  # noqa: S603 - our own command
        _greenroom(corpus), env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""}, check=True, capture_output=True
    )


def _greenroom(corpus: Corpus) -> list[str]:
    report = str(corpus.root / "report.json")
    return [sys.executable, "-X", f"pycache_prefix={corpus.root.parent / 'compiled'}", "-m", "greenroom", "audit", str(corpus.root), "--exit-zero", "--output-format", "json",
            "--output-file", report]  # fmt: skip


def _warm(corpus: Corpus) -> Cost:
    changed = next((corpus.root / "src").rglob("*.py"))
    changed.write_bytes(changed.read_bytes() + b"\nCHANGED = True\n")
    return _run(_greenroom(corpus))


def _peers(folder: Path | None) -> Iterable[tuple[str, tuple[str, ...]]]:
    for name, arguments in _PEERS.items():
        executable = shutil.which(name, path=str(folder) if folder else None)
        if executable is None:
            print(f"{name} is not installed: not measured", file=sys.stderr)
        else:
            yield f"{name} {' '.join(arguments[:-1])}".strip(), (executable, *arguments)


def _run(command: Sequence[str]) -> Cost:
    """Run to the end; the exit code is the command's own business, but a crash is not."""
    process = subprocess.Popen(["timeout", str(_PATIENCE), *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603, S607 - our own commands  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    finished = process.returncode >= 0 and process.returncode not in _BROKEN
    return Cost(
        seconds=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss / _KIB_PER_MIB, finished=finished
    )


def _row(name: str, corpus: Corpus, cost: Cost, ours: Cost) -> str:
    if not cost.finished:
        return f"| {name} | did not finish | | | | |"
    return (f"| {name} | {cost.seconds:.2f} | {cost.seconds / ours.seconds:.2f} | {corpus.files / cost.seconds:,.0f} | "
            f"{cost.seconds / corpus.lines * 1e6:.1f} | {cost.peak:.0f} |")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
