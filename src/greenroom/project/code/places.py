"""What a file puts somewhere under a literal name: noted while it is read, so that no body is gone through for it."""

from typing import Any

from greenroom.project.code import facts
from greenroom.project.code.expressions import ExpressionReader
from greenroom.project.code.facts import Expression

_STATE = ".state."
_REGISTERING = {"register", "add", "set", "bind", "provide", "register_service", "add_service", "set_service",
                "register_instance", "register_singleton", "register_factory"}  # fmt: skip
APPLICATIONS = frozenset({"app", "_app", "application", "config_dict"})
"""What code calls an application of aiohttp, which holds objects as a dictionary does."""


def in_application(key: Expression) -> str:
    """One name for what `app["db"]`, or `app[DB]` with a key of aiohttp's own, holds; empty for a key that is computed."""
    text = facts.constant(key)
    if type(text) is str:
        return f"[{text}]"
    return f"[.{facts.last_name(key)}]" if type(key) is str else ""


class PlaceReader(ExpressionReader):
    """Notes them as `facts.Placed`."""

    def __init__(self) -> None:
        super().__init__()
        self.index = -1
        """Of the current scope."""
        self.placed: list[tuple[Any, ...]] = []

    def note_registration(self, callee: Expression, arguments: tuple[Expression, ...]) -> None:
        if type(callee) is str and "." in callee and facts.last_name(callee) in _REGISTERING:
            place = callee.rpartition(".")[0]
            self._note("registered", place, facts.constant(arguments[0]), arguments[1])

    def note_target(self, target: Expression, value: Expression) -> None:
        """For an assignment; most targets are no such place."""
        if type(target) is str:
            name = target.partition(_STATE)[2]
            if name and "." not in name:
                self._note("state", "", name, value)
        elif type(target) is tuple and target[0] == facts.ITEM and type(target[1]) is str:
            if facts.last_name(target[1]) in APPLICATIONS:
                self._note("state", "", in_application(target[2]), value)
            self._note("item", target[1], facts.constant(target[2]), value)

    def _note(self, how: str, place: str, name: Expression, value: Expression) -> None:
        if type(name) is str and name:
            self.placed.append((self.index, how, place, name, value))
