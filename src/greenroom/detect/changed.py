"""`--since REV`: which lines changed, and which findings lie on them."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from greenroom.model.finding import Finding
from greenroom.project.files.errors import ProjectError

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLines:
    """What differs between the working tree and a revision."""

    revision: str
    lines: Mapping[str, frozenset[int]]
    """Lines of today's files, by path relative to the project's root."""
    added: frozenset[str] = frozenset()
    """Files that version control does not know yet: changed as a whole."""

    def touch(self, finding: Finding) -> bool:
        """Whether the finding's statement, one of its sites or a hop of its chain is on a changed line."""
        span = range(finding.place.line, max(finding.place.line, finding.end_line) + 1)
        further = (*finding.sites, *finding.chain)
        return self.include(finding.place.path, span) or any(
            self.include(place.path, (place.line,)) for place in further
        )

    def include(self, path: str, lines: range | tuple[int, ...]) -> bool:
        """Whether any of these lines of a file is a changed one."""
        return path in self.added or not self.lines.get(path, frozenset()).isdisjoint(lines)


def read_changes(root: Path, revision: str) -> ChangedLines:
    """Ask git what changed since this branch left the revision; the working tree counts.

    Raises:
        ProjectError: no git, no repository or no such revision.
    """
    if _git(root, "rev-parse", "--git-dir") is None:
        message = f"--since {revision}: {root} is not in a git repository: there is nothing to compare with"
        raise ProjectError(message)
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        message = (
            f"--since {revision}: git knows no such revision in {root}; "
            "in CI, fetch the history first (`fetch-depth: 0`)"
        )
        raise ProjectError(message)
    base = _git(root, "merge-base", commit.strip(), "HEAD") or commit
    patch = _git(
        root, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--relative",
        "--ignore-submodules", "--src-prefix=a/", "--dst-prefix=b/", base.strip(), "--", ".",
    )  # fmt: skip
    unknown = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    if patch is None or unknown is None:
        message = f"--since {revision}: git could not compare {root} with it"
        raise ProjectError(message)
    added = frozenset(filter(None, unknown.split("\0")))
    return ChangedLines(revision=revision, lines=dict(_changed_lines(patch)), added=added)


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None where it refuses."""
    command = ("git", "-c", "core.quotePath=false", *arguments)
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)  # noqa: S603  - no shell
    except OSError as error:
        message = f"--since needs git: {error}"
        raise ProjectError(message) from error
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def _changed_lines(patch: str) -> Iterator[tuple[str, frozenset[int]]]:
    """Path and changed lines of each file in a patch without context."""
    path, lines, skip = "", set[int](), 0
    for text in patch.split("\n"):
        if skip:  # a line of a hunk may look like a header
            skip -= 0 if text.startswith("\\") else 1
        elif text.startswith("+++ "):
            if path:
                yield path, frozenset(lines)
            path, lines = _path(text[4:]), set()
        elif hunk := _HUNK.match(text):
            removed, start, count = (int(part) if part else 1 for part in hunk.groups())
            skip = removed + count
            # A pure removal lies between two lines: both are changed.
            lines.update(range(start, start + max(count, 2 if not count else 1)))
    if path:
        yield path, frozenset(lines)


def _path(header: str) -> str:
    """`b/app/main.py` as a path; empty for a file that is gone."""
    name = header.rstrip("\t")
    if name.startswith('"'):
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return name.removeprefix("b/") if name.startswith("b/") else ""
