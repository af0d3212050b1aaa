"""Patterns of routes, segment by segment: a request meets few of a thousand, and is not held against the others."""

from dataclasses import dataclass, field
from typing import Self

from greenroom.project.contract.pattern import HOLE, NUMBER, REST, Segments


@dataclass(slots=True)
class Tree:
    """Patterns of one length with what was noted of each."""

    further: dict[str, Self] = field(default_factory=dict)
    noted: list[int] = field(default_factory=list)

    def add(self, pattern: Segments, number: int) -> None:
        """Note a number under a pattern."""
        node = self
        for part in pattern:
            node = node.further.setdefault(part, type(self)())
        node.noted.append(number)

    def find(self, request: Segments) -> list[int]:
        """The numbers of all patterns that may take the request, as `fit` knows it; sorted."""
        nodes = [self]
        for given in request:
            if given in (HOLE, REST):
                nodes = [further for node in nodes for further in node.further.values()]
            else:
                expected = dict.fromkeys((given, HOLE, NUMBER))
                nodes = [node.further[part] for node in nodes for part in expected if part in node.further]
        return sorted(number for node in nodes for number in node.noted)
