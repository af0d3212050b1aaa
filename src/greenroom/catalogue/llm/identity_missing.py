"""LLM004: one request to a model does not say who it is, and all others do."""

from collections import Counter
from collections.abc import Iterator

from greenroom.catalogue.llm.openings import Opening, find_openings
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_FEWEST = 3
"""Requests that say who they are; fewer are no rule."""
_SHARE = 0.75


def detect_missing_identity(project: Project) -> Iterator[Sighting]:
    """Every request without any system prompt, where nearly all others tell the model the same name."""
    openings = list(find_openings(project))
    names = Counter[str]()
    for opening in openings:
        if opening.persona:
            names[opening.persona] += _requests(project, opening)
    if not names:
        return
    name, carriers = names.most_common(1)[0]
    asked = sum(
        _requests(project, opening) for opening in openings if opening.is_instructed or opening.is_sent
    )
    if carriers < _FEWEST or carriers < _SHARE * asked:
        return
    pattern = next(opening for opening in openings if opening.persona == name)
    for opening in openings:
        if opening.is_sent and not opening.is_instructed and not opening.persona:
            yield _sighting(opening, name, carriers, pattern)


def _requests(project: Project, opening: Opening) -> int:
    """In how many places a conversation is opened so: a function that gives the messages is called by who asks."""
    if not opening.is_returned:
        return 1
    callers = {
        (edge.caller, edge.call)
        for edge in project.graph.callers(opening.scope)
        if edge.caller.module.kind is FileKind.PRODUCTION and edge.call >= 0
    }
    return max(len(callers), 1)


def _sighting(opening: Opening, name: str, carriers: int, pattern: Opening) -> Sighting:
    scope = opening.scope
    return Sighting(
        place=Place(path=scope.path, line=opening.line, symbol=scope.qualname),
        message=f"this request has no system prompt, and the {carriers} others tell the model that it is {name}",
        severity=Severity.MEDIUM,
        confidence=Confidence.PROBABLE,
        sites=(Place(path=pattern.scope.path, line=pattern.line, symbol=pattern.scope.qualname),),
        subject=name,
    )


MODE = FailureMode(
    code="LLM004",
    name="identity-missing",
    family=Family.LLM,
    summary="a request to a model lacks the prompt that tells it who it is, while the others have it",
    consequence="the assistant answers as the product of its vendor, under another name and without the rules of this one",
    remedy="open every conversation with the function or the constant that the others begin with",
    source="OpenAI Model Spec, *Follow the chain of command*; OWASP Top 10 for LLM Applications (2025), LLM09 Misinformation",
    detector=detect_missing_identity,
    surest=Confidence.PROBABLE,
)
