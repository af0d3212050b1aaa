"""Hold WEAKNESSES.md against the files: every row must name a line that exists.

`python check_ledger.py` prints each row with its line, and the number of rows per code.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent
LENSES = {"static-1", "static-1-theatre", "static-2", "record", "prove", "rehearse"}


class Row(NamedTuple):
    """One weakness."""

    code: str
    file: str
    line: int
    effect: str
    lens: str

    @property
    def source(self) -> str:
        """The line that the row names; empty when there is none."""
        path = ROOT / self.file
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return lines[self.line - 1].strip() if 0 < self.line <= len(lines) else ""


def read_rows(text: str) -> list[Row]:
    """The rows of the table, without its head."""
    tables = [line for line in text.splitlines() if re.match(r"\| [A-Z]{3}\d{3} ", line)]
    cells = ([cell.strip() for cell in line.strip("|").split(" | ")] for line in tables)
    return [Row(code, file, int(line), effect, lens) for code, file, line, effect, lens in cells]


def problems(rows: list[Row]) -> list[str]:
    """What is wrong with the rows themselves."""
    wrong = [f"{row.file}:{row.line}: no such line" for row in rows if not row.source]
    wrong += [f"{row.file}:{row.line}: no such lens" for row in rows if row.lens not in LENSES]
    places = Counter((row.code, row.file, row.line, row.lens) for row in rows)
    return wrong + [f"{place}: listed twice" for place, times in places.items() if times > 1]


def main() -> int:
    """Print the ledger with its sources; 1 when a row is wrong."""
    rows = read_rows((ROOT / "WEAKNESSES.md").read_text(encoding="utf-8"))
    for row in rows:
        print(f"{row.code} {row.file}:{row.line}: {row.source}")
    for code, number in sorted(Counter((row.code, row.lens) for row in rows).items()):
        print(*code, number)
    found = problems(rows)
    print(*found, sep="\n", file=sys.stderr)
    return 1 if found or not rows else 0


if __name__ == "__main__":
    raise SystemExit(main())
