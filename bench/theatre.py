"""The example's two suites side by side: recorded, each for itself, and then audited with what was seen.

With `--prove`, also what each lets through: `greenroom prove`, on the product alone and not on the model server that stands in
for one. What follows goes to `prove` (`--budget 30m`).
It works on a copy of `examples/helpdesk`, with the environment that `make helpdesk` has made for it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

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
        if sys.argv[1:2] == ["--prove"]:
            _print_proofs({name: _prove(folder, name) for name in _SUITES})
        else:
            _print({name: _audit(folder, name, others) for name, others in _SUITES.items()})
    return 0


def _prove(folder: Path, name: str) -> dict[str, Any]:
    """What `prove --output-format json` says of a suite."""
    command = [sys.executable, "-m", "greenroom", "prove", str(folder), "--python", str(_PYTHON)]
    command += ["--exclude", "model_server/**", "--exit-zero", "--output-format", "json", *sys.argv[2:]]
    done = subprocess.run(  # noqa: S603  - our own command
        [*command, "--", f"tests/suite_{name}"], cwd=folder, stdout=subprocess.PIPE, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _print_proofs(proofs: dict[str, dict[str, Any]]) -> None:
    print("|  | " + " | ".join(proofs) + " |")
    print("|---|" + "--:|" * len(proofs))
    rates = {name: proof["rate"] for name, proof in proofs.items()}
    for row, told in {
        "failures on lines that its tests run, decided": lambda name: (
            f"{rates[name]['of'] if rates[name] else '-'}"
        ),
        "would have reached production": lambda name: _rate(rates[name]),
        "noticed, of all that were tried": lambda name: _noticed(proofs[name]),
        "unseen": lambda name: f"{_number(proofs[name], 'unseen')}",
        "caught": lambda name: f"{_number(proofs[name], 'caught')}",
        "caught by a hang alone": lambda name: f"{_number(proofs[name], 'hung')}",
        "left out by the budget": lambda name: f"{proofs[name]['left_out']}",
        "controls that held": lambda name: _controls(proofs[name]),
        "tests that vote": lambda name: (
            f"{proofs[name]['suite']['voting']} of {proofs[name]['suite']['tests']}"
        ),
        "minutes": lambda name: f"{proofs[name]['seconds'] / 60:.0f}",
    }.items():
        _row(row, [told(name) for name in proofs])
    print(f"\nload average now: {os.getloadavg()[0]:.1f}")


def _rate(rate: dict[str, Any] | None) -> str:
    if rate is None:
        return "no rate: controls failed"
    low, high = rate["low"] * 100, rate["high"] * 100
    return f"{rate['escaped']} ({rate['share']:.1%}, {low:.1f}–{high:.1f} %)"  # noqa: RUF001  - as reports have it


def _noticed(proof: dict[str, Any]) -> str:
    number, of = _number(proof, "caught") + _number(proof, "hung"), len(proof["trials"])
    return f"{number} of {of} ({number / max(of, 1):.1%})"


def _number(proof: dict[str, Any], verdict: str) -> int:
    return sum(trial["verdict"] == verdict for trial in proof["trials"])


def _controls(proof: dict[str, Any]) -> str:
    held = sum(control["held"] for control in proof["controls"])
    return f"{held} of {len(proof['controls'])}"


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
