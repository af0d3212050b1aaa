"""Projects that are written for Python 2: what no Python 3 reads is right there."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.project.project import Project

_SAYS: Final = {
    "Pipfile": re.compile(r"python_(?:full_)?version\s*=\s*[\"'](\d)"),
    "runtime.txt": re.compile(r"python-(\d)"),
    ".python-version": re.compile(r"^(\d)\.", re.MULTILINE),
    ".travis.yml": re.compile(r"^\s*(?:-|python:)\s*[\"']?(\d)\.\d+[\"']?\s*$", re.MULTILINE),
    "tox.ini": re.compile(r"\bpy(\d)\d"),
    "setup.py": re.compile(r"Python :: (\d)(?=[\s.\"'])"),
}
_IMAGE: Final = re.compile(r"^\s*FROM\s+python:(\d)", re.IGNORECASE | re.MULTILINE)
_OF_TWO: Final = "Missing parentheses in call"
_MANY: Final = 5
_GONE: Final = re.compile(
    r"^(?:import|from)[ \t]+(?:BaseHTTPServer|ConfigParser|Cookie|HTMLParser|Queue|SocketServer|StringIO|__builtin__|cPickle|cookielib"
    r"|httplib|urllib2|urlparse|xmlrpclib)\b",
    re.MULTILINE,
)
"""Modules of Python 2 alone, imported without a net."""


class PythonTwo:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        said = set(_said(project))
        printing = [
            path
            for path, module in project.modules.items()
            if module.error is not None and _OF_TWO in module.error[1]
        ]
        is_likely = len(printing) >= _MANY or any(
            _GONE.search(project.inventory.read_text(path)) for path in printing
        )
        self.is_meant = said == {"2"} or ("3" not in said and is_likely)
        """Whether all that names a version names 2, or nothing names 3 and files print and import as only Python 2 does."""


def _said(project: Project) -> Iterator[str]:
    inventory = project.inventory
    python = (file.path for file in inventory.files if file.path.endswith("setup.py"))
    for path in (*inventory.other, *inventory.documents, *python):
        pattern = _SAYS.get(path.rpartition("/")[2])
        if pattern is not None:
            yield from pattern.findall(inventory.read_text(path))
    for path in project.configuration.images:
        yield from _IMAGE.findall(inventory.read_text(path))
