"""How often the labels that are read agree with those that a recorded run decides.

Without arguments: the tables of docs/coverage.md, from the verdicts: of labels that a run decides, and of labels on projects
that nobody ran, drawn at random and judged by reading. With checkouts that have a recorded run: a line of JSON
for each test whose label the run decides, to be judged.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from greenroom import api

_VERDICTS = Path(__file__).parent / "verdicts" / "labels.jsonl"


def main(arguments: Sequence[str]) -> int:
    """Print the table, or the labels of checkouts."""
    if arguments:
        for folder in map(Path, arguments):
            _print_labels(folder)
        return 0
    rows = [json.loads(line) for line in _VERDICTS.read_text(encoding="utf-8").splitlines()]
    _print_table([row for row in rows if row["observed"]])
    _print_read([row for row in rows if not row["observed"]])
    return 0


def _print_labels(folder: Path) -> None:
    read = api.audit(folder, api.configure(folder, {"evidence": "none"}))
    labels = {test.id: test.interface.value for test in read.tests}
    for test in api.audit(folder).tests:
        if test.observed:
            row = {
                "project": folder.name,
                "test": test.id,
                "read": labels[test.id],
                "observed": test.interface.value,
            }
            print(json.dumps(row))


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    projects: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        projects[row["project"]].append(row)
    print(
        "| project | tests that the run decides | agreed before | agree after | differed, and the run was right |"
    )
    print("|---|--:|--:|--:|--:|")
    for name, found in projects.items():
        _print_row(name, found)
    _print_row("all", rows)
    print()
    kinds = Counter(
        (row["before"], row["observed"], row["why"]) for row in rows if row["before"] != row["observed"]
    )
    print("| read before as | observed | times | judged |")
    print("|---|---|--:|---|")
    for (before, observed, why), times in kinds.most_common():
        print(f"| {before} | {observed} | {times} | {why} |")


def _print_read(rows: Sequence[dict[str, Any]]) -> None:
    """By round, how often the label was right at first sight and is today, and what was taken for what."""
    print("\n| round | projects | tests drawn | right at first sight | right today |\n|---|--:|--:|--:|--:|")
    for number in sorted({row["round"] for row in rows}):
        found = [row for row in rows if row["round"] == number]
        before, after = (sum(row[when] == row["judged"] for row in found) for when in ("before", "after"))
        projects = len({row["project"] for row in found})
        print(
            f"| {number} | {projects} | {len(found)} | {before} ({before / len(found):.0%}) | {after} ({after / len(found):.0%}) |"
        )
    print("\n| round | read at first sight as | judged | times |\n|---|---|---|--:|")
    kinds = Counter(
        (row["round"], row["before"], row["judged"]) for row in rows if row["before"] != row["judged"]
    )
    for (number, read, judged), times in sorted(kinds.items(), key=lambda item: (item[0][0], -item[1])):
        print(f"| {number} | {read} | {judged} | {times} |")


def _print_row(name: str, rows: Sequence[dict[str, Any]]) -> None:
    before = sum(row["before"] == row["observed"] for row in rows)
    after = sum(row["after"] == row["observed"] for row in rows)
    differed = [row for row in rows if row["before"] != row["observed"]]
    right = sum(row["judged"] == row["observed"] for row in differed)
    print(f"| {name} | {len(rows)} | {before} | {after} | {right} of {len(differed)} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
