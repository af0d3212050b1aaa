"""The latest campaign in short, kept for audits: a file of the project beside its store."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from greenroom.model.mode import Family
from greenroom.model.noticed import EscapedFailure, Noticed, NoticedFamily
from greenroom.model.rate import Rate
from greenroom.project.files.contents import contents_of
from greenroom.project.files.writing import write_whole

_FILE = Path(".greenroom", "noticed.json")
_VERSION = 1


def keep_noticed(root: Path, noticed: Noticed) -> None:
    """Replace what is known of the campaign before.

    Raises:
        OSError: it cannot be written.
    """
    file = root / _FILE
    file.parent.mkdir(exist_ok=True)
    write_whole(file, json.dumps({"version": _VERSION, **asdict(noticed)}, indent=1).encode())


def latest_noticed(root: Path) -> Noticed | None:
    """The latest campaign, with the files that have changed since; None where there is none that can be read."""
    try:
        told = json.loads((root / _FILE).read_bytes())
        found = _read(told) if told.pop("version") == _VERSION else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if found is None:
        return None
    contents = contents_of(root)
    paths = {*found.contents, *contents}
    changed = sorted(path for path in paths if found.contents.get(path) != contents.get(path))
    return replace(found, changed=tuple(changed))


def _read(told: dict[str, Any]) -> Noticed:
    families = tuple(
        NoticedFamily(family=Family(each["family"]), seeded=each["seeded"], rate=Rate(**each["rate"]))
        for each in told.pop("families")
    )
    escapes = tuple(EscapedFailure(**each) for each in told.pop("escapes"))
    rate, narrowed = Rate(**told.pop("rate")), tuple(told.pop("narrowed"))
    changed = tuple(told.pop("changed"))
    return Noticed(**told, families=families, escapes=escapes, rate=rate, narrowed=narrowed, changed=changed)
