"""Draw deleted tests at random from real histories, with all that a reader needs to judge each.

    python bench/history.py draw --seed 20261125 --last 1500 --out drawn.json REPOSITORY...
    python bench/history.py show drawn.json

A repository is a git directory, bare or not. Of each, at most `--tests` deleted tests and `--helpers` helpers are
drawn, all alike, but no more than two of one commit: a commit that moves a thousand tests would be the whole sample.
`--lost` more are drawn of the lost, which are what a user acts on. The verdicts are kept in `verdicts/history.jsonl`.
"""

import argparse
import ast
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from greenroom import api
from greenroom.model.history import Deletion, Fate, History

_MOST_OF_A_COMMIT = 2
_SHOWN_LINES = 14
_NEAREST = 6


def main(arguments: Sequence[str]) -> int:
    """Draw or show."""
    options = _parser().parse_args(arguments)
    if options.command == "draw":
        drawn = [item for folder in options.repositories for item in _draw(folder, options)]
        options.out.write_text(json.dumps(drawn, indent=1), encoding="utf-8")
        print(f"{len(drawn)} drawn: {dict(Counter(item['fate'] for item in drawn))}")
    else:
        for number, item in enumerate(json.loads(options.drawn.read_text(encoding="utf-8"))):
            print("\n".join(_told(number, item)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    draw = commands.add_parser("draw")
    draw.add_argument("repositories", type=Path, nargs="+")
    draw.add_argument("--seed", type=int, required=True)
    draw.add_argument("--last", type=int, default=1500, help="commits")
    draw.add_argument("--tests", type=int, default=7)
    draw.add_argument("--helpers", type=int, default=1)
    draw.add_argument("--lost", type=int, default=2)
    draw.add_argument("--out", type=Path, required=True)
    commands.add_parser("show").add_argument("drawn", type=Path)
    return parser


def _draw(folder: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    found = api.history(folder, last=options.last)
    rng = random.Random(f"{options.seed}-{folder}")  # noqa: S311  - a sample, not a secret
    tests = [gone for gone in found.deletions if gone.is_test]
    helpers = [gone for gone in found.deletions if not gone.is_test]
    chosen = [("any", one) for one in _sample(rng, tests, options.tests)]
    lost = [one for one in tests if one.fate is Fate.LOST and ("any", one) not in chosen]
    chosen += [("lost", one) for one in _sample(rng, lost, options.lost)]
    chosen += [("helper", one) for one in _sample(rng, helpers, options.helpers)]
    print(f"{folder}: {found.commits} commits, {_counted(found)}", flush=True)
    return [
        {**asdict(one), "drawn_as": how, "folder": str(folder), "last": found.last} for how, one in chosen
    ]


def _sample(rng: random.Random, deletions: Iterable[Deletion], most: int) -> list[Deletion]:
    shuffled = sorted(deletions, key=lambda gone: (gone.path, gone.symbol, gone.commit))
    rng.shuffle(shuffled)
    taken: Counter[str] = Counter()
    chosen: list[Deletion] = []
    for gone in shuffled:
        if len(chosen) < most and taken[gone.commit] < _MOST_OF_A_COMMIT:
            taken[gone.commit] += 1
            chosen.append(gone)
    return chosen


def _counted(found: History) -> str:
    counts = {fate.value: found.count(fate) for fate in Fate}
    return ", ".join(f"{number} {fate}" for fate, number in counts.items() if number) or "no test deleted"


def _told(number: int, item: dict[str, Any]) -> Iterator[str]:
    folder, commit, last = item["folder"], item["commit"], item["last"]
    kind = "test" if item["is_test"] else "HELPER"
    yield f"=== {number} {Path(folder).parent.name} {item['fate'].upper()} {kind} {item['path']}:{item['line']} {item['symbol']}"
    yield f"   {commit[:10]} {item['date']} {item['subject'][:110]}"
    yield f"   {item['evidence']}"
    yield f"   covered {item['covered'][:6]} uncovered {item['uncovered'][:4]}"
    changed = _git(folder, "diff", "--numstat", f"{commit}^", commit).splitlines()
    yield f"   {len(changed)} files: {'; '.join(line.replace(chr(9), ' ') for line in changed[:6])}"
    yield _source(_git(folder, "show", f"{commit}^:{item['path']}"), item["symbol"])
    for successor in item["successors"][:3]:
        yield f"   --> {successor['path']} {successor['symbol']}"
        yield _source(_git(folder, "show", f"{last}:{successor['path']}"), successor["symbol"])
    if item["is_test"]:
        added = re.findall(
            r"^\+\s*(?:async )?def (test\w*)",
            _git(folder, "diff", f"{commit}^", commit, "--", "*.py"),
            re.MULTILINE,
        )
        yield f"   added by the commit: {len(added)} {_nearest(item['symbol'], added)}"
        there = re.findall(
            r"([^/:]+):\s*(?:async )?def (test\w*)",
            _git(folder, "grep", "-E", r"^\s*(async )?def test", last, "--", "*.py"),
        )
        yield f"   names at the end: {_nearest(item['symbol'], [f'{path} {name}' for path, name in there])}"


def _git(folder: str, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)  # noqa: S603, S607
    return done.stdout.decode("utf-8", "replace")


def _source(text: str, symbol: str) -> str:
    try:
        node: ast.AST = ast.parse(text)
    except (SyntaxError, ValueError):
        return "    (not Python)"
    for name in symbol.split("."):
        inner = (one for one in ast.walk(node) if getattr(one, "name", "") == name and hasattr(one, "body"))
        node = next(inner, node)
    first = min([getattr(node, "lineno", 1), *(one.lineno for one in getattr(node, "decorator_list", ()))])
    lines = [line for line in text.splitlines()[first - 1 : getattr(node, "end_lineno", 1)] if line.strip()]
    if len(lines) > _SHOWN_LINES:
        lines[_SHOWN_LINES - 5 : -4] = [f"    … {len(lines) - _SHOWN_LINES} more"]
    return "\n".join(f"    {line[:150]}" for line in lines)


def _nearest(symbol: str, names: Iterable[str]) -> list[str]:
    own = set(re.findall("[a-z0-9]+", symbol.rpartition(".")[2].lower())) - {"test"}
    words = {name: set(re.findall("[a-z0-9]+", name.lower())) - {"test", "py"} for name in names}
    ordered = sorted(words, key=lambda name: (-len(own & words[name]) / len(own | words[name] or {""}), name))
    return [name for name in ordered[:_NEAREST] if own & words[name]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
