"""How a client library is watched: plain data, one file per library beside this one."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any, NamedTuple

Args = tuple[Any, ...]
Told = Callable[[Args, dict[str, Any]], str]
"""Reads something of a call's arguments; empty where it is not known. May raise: then it is not known."""


class Role(Enum):
    """What a call says by itself."""

    ASKED = auto()
    """Somebody asks the library for something; real only where something reaches the wire before it ends."""
    WIRE = auto()
    """Bytes go out, or a connection is opened: real, whoever has asked."""
    FAILS = auto()
    """Where it ends with an error, the wire was tried in vain, perhaps by another thread."""
    DOUBLE = auto()
    """A library of doubles answers."""
    INSIDE = auto()
    """A client for tests asks an application that it has started for this: what goes out is no crossing."""
    CHOOSES = auto()
    """Says of a connection to which logical database it speaks from now on; no crossing by itself."""


def _unknown(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return ""


class Point(NamedTuple):
    """Functions of a library at which a crossing is seen."""

    module: str
    names: tuple[str, ...]
    role: Role
    owner: str = ""
    """The class that defines them; empty: the module."""
    peer: Told = _unknown
    """Who is addressed."""
    double: Told = _unknown
    """What stands in, where the wire was not reached; for a library of doubles, its name."""
    if_so: Callable[[Args, dict[str, Any]], bool] | None = None
    """Calls of which this is not true are none."""
    chosen: Callable[[Args, dict[str, Any]], None] | None = None
    """Of one that CHOOSES: told of each call that has succeeded."""


class Client(NamedTuple):
    """One library."""

    library: str
    """As the audit names it: the distribution, in lower case."""
    kind: str
    """As in `project/libraries/effects/README.md`."""
    points: tuple[Point, ...]


def module_of(thing: Any) -> str:
    """The top-level package of what a function, a class or an object was made by."""
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return str(module).partition(".")[0]
