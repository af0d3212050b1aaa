"""Databases that are a file beside the program: no network between, that could be silent."""

import re
from collections.abc import Iterable
from typing import Final

from greenroom.catalogue.dependency.construction import given_limits
from greenroom.catalogue.dependency.crossing import Crossing, beginning
from greenroom.project.calls.graph import Edge
from greenroom.project.calls.switched import handed_over
from greenroom.project.files.kind import FileKind

_LOCAL: Final = ("sqlite", "duckdb")
FLASK_ADDRESS: Final = "SQLALCHEMY_DATABASE_URI"
_GIVEN_TO_FLASK: Final = re.compile(rf"{FLASK_ADDRESS}\b[\"']?\s*\]?\s*(?:=(?!=)|:)\s*([^\n]*)")
_FILE_OF_SQLITE: Final = re.compile(r"""[fFrR]*["']sqlite:""")
_CALLS: Final = ("call", "construct")


def is_local_file(crossing: Crossing) -> bool:
    """Whether the address begins as a file's does, here or with everybody who hands one in."""
    if crossing.address:
        return crossing.address.startswith(_LOCAL)
    name = crossing.reader.url(crossing.call)
    if not isinstance(name, str) or not _is_parameter(crossing, name):
        return False
    given = [
        edge
        for edge in crossing.project.graph.callers(crossing.scope)
        if edge.caller.module.kind is not FileKind.TEST
    ]
    return bool(given) and all(_hands_in_file(crossing, edge, name) for edge in given)


def _is_parameter(crossing: Crossing, name: str) -> bool:
    """Whether the name is what the function was given, and nothing else."""
    bound = crossing.project.inference.bindings(crossing.scope).get(name, ())
    return bool(bound) and all(binding.how == "parameter" for binding in bound)


def _hands_in_file(crossing: Crossing, edge: Edge, name: str) -> bool:
    """`Store(url=f"sqlite:///{folder}/rows.db")`."""
    if edge.call < 0 or edge.how not in _CALLS:
        return False
    value = handed_over(crossing.scope, edge.caller.body.calls[edge.call], name)
    written = given_limits(crossing.project.inference, edge.caller).literal(value)
    return beginning(written).startswith(_LOCAL)


def is_flask_in_file(texts: Iterable[str]) -> bool:
    """Whether every address that the sources write for Flask-SQLAlchemy, and there is one, is a file's."""
    given = [value for text in texts for value in _GIVEN_TO_FLASK.findall(text)]
    return bool(given) and all(_FILE_OF_SQLITE.match(value) for value in given)
