"""How often findings are true on code that nobody here wrote, by code: `make judge`.

The verdicts are data: `verdicts/*.jsonl`, one finding per line, each judged by reading the code at that
commit. A round is one drawing: what was found and fixed in one round is counted as false in that round for
ever; only a later round, on other findings, can show that the rules became better.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_VERDICTS = Path(__file__).parent / "verdicts"
_HISTORY = "history.jsonl"
"""Verdicts on what became of deleted tests, which have a table of their own."""
_LABELS = "labels.jsonl"
"""Of tests, not of findings: `labels.py` reads them."""
_POSSIBLE = "possible.jsonl"
"""Of findings that are hidden unless asked for: nothing is demanded of them."""
_FATES = ("lost", "retired", "replaced", "split", "merged", "renamed", "moved")
_UNCLEAR = "unclear"
"""The fate that claims nothing."""
_DEMANDED_OF_FATES = 0.90
_CONFIDENCES = ("definite", "probable")
_LATEST = 3
"""Rounds that say how the rules are now."""
_HIDDEN = "possible"
_DEMANDED = {"definite": 0.95, "probable": 0.80}
_FIELDS = {"repository": str, "commit": str, "path": str, "line": int, "code": str, "confidence": str,
           "verdict": bool, "why": str, "round": str}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One finding, judged."""

    repository: str
    commit: str
    path: str
    line: int
    code: str
    confidence: str
    verdict: bool
    why: str
    round: str
    symbol: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print tables in Markdown; fail where the last round of a kind is not good enough."""
    options = _parser().parse_args(arguments)
    verdicts = list(read_verdicts(options.verdicts))
    rounds = _by_round(verdicts)
    if options.rounds:
        _print_rounds(rounds)
    else:
        _print_summary(rounds)
    latest = {name.rpartition(". ")[0].rpartition(" ")[0]: name for name in rounds}  # "configuration 2. …"
    short = "; ".join(
        f"round {name.partition('.')[0]}: {lacking}"
        for name in latest.values()
        if (lacking := _shortfalls(rounds[name]))
    )
    print("\n".join(_history_tables(options.verdicts / _HISTORY, options.rounds)), end="\n\n")
    hidden = list(_read_file(options.verdicts / _POSSIBLE))
    print(
        f"Of findings that are only possible, and hidden: {_share([each.verdict for each in hidden])} true.\n"
    )
    print(f"{len(verdicts)} verdicts in all; {short or 'the last rounds are as good as demanded'}.")
    return 1 if short else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rounds", action="store_true", help="a table by code for each round, with its projects"
    )
    parser.add_argument("verdicts", type=Path, nargs="?", default=_VERDICTS, help="folder of *.jsonl files")
    return parser


def _by_round(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    rounds: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        rounds[verdict.round].append(verdict)
    return rounds


def _print_rounds(rounds: Mapping[str, list[Verdict]]) -> None:
    for name, chosen in rounds.items():
        projects = sorted({verdict.repository for verdict in chosen})
        print(f"### {name}: {len(chosen)} findings of {len(projects)} projects\n")
        print("\n".join(_table(chosen)))
        print(f"\nProjects: {', '.join(projects)}.\n")


def _print_summary(rounds: Mapping[str, list[Verdict]]) -> None:
    """All rounds, a line each, and the last ones of all codes together, by code."""
    print("| round | projects | definite: true / judged | probable: true / judged |\n|---|--:|--:|--:|")
    for name, chosen in rounds.items():
        cells = (_share([each.verdict for each in chosen if each.confidence == one]) for one in _CONFIDENCES)
        print(f"| {name} | {len({verdict.repository for verdict in chosen})} | {' | '.join(cells)} |")
    latest = [name for name in rounds if name[:1].isdigit()][-_LATEST:]
    print(f"\nThe last {_LATEST} rounds of all codes together:\n")
    print("\n".join(_table([verdict for name in latest for verdict in rounds[name]])), end="\n\n")


def read_verdicts(folder: Path) -> Iterable[Verdict]:
    """All verdicts, file by file in the order of their names.

    Raises:
        ValueError: a line is not what it should be; the message says which and why.
    """
    others = {folder / name for name in (_HISTORY, _LABELS, _POSSIBLE)}
    for file in sorted(set(folder.glob("*.jsonl")) - others):
        yield from _read_file(file)


def _read_file(file: Path) -> Iterator[Verdict]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for number, line in enumerate(lines, start=1):
        yield _read(json.loads(line), f"{file.name}:{number}")


def _read(raw: dict[str, Any], where: str) -> Verdict:
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(raw.get(name), kind)]
    if wrong or not raw["why"] or raw["confidence"] not in (*_CONFIDENCES, _HIDDEN):
        message = f"{where}: {', '.join(wrong) or 'why or confidence'} is missing or wrong"
        raise ValueError(message)
    return Verdict(**{name: raw[name] for name in _FIELDS}, symbol=raw.get("symbol", ""))


def _table(verdicts: list[Verdict]) -> list[str]:
    counts: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for verdict in verdicts:
        counts[verdict.code][verdict.confidence].append(verdict.verdict)
        counts["all"][verdict.confidence].append(verdict.verdict)
    rows = ["| code | definite: true / judged | probable: true / judged |", "|---|--:|--:|"]
    for code in (*sorted(set(counts) - {"all"}), "all"):
        cells = " | ".join(_share(counts[code][confidence]) for confidence in _CONFIDENCES)
        rows.append(f"| {code} | {cells} |")
    return rows


def _history_tables(file: Path, in_full: bool) -> Iterator[str]:  # noqa: FBT001
    """By round and fate, what was right: the fate, and the successor where there is one."""
    rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        raw = json.loads(line)
        rounds[raw["round"]].append(raw)
    if not in_full:
        yield "| round of history | projects | fates: right / judged | unclear, not counted |\n|---|--:|--:|--:|"
    for name, judged in rounds.items():
        projects = len({raw["repository"] for raw in judged})
        told = [raw for raw in judged if raw["fate"] != _UNCLEAR]
        right = _share([raw["verdict"] for raw in told])
        if in_full:
            yield f"### History, {name}: {len(judged)} deletions of {projects} projects\n"
            yield from _by_fate(told)
            yield f"\nRight in all: {right}; {_DEMANDED_OF_FATES:.0%} is demanded of the last round.\n"
        else:
            yield f"| {name} | {projects} | {right} | {len(judged) - len(told)} of {len(judged)} |"


def _by_fate(told: list[dict[str, Any]]) -> Iterator[str]:
    yield from ("| fate | tests: right / judged | helpers: right / judged |", "|---|--:|--:|")
    for fate in (*_FATES, "all"):
        chosen = [raw for raw in told if fate in (raw["fate"], "all")]
        cells = [
            _share([raw["verdict"] for raw in chosen if raw["is_test"] is of_tests])
            for of_tests in (True, False)
        ]
        yield f"| {fate} | {' | '.join(cells)} |"


def _share(judged: list[bool]) -> str:
    return f"{sum(judged)} / {len(judged)} ({sum(judged) / len(judged):.0%})" if judged else ""


def _shortfalls(verdicts: list[Verdict]) -> str:
    found = []
    for confidence, demanded in _DEMANDED.items():
        judged = [verdict.verdict for verdict in verdicts if verdict.confidence == confidence]
        if judged and sum(judged) / len(judged) < demanded:
            found.append(f"{confidence} is {sum(judged) / len(judged):.1%}, below {demanded:.0%}")
    return "; ".join(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
