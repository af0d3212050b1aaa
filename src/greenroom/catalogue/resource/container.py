"""A list, dictionary, set or queue that lives as long as the process."""

from typing import NamedTuple

from greenroom.project.code.module import Module, Scope


class Container(NamedTuple):
    """One such object."""

    owner: Module | Scope
    """The module, the class, or (for a default argument) the function."""
    name: str
    kind: str
    """list · set · dict · defaultdict · queue"""
    place: Scope
    line: int
    why: str
    """Why it lives as long as the process."""
    holds_own: bool = False
    """`defaultdict(LRU)`: what it holds is of a class that may bound itself, or has a bound."""

    @property
    def label(self) -> str:
        """As messages name it."""
        if isinstance(self.owner, Module) or self.owner.kind == "function":
            return self.name
        return f"{self.owner.name}.{self.name}"
