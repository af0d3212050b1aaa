"""Services that a test takes away while it runs: a process that it stops, a database that it locks."""

import re
from collections.abc import Iterator

from greenroom.detect.search import mentions, words
from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_STOPS = frozenset({"pause", "kill", "terminate", "stop", "shutdown", "send_signal"})
_STORE = re.compile(r"redis|postgres|mysql|mongo|database|rabbit|kafka|broker|queue|cache|search")
_SERVER = re.compile(r"server|service|upstream|model|http|api|container|proxy")
_LOCK = re.compile(r"\s*begin\s+(?:exclusive|immediate)\b", re.IGNORECASE)
"""As SQLite has it, which is a file and cannot be stopped."""
_LOSES = re.compile(r"(?:expire|drop|kill|sever|abort|lose|terminate)\w*_conn")
"""By its name, a call that ends connections in the middle of a test."""
_CONNECTED = frozenset({"database", "cache", "queue"})
_LOCKING = words("xclusive", "XCLUSIVE", "mmediate", "MMEDIATE")
_HTTP_LIKE = frozenset({"http", "llm", "object-store", "vector-store", "search", "registry", "mail"})
_SHORTEST = 3
"""`db` is part of too many words."""


class TakenAway:
    """What the tests of a project stop or lock, by the names that they give it."""

    def __init__(self, project: Project) -> None:
        scopes = [
            scope
            for module in project.modules.values()
            if module.kind is FileKind.TEST
            for scope in module.scopes
            if scope.kind == "function"
        ]
        self._stopped = {name for scope in scopes for name in _stopped(scope)}
        self._loses = any(_LOSES.search(name) for scope in scopes for name in scope.facts.called)
        self._locks = any(
            _locks(call) for scope in scopes if mentions(scope, _LOCKING) for call in scope.body.calls
        )

    def may_be(self, point: IntegrationPoint) -> bool:
        """Whether a dependency may be among them: its own name, or a server of which no more is known."""
        if self._locks and point.name.startswith(("sqlite", "database")):
            return True
        if self._loses and point.kind in _CONNECTED:
            return True
        words = re.findall(r"[a-z]+", f"{point.name} {point.kind} {point.library}".lower())
        if any(word in name for name in self._stopped for word in words if len(word) >= _SHORTEST):
            return True
        return point.kind in _HTTP_LIKE and any(
            _SERVER.search(name) and not _STORE.search(name) for name in self._stopped
        )


def _stopped(scope: Scope) -> Iterator[str]:
    """What is stopped before a fixture hands over, or in a test before its last statement."""
    if _STOPS.isdisjoint(scope.facts.called):
        return
    yields = [part.line for part in scope.body.statements if part.kind == "yield"]
    if yields:
        until = min(yields)
    elif scope.name.startswith("test"):
        until = max((call.line for call in scope.body.calls), default=0)
    else:
        return
    for call in scope.body.calls:
        base, _, last = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
        tidying = any(block.kind == "finally" for block in scope.body.enclosing(call.block))
        if last in _STOPS and call.line < until and not tidying:
            yield base.lower()


def _locks(call: Call) -> bool:
    texts = (facts.constant(argument) for argument in call.arguments[:1])
    return any(isinstance(text, str) and _LOCK.match(text) is not None for text in texts)
