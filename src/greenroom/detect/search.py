"""Which bodies are worth decoding: the packed ones are searched for the words that a question is about.

Reading every body of a large project takes seconds; searching their bytes takes hundredths of one.
"""

from collections.abc import Iterable, Iterator

from greenroom.project.code.module import Module, Scope

Needles = tuple[bytes, ...]
"""As packed bodies hold them; one of them is enough."""


def words(*texts: str) -> Needles:
    """What finds names, constants and keywords of which one of these is a part."""
    return tuple(text.encode() for text in texts)


def whole(*texts: str) -> Needles:
    """What finds these as they stand alone, as kinds of blocks and statements do."""
    return tuple(bytes((len(text),)) + text.encode() for text in texts)


def mentions(scope: Scope, needles: Needles) -> bool:
    """Whether one of them occurs in the scope's own body; at times it means something else there."""
    return _holds(scope.module.packed_body(scope.index), needles)


def mentioning(modules: Iterable[Module], *questions: Needles) -> Iterator[Scope]:
    """The scopes whose own bodies mention something of each question; some too many, none too few."""
    for module in modules:
        if all(_holds(module.packed_bodies, needles) for needles in questions):
            for scope in module.scopes:
                if all(mentions(scope, needles) for needles in questions):
                    yield scope


def _holds(packed: bytes | memoryview, needles: Needles) -> bool:
    content = bytes(packed)
    return any(needle in content for needle in needles)
