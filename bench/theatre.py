"""The example's two suites side by side: recorded, each for itself, and then audited with what was seen.

It works on a copy of `examples/helpdesk`, with the environment that `make helpdesk` has made for it.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.model.test_case import Interface

_ROOT = Path(__file__).parents[1]
_HELPDESK = _ROOT / "examples" / "helpdesk"
_PYTHON = _HELPDESK / ".venv" / "bin" / "python"
_SUITES = {"theatre": ("suite_real", "legacy"), "real": ("suite_theatre", "legacy")}
"""Each suite, and the folders that are left out for it."""


def main() -> int:
    """Record, audit, and print a table in Markdown."""
    if not _PYTHON.exists():
        print("theatre: the example has no environment yet: make helpdesk", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "helpdesk"
        shutil.copytree(
            _HELPDESK, folder, ignore=shutil.ignore_patterns(".venv", ".greenroom", "node_modules")
        )
        audits = {name: _audit(folder, name, others) for name, others in _SUITES.items()}
    _print(audits)
    return 0


def _audit(folder: Path, name: str, others: tuple[str, ...]) -> tuple[Audit, Audit]:
    """As read, and as recorded."""
    command = [sys.executable, "-m", "greenroom", "record", "--project", str(folder), "--"]
    command += [str(_PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/suite_{name}"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603  - our own command
    exclude = tuple(f"tests/{each}/**" for each in others)
    read = api.audit(folder, api.configure(folder, {"exclude": exclude, "evidence": "none"}))
    return read, api.audit(folder, api.configure(folder, {"exclude": exclude}))


def _print(audits: dict[str, tuple[Audit, Audit]]) -> None:
    columns = [audit for pair in audits.values() for audit in pair]
    heads = [f"{name}, {how}" for name in audits for how in ("read", "recorded")]
    print("|  | " + " | ".join(heads) + " |")
    print("|---|" + "--:|" * len(heads))
    _row("realism, of 10 (at most)", [f"{each.score.overall} ({each.score.cap:g})" for each in columns])
    labels = [Counter(test.interface for test in each.tests if test.runs) for each in columns]
    for interface in Interface:
        _row(f"tests: {interface}", [str(each[interface]) for each in labels])
    for name in dict.fromkeys(bar.name for each in columns for bar in each.score.bars):
        _row(name, [_bar(each, name) for each in columns])
    for name in dict.fromkeys(
        bar.name for each in columns if each.evidence for bar in each.evidence.coverage
    ):
        _row(f"{name} covered", [_figure(each, name) for each in columns])


def _row(name: str, cells: list[str]) -> None:
    print(f"| {name} | " + " | ".join(cells) + " |")


def _bar(audit: Audit, name: str) -> str:
    return next((f"{bar.achieved}/{bar.total}" for bar in audit.score.bars if bar.name == name), "-")


def _figure(audit: Audit, name: str) -> str:
    figures = audit.evidence.coverage if audit.evidence else ()
    return next((f"{bar.achieved}/{bar.total}" for bar in figures if bar.name == name), "-")


if __name__ == "__main__":
    sys.exit(main())
