"""Puts functions in the place of others, also in types written in C, and takes them away again."""

import functools
import gc
from collections.abc import Callable
from typing import Any

_ABSENT = object()


class Replaced:
    """What was replaced, in order."""

    def __init__(self) -> None:
        self._done: list[tuple[Any, str, Any, Any]] = []

    def put(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace `owner.name` by what `make` makes of it; nothing happens where there is none."""
        found = vars(owner).get(name, _ABSENT)
        original = getattr(owner, name, _ABSENT) if found is _ABSENT else found
        if original is _ABSENT:
            return
        stand_in = make(original)
        _set(owner, name, stand_in)
        self._done.append((owner, name, found, stand_in))

    def undo(self) -> None:
        """Put everything back, except where somebody else has replaced our replacement."""
        while self._done:
            owner, name, found, stand_in = self._done.pop()
            if vars(owner).get(name) is stand_in:
                _set(owner, name, found)


class Stand:
    """A function that does not become a method where a class keeps it, as those written in C do not."""

    def __init__(self, function: Callable[..., Any], original: Any) -> None:
        functools.update_wrapper(self, original)
        self._function = function

    def __call__(self, *args: Any, **words: Any) -> Any:
        __tracebackhide__ = True
        return self._function(*args, **words)

    def __reduce__(self) -> str:
        return str(self.__qualname__)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return repr(self.__wrapped__)  # type: ignore[attr-defined]


def _set(owner: Any, name: str, value: Any) -> None:
    try:
        if value is _ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
    except TypeError:
        _set_in_c(owner, name, value)


def _set_in_c(kind: type, name: str, value: Any) -> None:
    """Change a type that Python guards: through the dictionary behind its read-only view."""
    import ctypes  # noqa: PLC0415  - most suites replace nothing of the kind

    (names,) = gc.get_referents(kind.__dict__)
    if value is _ABSENT:
        names.pop(name, None)
    else:
        names[name] = value
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))
