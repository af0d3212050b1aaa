"""What the audit reads of both sides of full-stack projects, beside the peer `api-ghost-hunter`.

    python bench/interfaces.py [--peer VENV/bin/api-ghost-hunter] FOLDER…

Prints a row per checkout and tool: requests of the front end, routes, what is served, and what is not; seconds are CPU time.
A count is no verdict: what is true of it stands in `verdicts/interfaces.jsonl`.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from greenroom.model.settings import Settings
from greenroom.project.project import read_project

_PATIENCE = 300
_COLUMNS = ("project", "tool", "requests", "routes", "served", "not served", "wrong method", "CPU seconds")


def main() -> None:
    """Print the table, in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--peer", help="the command of api-ghost-hunter")
    arguments = parser.parse_args()
    print("| " + " | ".join(_COLUMNS) + " |\n" + "| --- " * len(_COLUMNS) + "|")
    for folder in arguments.folders:
        print(_row(folder, "greenroom", _ours(folder)))
        if arguments.peer:
            print(_row(folder, "api-ghost-hunter", _peer(arguments.peer, folder)))


def _row(folder: Path, tool: str, cells: list[object]) -> str:
    return "| " + " | ".join(map(str, [folder.name, tool, *cells])) + " |"


def _ours(folder: Path) -> list[object]:
    start = time.process_time()
    project = read_project(folder, Settings())
    spent = time.process_time() - start
    counts = Counter(answer.status for answer in project.contract.answers)
    return [
        len(project.front.calls),
        len(project.routes),
        counts["served"],
        counts["missing"],
        counts["method"],
        f"{spent:.1f}",
    ]


def _peer(command: str, folder: Path) -> list[object]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.json"
        try:
            subprocess.run(  # noqa: S603  the peer that the user names
                [command, "scan", str(folder.resolve()), "--format", "json", "-o", str(report)],
                capture_output=True, check=False, timeout=_PATIENCE,
            )  # fmt: skip
            found = json.loads(report.read_text(encoding="utf-8"))["summary"]
        except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
            return [f"no report in {_PATIENCE} s", *("",) * 5]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [found["total_frontend_calls"], found["total_backend_endpoints"], found["matched"], found["broken_calls"],
            found["method_mismatches"], f"{spent:.1f}"]  # fmt: skip


if __name__ == "__main__":
    main()
