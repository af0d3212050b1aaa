"""Notices that a method is called without standing between caller and method: no frame, no copy."""

from collections.abc import Callable
from typing import Any

Notice = Callable[[Any], None]
"""Takes the object whose method is about to be called; None where it was looked up on the class."""


Complain = Callable[[Exception], None]
"""Takes what a notice has raised."""


class WatchedMethod:
    """Stands in a class in a function's place; notices each look-up, and hands out the function itself."""

    def __init__(self, method: Any, notice: Notice, complain: Complain) -> None:
        self.__wrapped__ = method
        self._notice = notice
        self._complain = complain

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        try:
            self._notice(instance)
        except Exception as error:  # noqa: BLE001  - whoever calls must not notice
            self._complain(error)
        return self.__wrapped__.__get__(instance, owner)


class WatchedMethods:
    """The methods that are watched, to be put back."""

    def __init__(self, complain: Complain) -> None:
        self._complain = complain
        self._watched: list[tuple[type, str, WatchedMethod]] = []

    def watch(self, owner: type, name: str, notice: Notice) -> None:
        """Watch a method that the class itself defines; nothing happens where it defines none."""
        method = owner.__dict__.get(name)
        if method is None or isinstance(method, WatchedMethod):
            return
        watched = WatchedMethod(method, notice, self._complain)
        setattr(owner, name, watched)
        self._watched.append((owner, name, watched))

    def restore(self) -> None:
        """Put back what nobody else has replaced since."""
        for owner, name, watched in reversed(self._watched):
            if owner.__dict__.get(name) is watched:
                setattr(owner, name, watched.__wrapped__)
        self._watched = []
