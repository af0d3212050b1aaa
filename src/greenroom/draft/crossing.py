"""What lies outside and is asked on the way from a place: whether a test can put something else there."""

import ast
from collections.abc import Iterator
from typing import Final

from greenroom.draft.way_in import scope_at, tree_of
from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.place import Place
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_DEEPEST: Final = 6
_NOT_PYTHON: Final = frozenset(
    {
        "psycopg",
        "psycopg2",
        "psycopg2-binary",
        "mysqlclient",
        "oracledb",
        "grpcio",
        "confluent-kafka",
        "pymssql",
    }
)
"""Their connections are made in C, where no test can lead them elsewhere."""


def asked_from(project: Project, place: Place) -> tuple[IntegrationPoint, ...]:
    """What is asked over sockets of Python: by the `try` of the handler at a place, or else by its function."""
    scope = scope_at(project, place)
    if scope is None:
        return ()
    lines = tried_at(project, place) or range(scope.line, scope.end_line + 1)
    below = set(_below(project, scope, lines))
    return tuple(
        point
        for point in project.integration_points
        if point.library not in _NOT_PYTHON
        and any(
            (site.path, site.symbol) in below or (site.path == place.path and site.line in lines)
            for site in point.sites
        )
    )


def hosts_of(points: tuple[IntegrationPoint, ...]) -> tuple[str, ...]:
    """Their hosts, where the code names all of them."""
    hosts = [point.name.partition(" via ")[0] for point in points]
    return tuple(hosts) if all("." in host for host in hosts) else ()


def tried_at(project: Project, place: Place) -> range | None:
    """The lines of the `try` that an `except` or `finally` at this place belongs to."""
    for node in ast.walk(tree_of(project, place.path)):
        if isinstance(node, ast.Try | ast.TryStar):
            parts: list[ast.stmt | ast.excepthandler] = [*node.handlers, *node.finalbody]
            if any(part.lineno <= place.line <= (part.end_lineno or part.lineno) for part in parts):
                return range(node.body[0].lineno, (node.body[-1].end_lineno or node.body[-1].lineno) + 1)
    return None


def _below(project: Project, scope: Scope, lines: range) -> Iterator[tuple[str, str]]:
    """Functions to which calls on these lines lead."""
    level = [edge.target for edge in project.graph.edges(scope) if edge.line in lines and edge.target]
    seen: set[Scope] = set()
    for _ in range(_DEEPEST):
        level = [each for each in dict.fromkeys(level) if each not in seen]
        seen.update(level)
        yield from ((each.path, each.qualname) for each in level)
        level = [edge.target for each in level for edge in project.graph.edges(each) if edge.target]
