"""The exact line of a name within a statement of several lines."""

from greenroom.model.place import Place
from greenroom.project.project import Project
from greenroom.project.settings.variable_read import VariableRead

_FURTHEST = 80


def place_of(project: Project, read: VariableRead) -> Place:
    """Where the name stands that is read: a statement may begin many lines above it."""
    lines = project.inventory.read_text(read.scope.path).splitlines()
    for number in range(read.line, min(read.line + _FURTHEST, read.scope.end_line, len(lines)) + 1):
        if any(name in lines[number - 1] for name in read.names):
            return _place(read, number)
    return _place(read, read.line)


def _place(read: VariableRead, line: int) -> Place:
    return Place(path=read.scope.path, line=line, symbol=read.scope.qualname)
