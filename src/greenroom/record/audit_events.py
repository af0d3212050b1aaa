"""The audit events of the interpreter, for whoever wants some of them.

A hook cannot be taken away: there is one for the process, and once nobody listens it does nothing.
"""

import sys
from collections.abc import Callable
from typing import Any

Listener = Callable[[tuple[Any, ...]], None]

_LISTENERS: dict[str, tuple[Listener, ...]] = {}
_INSTALLED: list[bool] = []


def listen(event: str, listener: Listener) -> None:
    """Have this called, in the thread where the event happens, with the event's arguments."""
    _LISTENERS[event] = (*_LISTENERS.get(event, ()), listener)
    if not _INSTALLED:
        _INSTALLED.append(True)
        sys.addaudithook(_heard)


def listen_no_longer(event: str, listener: Listener) -> None:
    """Undo `listen`."""
    rest = tuple(each for each in _LISTENERS.get(event, ()) if each != listener)
    if rest:
        _LISTENERS[event] = rest
    else:
        _LISTENERS.pop(event, None)


def _heard(
    event: str, arguments: tuple[Any, ...], listeners: dict[str, tuple[Listener, ...]] = _LISTENERS
) -> None:
    """Tell the listeners; what they raise, the watched code would see."""
    if event not in listeners:
        return
    for listener in listeners.get(event, ()):
        try:
            listener(arguments)
        except Exception:  # noqa: BLE001, S112
            continue
