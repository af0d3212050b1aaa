"""Ways that end in a TypeError: of a class no object can be made, or a call does not fit what it calls."""

from typing import Final

from greenroom.project.calls.classes import Classes, decorator_names
from greenroom.project.calls.edge import Edge
from greenroom.project.calls.fitting import never_fits
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_ABSTRACT: Final = frozenset({"abstractmethod", "abstractproperty"})
_REFUSING: Final = frozenset({"abc.ABC", "typing.Protocol", "typing_extensions.Protocol"})
"""What refuses to make an object while a method is abstract."""
_PLAIN: Final = _REFUSING | {"object", "typing.Generic"}
_WITHOUT_OBJECT: Final = frozenset({"staticmethod", "classmethod"})


def never_runs(project: Project, edge: Edge) -> bool:
    """Whether a hop cannot be gone: there is no object that asks, or what it calls does not take what it gives."""
    if never_fits(edge, 0):
        alike = [part for part in project.graph.edges(edge.caller) if part.call == edge.call]
        if never_fits(edge, len(alike) - 1):
            return True
    return _is_of_nobody(project, edge)


def _is_of_nobody(project: Project, edge: Edge) -> bool:
    """Whether it stands in a method of an object that cannot be made, of its class or of one that derives from it."""
    owner = edge.caller.owner
    if owner is None or not _WITHOUT_OBJECT.isdisjoint(decorator_names(edge.caller)):
        return False
    classes = project.inference.classes
    return all(_is_unfinished(project, cls) for cls in (owner, *classes.deriving(owner)))


def _is_unfinished(project: Project, cls: Scope) -> bool:
    classes = project.inference.classes
    ours, libraries = classes.line(cls)
    if _REFUSING.isdisjoint(libraries) or not _PLAIN.issuperset(libraries):
        return False
    if any(part.decorators or not _are_bases_known(project, part) for part in ours):
        return False
    abstract = {
        child.name
        for part in ours[1:]
        for child in part.children
        if not _ABSTRACT.isdisjoint(decorator_names(child))
    }
    return any(not _is_defined(classes, ours, name) for name in abstract)


def _are_bases_known(project: Project, cls: Scope) -> bool:
    outer = cls.parent or cls.module.top
    return all(project.inference.expression(outer, base) for base in cls.facts.bases)


def _is_defined(classes: Classes, ours: list[Scope], name: str) -> bool:
    """Whether the first class that has the name gives it a body, or a value."""
    for part in ours:
        found = [child for child in part.children if child.name == name]
        if found:
            return _ABSTRACT.isdisjoint(decorator_names(found[-1]))
        if any(place is part and name in bound for place, bound in classes.own_attributes(part)):
            return True
    return False
