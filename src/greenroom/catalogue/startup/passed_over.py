"""Migrations whose failure a start passes over: `migrate || true && server`."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.processes import Process

MIGRATES: Final = re.compile(
    r"\balembic\b.*\bupgrade\b|manage(?:\.py)?\s+migrate|\bflask\s+db\s+upgrade|\baerich\s+upgrade|prisma\s+migrate\s+deploy"
)
_PASSES_OVER: Final = re.compile(
    rf"(?:{MIGRATES.pattern})[^|;]*\|\|\s*(?:true\b|:(?=\s|$)|test\s+1\s*=\s*1|echo\b(?![^;&|]*[;&|]+\s*(?:exit|false)\b))"
)
_SERVES: Final = re.compile(
    r"\b(?:uvicorn|gunicorn|hypercorn|daphne|granian|uwsgi|waitress-serve|runserver)\b|\bexec\s|\bflask\s+run\b"
)


def passed_over(project: Project, processes: tuple[Process, ...]) -> Iterator[Sighting]:
    """One for each command or script of the deployment that serves whether the migrations went well or not."""
    texts = {(part.path, part.line): " ".join(part.words) for part in processes}
    texts |= {(path, 1): project.inventory.read_text(path) for part in processes for path in part.scripts}
    for (path, first), text in texts.items():
        if stage_of(path) in ("test", "development"):
            continue
        at = first
        for line in text.splitlines():
            found = _PASSES_OVER.search(line.partition(" #")[0])
            if (
                found
                and not line.lstrip().startswith("#")
                and _SERVES.search(text, text.find(found[0]) + len(found[0]))
            ):
                yield _sighting(path, at, " ".join(found[0].split()))
            at += 1


def _sighting(path: str, line: int, said: str) -> Sighting:
    return Sighting(
        place=Place(path=path, line=line),
        message=f"the start goes on where the migrations fail: `{said}`",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE,
        consequence="the server answers from tables that do not fit its code, and nothing says why",
        remedy="let the start end where a migration fails",
        subject="migrations",
        cause=f"{path}:migrations",
    )
