"""How many places each operator finds in real projects: `python bench/sites.py PROJECT…`.

Counts mutants in files that the audit classifies as production. With `--show T1 --sample 15` it prints that many of
each operator named, drawn at random and the same for the same seed, as diffs to be read.
"""

import argparse
import difflib
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from greenroom.catalogue import all_modes
from greenroom.model.mode import FailureMode
from greenroom.model.mutant import Mutant
from greenroom.model.settings import Settings
from greenroom.mutate.seeding import seed
from greenroom.mutate.source import Source
from greenroom.project.files.inventory import take_inventory
from greenroom.project.files.kind import FileKind


def main(arguments: Sequence[str]) -> int:
    """Print a table of operators by projects, or a sample of one operator's mutants."""
    options = _parser().parse_args(arguments)
    modes = [mode for mode in all_modes() if mode.operators]
    if options.show:
        _show(options, modes)
        return 0
    counts = {
        root: Counter(mutant.operator for _, mutant in _mutants(root, modes)) for root in options.projects
    }
    print("| operator | code |", " | ".join(root.name for root in counts), "| all |")
    print("|---|---|" + "--:|" * (len(counts) + 1))
    for mode in modes:
        for operator in mode.operators:
            row = [counts[root][operator.key] for root in counts]
            print(
                f"| {operator.key} {operator.name} | {mode.code} |",
                " | ".join(map(str, row)),
                f"| {sum(row)} |",
            )
    return 0


def _show(options: argparse.Namespace, modes: list[FailureMode]) -> None:
    wanted = [mode for mode in modes if any(operator.key in options.show for operator in mode.operators)]
    found = [(root, *each) for root in options.projects for each in _mutants(root, wanted)]
    for key in options.show:
        mine = [each for each in found if each[2].operator == key]
        chosen = random.Random(options.seed).sample(mine, min(options.sample, len(mine)))  # noqa: S311 - a sample
        print(f"\n=== {key}: {len(chosen)} of {len(mine)}")
        for number, (root, source, mutant) in enumerate(chosen, 1):
            before, after = source.text.splitlines(), mutant.applied_to(source.text).splitlines()
            print(
                f"\n#{number} {root.name}/{mutant.place.path}:{mutant.place.line} {mutant.place.symbol}: {mutant.note}"
            )
            print("\n".join(list(difflib.unified_diff(before, after, n=options.context, lineterm=""))[2:]))


def _mutants(root: Path, modes: list[FailureMode]) -> Iterator[tuple[Source, Mutant]]:
    for file in take_inventory(root, Settings()).files:
        if file.kind is FileKind.PRODUCTION:
            source = _read(root, file.path)
            if source is not None:
                yield from ((source, mutant) for mutant in seed(source, modes))


def _read(root: Path, path: str) -> Source | None:
    """None for what is no Python of this version."""
    try:
        return Source(path, (root / path).read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="+", type=lambda text: Path(text).resolve())
    parser.add_argument(
        "--show", nargs="+", default=[], metavar="KEY", help="print mutants of these operators"
    )
    parser.add_argument("--sample", default=15, type=int)
    parser.add_argument("--seed", default=1, type=int)
    parser.add_argument("--context", default=4, type=int, help="lines around each change")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
