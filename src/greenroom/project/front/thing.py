"""The outcomes of front-end expressions, and where expressions stand."""

from typing import Any, NamedTuple

from greenroom.project.front.front_file import FrontFile

MOST_ALTERNATIVES = 12
HOLE = "\0"
"""Stands around the name of what is not known in a text: `/users/\\0id\\0`."""


class Thing(NamedTuple):
    """One possible outcome.

    kind and ref: text (str, with holes) · constant (a number, a boolean or None) · map and list (Context, expression) ·
    function (Context of its definition, index) · class (FrontFile, name) · instance (FrontFile, name, Context, call) ·
    module (FrontFile) · library (dotted name) · made (Context, call, dotted name of what made it) ·
    member (Thing, name) · parameter (path, function, dotted name)
    """

    kind: str
    ref: Any


Things = tuple[Thing, ...]


class Context(NamedTuple):
    """Where an expression stands: in a function of a file, during one run of it."""

    file: FrontFile
    function: int = 0
    frame: tuple[tuple[tuple[str, int, str], Things], ...] = ()
    """What the parameters of this function and of those around it are given."""

    def given(self, function: int, name: str) -> Things | None:
        """What a parameter is given in this run; None where the run is not known."""
        key = (self.file.path, function, name)
        return next((things for place, things in self.frame if place == key), None)


def hole(name: str) -> str:
    """An unknown part of a text."""
    return f"{HOLE}{name}{HOLE}"
