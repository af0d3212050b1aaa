"""Hold WEAKNESSES.md against the files: every row must name a line, and quote it.

`python check_ledger.py` prints each row, and the number of rows per code and lens.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent
LEDGER = ROOT / "WEAKNESSES.md"
LENSES = {
    "static-1",
    "static-1-possible",
    "static-1-theatre",
    "later: static",
    "later: record",
    "later: prove",
    "later: rehearse",
}
ROW = re.compile(
    r"\| (?P<code>[A-Z]{3}\d{3}) \| (?P<file>\S+):(?P<line>\d+) \| (?P<lens>[^|]+) \| "
    r"(?P<effect>.+) \| (?P<fence>``?) ?(?P<quote>.+?) ?(?P=fence) \|"
)


class Row(NamedTuple):
    """One weakness."""

    code: str
    file: str
    line: int
    lens: str
    effect: str
    quote: str

    def lines_that_read_so(self) -> list[int]:
        """Where the quoted text stands in the file."""
        path = ROOT / self.file
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return [number for number, text in enumerate(lines, 1) if text.strip() == self.quote]


def read_rows(text: str) -> list[Row]:
    """The rows of the table; a line that begins like one and is none raises ValueError."""
    rows = []
    for line in text.splitlines():
        if re.match(r"\| [A-Z]{3}\d{3} ", line):
            cells = ROW.fullmatch(line)
            if cells is None:
                raise ValueError(f"not a row of the ledger: {line}")
            quote = cells["quote"].replace("\\|", "|")
            number = int(cells["line"])
            rows.append(
                Row(cells["code"], cells["file"], number, cells["lens"], cells["effect"], quote)
            )
    return rows


def problems(rows: list[Row]) -> list[str]:
    """What is wrong with the rows themselves."""
    wrong = []
    for row in rows:
        places = row.lines_that_read_so()
        if row.line not in places:
            wrong.append(f"{row.code} {row.file}:{row.line}: {row.quote!r} stands in {places}")
        if row.lens not in LENSES:
            wrong.append(f"{row.code} {row.file}:{row.line}: {row.lens!r} is no lens")
    times = Counter((row.code, row.file, row.line) for row in rows)
    return wrong + [f"{place} is listed twice" for place, number in times.items() if number > 1]


def main() -> int:
    """Print the ledger; 1 when a row is wrong."""
    rows = read_rows(LEDGER.read_text(encoding="utf-8"))
    for row in rows:
        print(f"{row.code} {row.file}:{row.line}: {row.quote}")
    for kind, number in sorted(Counter((row.code, row.lens) for row in rows).items()):
        print(*kind, number)
    found = problems(rows)
    print(*found, sep="\n", file=sys.stderr)
    return 1 if found or not rows else 0


if __name__ == "__main__":
    raise SystemExit(main())
