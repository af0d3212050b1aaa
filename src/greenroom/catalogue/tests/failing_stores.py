"""Stores that a test makes fail by an error of their own client library, wherever it puts the double that raises it, or that refuse."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.detect.search import mentions, words
from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_STORES: Final = frozenset({"database", "cache", "queue"})
_AWAY: Final = re.compile(
    r"(?:Operational|Interface|Database|DBAPI|Connection|Timeout|BusyLoading|SQLAlchemy|Redis|PyMongo|AutoReconnect"
    r"|ServerSelection|ServiceUnavailable|Disconnection|NoBrokers\w*|Kafka|AMQP\w*)(?:Error|Timeout|Failure|Exception)?$"
)
_REFUSED: Final = re.compile(
    r"(?:Integrity|Data|UniqueViolation|ForeignKeyViolation|DuplicateKey)(?:Error)?$"
)
_EXPECTS: Final = frozenset({"raises", "assertRaises", "assertRaisesRegex", "assertRaisesMessage"})
_WORDS: Final = words("side_effect", "raises", "assertRaises")


class FailingStores:
    """The libraries whose errors say, in the tests of a project, that a store is away, or does not take what it is given."""

    def __init__(self, project: Project) -> None:
        origins = project.suite.origins
        self._libraries = {
            origins.of(scope, name).partition(".")[0].replace("_", "-")
            for module in project.modules.values()
            if module.kind is FileKind.TEST
            for scope in module.scopes
            if mentions(scope, _WORDS)
            for name, words in (
                *((name, _AWAY) for name in _raised(scope)),
                *((name, _REFUSED) for name in _expected(scope)),
            )
            if words.search(last_name(name))
        }

    def has(self, point: IntegrationPoint) -> bool:
        """Whether a store that is asked by this library is among them: one `OperationalError` is that of the one database."""
        return point.kind in _STORES and point.library.replace("_", "-") in self._libraries


def _raised(scope: Scope) -> Iterator[str]:
    """The names of what doubles are given as `side_effect`: classes, and what makes an instance of one."""
    given = [value for call in scope.body.calls for name, value in call.keywords if name == "side_effect"]
    given += [
        part.value
        for part in scope.body.statements
        if part.kind == "assign" and any(last_name(target) == "side_effect" for target in part.target)
    ]
    for value in given:
        yield from _names(scope, value)


def _expected(scope: Scope) -> Iterator[str]:
    """`with pytest.raises(IntegrityError):` around what a real store refuses."""
    for call in scope.body.calls:
        if last_name(call.callee) in _EXPECTS and call.arguments:
            yield from _names(scope, call.arguments[0])


def _names(scope: Scope, value: Expression) -> Iterator[str]:
    for part in facts.walk(value):
        if isinstance(part, str):
            yield part
        elif type(part) is int and isinstance(callee := scope.body.calls[part].callee, str):
            yield callee
