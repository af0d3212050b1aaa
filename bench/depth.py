"""What peers report and we do not, on the same checkouts in one run: `make depth ARGS="--peers BIN PROJECT…"`.

A report of a peer counts as ours when one of our findings names its line (for tests: the same test) as its
place, a site or a hop of its chain. What is not ours is listed, to be judged by reading; the verdicts stand in `peers.json`.
"""

import argparse
import json
import subprocess
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.model.finding import Confidence, Finding

Place = tuple[str, int]
_NO_TIME_LIMITS_IN_THE_DEFINITION = "ASYNC109"
"""About a parameter's name, not about blocking."""
_EMPTY_OR_SWALLOWED = frozenset({"C2b", "C5", "C7", "C27", "C59"})
"""Of falsegreen: the codes that are about our subject with some confidence."""


class Peer(NamedTuple):
    """A tool beside us."""

    name: str
    arguments: tuple[str, ...]
    codes: str
    """Ours that are about the same thing."""
    read: Callable[[Any, Path], Iterable[Place]]


def _blockpath(report: Any, root: Path) -> Iterable[Place]:
    del root
    for finding in report["findings"]:
        yield finding["witness"][-1]["path"], finding["witness"][-1]["line"]


def _ruff(report: Any, root: Path) -> Iterable[Place]:
    for finding in report:
        if finding["code"] != _NO_TIME_LIMITS_IN_THE_DEFINITION:
            yield Path(finding["filename"]).relative_to(root).as_posix(), finding["location"]["row"]


def _falsegreen(report: Any, root: Path) -> Iterable[Place]:
    del root
    for finding in report:
        if finding["code"] in _EMPTY_OR_SWALLOWED:
            yield finding["file"].removeprefix("./"), finding["line"]


_PEERS = (
    Peer("blockpath", ("check", "--json", "--no-config", "."), "EVL", _blockpath),
    Peer("ruff", ("check", "--isolated", "--no-cache", "--select", "ASYNC", "--target-version", "py311", "--output-format", "json", "."), "EVL", _ruff),
    Peer("falsegreen", ("--json", "."), "TST", _falsegreen),
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Print a table and, below it, what only a peer reports."""
    options = _parser().parse_args(arguments)
    rows: list[str] = []
    open_ends: list[str] = []
    for root in (path.resolve() for path in options.projects):
        audit = api.audit(root)
        for peer in _PEERS:
            unit = _Tests(audit).of if peer.codes == "TST" else _line
            theirs = sorted(set(map(unit, _run(peer, options.peers, root))))
            shown, possible = (set(map(unit, places)) for places in _told(audit, peer.codes))
            only = [place for place in theirs if place not in shown | possible]
            rows.append(
                f"| {root.name} | {peer.name} | {len(theirs)} | {len(shown.intersection(theirs))} | "
                f"{len((possible - shown).intersection(theirs))} | {len(only)} | {_causes(audit, peer.codes)} |"
            )
            open_ends.extend(f"{root.name}: {peer.name}: {path}:{line}" for path, line in only)
    print(
        "| project | peer | it reports | ours, shown | ours, possible | only the peer's | our places in all |"
    )
    print("|---|---|--:|--:|--:|--:|--:|")
    print("\n".join(rows))
    print("\nOnly the peer's, to be judged:\n" + "\n".join(open_ends or ["none"]))
    return 0


def _line(place: Place) -> Place:
    return place


class _Tests:
    """Which test a line belongs to, as far as the lines of their definitions tell."""

    def __init__(self, audit: Audit) -> None:
        self._lines: dict[str, list[int]] = defaultdict(list)
        for test in audit.tests:
            self._lines[test.path].append(test.line)

    def of(self, place: Place) -> Place:
        """The place of the test's definition; the place itself above all tests of its file."""
        path, line = place
        lines = sorted(self._lines.get(path, ()))
        at = bisect_right(lines, line) - 1
        return (path, lines[at]) if at >= 0 else place


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", type=Path, required=True, help="folder of their executables")
    parser.add_argument("projects", type=Path, nargs="+", help="checkouts")
    return parser


def _run(peer: Peer, folder: Path, root: Path) -> Iterable[Place]:
    executable = (folder / peer.name).resolve()
    command = [str(executable), *peer.arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - as asked for
    return peer.read(json.loads(done.stdout), root)


def _told(audit: Audit, codes: str) -> tuple[set[Place], set[Place]]:
    """Lines that our findings name: of those shown, and of those that are merely possible."""
    shown: set[Place] = set()
    possible: set[Place] = set()
    for finding in audit.findings:
        if finding.code.startswith(codes):
            kind = possible if finding.confidence is Confidence.POSSIBLE else shown
            kind.update(_lines(finding))
    return shown, possible


def _lines(finding: Finding) -> Iterable[Place]:
    for place in (finding.place, *finding.sites, *finding.chain):
        yield place.path, place.line
    yield from ((finding.place.path, line) for line in range(finding.place.line, finding.end_line + 1))


def _causes(audit: Audit, codes: str) -> int:
    """Distinct lines where our shown findings stand or have a site."""
    return len(
        {
            (place.path, place.line)
            for finding in audit.findings
            if finding.code.startswith(codes) and finding.confidence is not Confidence.POSSIBLE
            for place in (finding.place, *finding.sites)
        }
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
