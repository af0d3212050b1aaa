"""Real repositories, made for a test."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from greenroom import api
from greenroom.model.history import Deletion, History

_WHO = {
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """A repository whose commits are told one by one."""

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ("git", *arguments),
            cwd=self.root,
            env={**os.environ, **_WHO},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self, subject: str, files: dict[str, str | None]) -> str:
        """Write the files, delete those that are None, and commit."""
        for path, text in files.items():
            place = self.root / path
            if text is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD").strip()

    def history(self, **range_of: object) -> History:
        return api.history(self.root, **range_of)  # type: ignore[arg-type]


def begin(root: Path) -> Story:
    story = Story(root)
    story.git("init", "--quiet", "--initial-branch=main")
    return story


def fates(found: History) -> dict[str, str]:
    """Qualified name → fate."""
    return {gone.symbol: gone.fate.value for gone in found.deletions}


def only(found: History) -> Deletion:
    (deletion,) = found.deletions
    return deletion
