"""Notices that a method is called without standing between caller and method: no frame, no copy."""

from collections.abc import Callable
from typing import Any

Notice = Callable[[Any], None]
"""Takes the object whose method is about to be called; None where it was looked up on the class."""


Complain = Callable[[Exception], None]
"""Takes what a notice has raised."""


class WatchedMethod:
    """Stands in a class in a function's place; notices each look-up, and hands out the function itself."""

    def __init__(self, method: Any) -> None:
        self.__wrapped__ = method
        self.noticed_by: list[tuple[Notice, Complain]] = []

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        for notice, complain in self.noticed_by:
            try:
                notice(instance)
            except Exception as error:  # noqa: BLE001  - whoever calls must not notice
                complain(error)
        return self.__wrapped__.__get__(instance, owner)


class WatchedMethods:
    """The methods that one sensor watches, to be put back; others may watch the same."""

    def __init__(self, complain: Complain) -> None:
        self._complain = complain
        self._watched: list[tuple[type, str, WatchedMethod, Notice]] = []

    def watch(self, owner: type, name: str, notice: Notice) -> None:
        """Watch a method that the class itself defines; nothing happens where it defines none."""
        method = owner.__dict__.get(name)
        if method is None:
            return
        watched = method if isinstance(method, WatchedMethod) else WatchedMethod(method)
        if any(notice == other for other, _ in watched.noticed_by):
            return
        watched.noticed_by.append((notice, self._complain))
        if watched is not method:
            setattr(owner, name, watched)
        self._watched.append((owner, name, watched, notice))

    def restore(self) -> None:
        """Put back what nobody watches any more, and nobody else has replaced since."""
        for owner, name, watched, notice in reversed(self._watched):
            watched.noticed_by = [each for each in watched.noticed_by if each[0] != notice]
            if not watched.noticed_by and owner.__dict__.get(name) is watched:
                setattr(owner, name, watched.__wrapped__)
        self._watched = []
