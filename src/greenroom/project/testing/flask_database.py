"""Which database the tests give to Flask-SQLAlchemy: SQLite is a part of their process."""

import re
from collections.abc import Iterable

from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind

_SETTING = b"SQLALCHEMY_DATABASE_URI"
# Of packed code, where any byte may follow a text.
_ADDRESS = re.compile(rb"(sqlite|postgres(?:ql)?|mysql|mariadb|mssql|oracle|cockroachdb)(?:\+\w+)?://")


def is_flask_on_sqlite(modules: Iterable[Module]) -> bool:
    """Whether the suite names the address of the database itself, and each that it names is SQLite's."""
    given = [
        module.packed_bodies
        for module in modules
        if module.kind is FileKind.TEST and _SETTING in module.packed_bodies
    ]
    found = {kind for packed in given for kind in _ADDRESS.findall(packed)}
    return found == {b"sqlite"}
