"""Is a database engine there for the tables only: `metadata.create_all(engine)` on an empty database?"""

from collections.abc import Iterator

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Body
from greenroom.project.code.mentions import mentions
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_MAKES_TABLES = frozenset({"create_all", "drop_all", "reflect", "stamp", "upgrade", "inspect"})


def makes_tables_only(project: Project, crossing: Crossing) -> bool:
    """Whether all that is known to be done with an engine of a module is to make its tables, or to drop them."""
    body = crossing.scope.body
    names = [name for part in body.statements if part.kind == "assign" and part.value == crossing.edge.call
             for name in part.target]  # fmt: skip
    if crossing.scope.kind != "module" or len(names) != 1 or not isinstance(names[0], str):
        return False
    name = names[0]
    read = made = 0
    for scope in _readers(project, crossing.scope, name):
        read += sum(1 for _ in mentions(scope.body, name))
        made += _given_to_make_tables(scope.body, name)
    return 0 < made == read


def _readers(project: Project, home: Scope, name: str) -> Iterator[Scope]:
    """The bodies of its own module, and of those that import the name."""
    symbols = project.symbols
    importers = [
        module
        for module in project.production()
        if module is home.module
        or any(
            part.name == name and symbols.imported_module(module, part.level, part.module) is home.module
            for part in module.imports
        )
    ]
    return mentioning(importers, words(name))


def _given_to_make_tables(body: Body, name: str) -> int:
    return sum(
        part == name
        for call in body.calls
        if facts.last_name(call.callee) in _MAKES_TABLES
        for part in (*call.arguments, *(value for _, value in call.keywords))
    )
