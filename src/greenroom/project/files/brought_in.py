"""Products of others that lie in a project whole: repositories put into it, and distributions unpacked beside its code."""

import re
from collections import defaultdict
from collections.abc import Iterable

_PROJECT_FILE = re.compile(r"(LICEN[SC]E|COPYING|CONTRIBUTING)\b", re.IGNORECASE)
_MARKS_OF_A_PROJECT = 3
"""A licence, word for contributors, and what GitHub is told: all of it in one folder below the root."""
_PARTS = re.compile(
    r".*(?:back|front)-?_?end.*|server|client|api|app|apps|web|www|ui|src|lib|libs|core|services?|packages?|docs?|legacy|sdk"
)
"""What people call a part of their own product, which may once have been a repository of its own."""
_UNPACKED = re.compile(r"[A-Za-z]\w*(?:-[A-Za-z]\w*)*-v?\d+(?:\.\d+)+(?:[.-]?\w+)?")
"""`pip download` and whoever unpacks what it gave leave the version in the folder's name."""
_OF_DISTRIBUTIONS = frozenset({"setup.py", "PKG-INFO"})


def brought_in(paths: Iterable[str]) -> set[str]:
    """The folders of others' products.

    Args:
        paths: of all files, relative to the project.
    """
    listed = list(paths)
    whole = _whole_projects(listed)
    # Several, side by side, are the parts of one product that were put together.
    return _unpacked(listed) | (whole if len(whole) == 1 else set())


def _unpacked(paths: Iterable[str]) -> set[str]:
    """`tools/py-mysql2pgsql-0.1.5`, with the recipe by which it was built."""
    parts = (path.rpartition("/") for path in paths)
    return {
        folder
        for folder, _, name in parts
        if name in _OF_DISTRIBUTIONS and _UNPACKED.fullmatch(folder.rpartition("/")[2])
    }


def _whole_projects(paths: Iterable[str]) -> set[str]:
    """The outermost folders that have all that a repository has: products of others, put into this one."""
    marks: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, _, name = path.rpartition("/")
        own = _PROJECT_FILE.match(name)
        if own:
            marks[folder].add("contributing" if own[1].upper() == "CONTRIBUTING" else "licence")
        elif "/.github/" in path:
            marks[path.partition("/.github/")[0]].add("service")
    whole = {folder for folder, found in marks.items() if folder and len(found) == _MARKS_OF_A_PROJECT}
    outermost = {folder for folder in whole if whole.isdisjoint(set(around(folder)) - {folder})}
    return {folder for folder in outermost if not _PARTS.fullmatch(folder.rpartition("/")[2].lower())}


def around(folder: str) -> Iterable[str]:
    """The folder and all around it, without the root."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
