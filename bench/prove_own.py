"""What Greenroom's own suite lets through: `greenroom prove` on one room of the house after the other, and all together.

A room is some folders below `src/greenroom`, and the tests that are asked about them. `--room NAME` takes some of the rooms;
what follows `--` goes to `prove` (`--budget 30m`). Each room's report is kept as JSON in `--folder`; rooms that stand there
already are taken over, so that an hour's work can be done in parts. The sum says nothing of rooms that were left out.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greenroom.model.rate import Rate

_ROOT = Path(__file__).parents[1]
_PRODUCT = _ROOT / "src" / "greenroom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A part of the house."""

    name: str
    parts: tuple[str, ...]
    """Files and folders below `src/greenroom`."""
    tests: tuple[str, ...]
    """What pytest is given."""


ROOMS = (
    Room(name="store", parts=("store", "report", "history"), tests=("tests/store", "tests/report", "tests/history")),
    Room(
        name="files", parts=("project/declared", "project/files"), tests=("tests/project/declared", "tests/project/files"),
    ),
    Room(
        name="project",
        parts=tuple(
            f"project/{each.name}"
            for each in sorted((_PRODUCT / "project").iterdir())
            if each.name not in ("declared", "files", "__pycache__")
        ),
        tests=("tests/project",),
    ),
    Room(
        name="cli",
        parts=("cli",),
        tests=("tests/cli", "--ignore-glob=tests/cli/test_prove*"),  # these prove in their turn, for minutes
    ),
    Room(name="record", parts=("record", "pytest_plugin"), tests=("tests/record", "tests/pytest_plugin")),
    Room(name="draft", parts=("draft",), tests=("tests/draft",)),
    Room(
        name="mutate",
        parts=("mutate",),
        tests=(
            *(f"tests/campaign/test_{name}.py" for name in ("answered_alike", "changed_part", "defaults", "dependence")),
            "tests/catalogue/test_mutants.py",
        ),
    ),
    Room(  # what runs inside of the tests' own process is left out: a change in it changes what changes it
        name="campaign",
        parts=tuple(f"campaign/{each.name}" for each in sorted((_PRODUCT / "campaign").glob("*.py"))),
        tests=("tests/campaign",),
    ),
    Room(name="catalogue", parts=("catalogue", "detect", "model"), tests=("tests/catalogue", "tests/detect")),
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Prove, and print a table in Markdown."""
    options = _parser().parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"load average {os.getloadavg()[0]:.1f}\n"
    )
    print(
        "| room | tests that vote | escaped | by operator | hung | unseen | left out | controls | minutes |"
    )
    print("|---|--:|--:|---|--:|--:|--:|--:|--:|", flush=True)
    escaped = of = 0
    for room in (room for room in ROOMS if not options.room or room.name in options.room):
        proof = _proof(room, options)
        print(_row(room, proof), flush=True)
        if proof["rate"]:
            escaped, of = escaped + proof["rate"]["escaped"], of + proof["rate"]["of"]
    print(f"\nAll of these: {_told(Rate(count=escaped, of=of))}; load average now {os.getloadavg()[0]:.1f}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--room", action="append", choices=[room.name for room in ROOMS])
    parser.add_argument("--folder", type=Path, required=True, help="where the reports are kept")
    parser.add_argument("prove", nargs="*", help="what goes to `greenroom prove`")
    return parser


def _proof(room: Room, options: argparse.Namespace) -> dict[str, Any]:
    kept: Path = options.folder / f"{room.name}.json"
    if not kept.exists():
        excluded = ",".join([*_beside(_PRODUCT, room.parts), "examples/**", "bench/**", "docs/**"])
        command = [
            sys.executable,
            "-m",
            "greenroom",
            "prove",
            str(_ROOT),
            "--exclude",
            excluded,
            "--exit-zero",
        ]
        command += [*options.prove, "--output-format", "json", "--output-file", str(kept), "--", *room.tests]
        subprocess.run(command, cwd=_ROOT, check=True)  # noqa: S603  - our own command
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _beside(folder: Path, parts: Sequence[str]) -> Iterator[str]:
    """Globs of all that stands in the folder and belongs to none of the parts."""
    for each in sorted(folder.iterdir()):
        name = each.relative_to(_PRODUCT).as_posix()
        if name in parts or each.name == "__pycache__":
            continue
        if any(part.startswith(f"{name}/") for part in parts):
            yield from _beside(each, parts)
        else:
            yield f"src/greenroom/{name}/**" if each.is_dir() else f"src/greenroom/{name}"


def _row(room: Room, proof: dict[str, Any]) -> str:
    trials = proof["trials"]
    number = Counter(trial["verdict"] for trial in trials)
    operators = Counter(trial["mutant"]["operator"] for trial in trials if trial["verdict"] == "escaped")
    rate = proof["rate"]
    held = sum(control["held"] for control in proof["controls"])
    cells = (
        room.name,
        f"{proof['suite']['voting']} of {proof['suite']['tests']}",
        _told(Rate(count=rate["escaped"], of=rate["of"])) if rate else "no rate",
        ", ".join(f"{name} {count}" for name, count in operators.most_common()),
        number["hung"],
        number["unseen"],
        proof["left_out"],
        f"{held} of {len(proof['controls'])}",
        f"{proof['seconds'] / 60:.0f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def _told(rate: Rate) -> str:
    return f"{rate.count} of {rate.of} ({rate})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
