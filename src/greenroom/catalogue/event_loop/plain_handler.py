"""Handlers that are coroutines and need not be: their framework runs plain functions in a thread."""

from typing import Final

from greenroom.catalogue.event_loop.first_step import WAITS
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_IN_THREADS: Final = "asgi"
"""Starlette and FastAPI; of the others no handler may be plain, or a plain one stays on the loop."""
_WAITING_BLOCKS: Final = frozenset({"async-with", "async-for"})

REMEDY: Final = (
    "declare it `def` in place of `async def`: it awaits nothing, and its framework runs plain handlers in a thread; or await an "
    "async client"
)


class PlainHandlers:
    """Knows the handlers of one project's routes."""

    def __init__(self, project: Project) -> None:
        self._handlers = frozenset(
            (route.file, route.line, route.symbol)
            for route in project.routes
            if route.framework == _IN_THREADS and route.method != "WEBSOCKET"
        )

    def may_be_plain(self, scope: Scope) -> bool:
        """Whether a handler of such a framework awaits nothing."""
        if (scope.path, scope.line, scope.qualname) not in self._handlers:
            return False
        body = scope.body
        return not (
            any(call.usage & WAITS for call in body.calls)
            or any(block.kind in _WAITING_BLOCKS for block in body.blocks)
        )
