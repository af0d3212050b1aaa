"""Which bodies are worth decoding: the packed ones are searched for the words that a question is about.

Reading every body of a large project takes seconds; searching their bytes takes hundredths of one.
"""

from collections.abc import Iterable, Iterator

from greenroom.project.code.module import Module, Scope
from greenroom.project.code.searches import Needles


def words(*texts: str) -> Needles:
    """What finds names, constants and keywords of which one of these is a part."""
    return tuple(sorted([text.encode() for text in texts]))  # sets come in another order in each process


def whole(*texts: str) -> Needles:
    """What finds these as they stand alone, as kinds of blocks and statements do."""
    return tuple(sorted([bytes((len(text),)) + text.encode() for text in texts]))


def mentions(scope: Scope, needles: Needles) -> bool:
    """Whether one of them occurs in the scope's own body; at times it means something else there."""
    return scope.module.places(needles) >> scope.index & 1 == 1


def mentioning(modules: Iterable[Module], *questions: Needles) -> Iterator[Scope]:
    """The scopes whose own bodies mention something of each question; some too many, none too few."""
    for module in modules:
        found = -1
        for needles in questions:
            found &= module.places(needles)
            if not found:
                break
        else:
            while found > 0:
                lowest = found & -found
                yield module.scopes[lowest.bit_length() - 1]
                found ^= lowest
