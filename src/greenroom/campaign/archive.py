"""Where the findings of campaigns on one project are kept: a folder for each state of its tree."""

import os
import shutil
from pathlib import Path

from greenroom.campaign.dependence import Dependence, read_shapes
from greenroom.campaign.earlier import Earlier
from greenroom.campaign.fingerprint import Fingerprint
from greenroom.campaign.journal import Journal
from greenroom.campaign.observation import Observation
from greenroom.campaign.request import Request

_KEPT = 5
"""States of the tree."""
_LOOKED_AT = 3
"""Observations of which one may tell what is still true."""
_VERDICTS = "verdicts.jsonl"


class Archive:
    """Of one project in one state."""

    def __init__(self, root: Path, fingerprint: Fingerprint, request: Request) -> None:
        """Make its folder.

        Raises:
            OSError: it cannot be made.
        """
        self._root = root
        self._contents = fingerprint.files
        self._shapes = dict(read_shapes(root, fingerprint.files))
        self._environment = fingerprint.environment(request.arguments)
        self.folder = root / ".greenroom" / "prove" / f"{self._environment}-{fingerprint.tree()}"
        if request.fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._takes_over = not request.fresh
        self.folder.mkdir(parents=True, exist_ok=True)
        self._forget()

    def earlier(self) -> Earlier:
        """What was seen of the tests, in this state and in earlier ones with the same packages and arguments."""
        states = [each for each in self._states() if each.name.startswith(self._environment)]
        files = [file for state in states for file in sorted(state.glob("observation-*.json"))]
        return Earlier(
            self._root, self._contents, self._shapes, files[:_LOOKED_AT] if self._takes_over else ()
        )

    def journal(self, observation: Observation) -> Journal:
        """The verdicts of this state, and those of earlier states with the same packages and arguments."""
        earlier = [
            each / _VERDICTS for each in reversed(self._states()) if each.name.startswith(self._environment)
        ]
        dependence = Dependence(self._contents, self._shapes, observation)
        return Journal(self.folder / _VERDICTS, earlier if self._takes_over else (), dependence)

    def _states(self) -> list[Path]:
        """The latest first."""
        return sorted(self.folder.parent.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)

    def _forget(self) -> None:
        """Of states that are long gone, nothing is kept."""
        os.utime(self.folder)
        for old in self._states()[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        marker = self.folder.parent.parent / ".gitignore"
        if not marker.exists():
            marker.write_text("# Written by greenroom; safe to delete.\n*\n", encoding="utf-8")
