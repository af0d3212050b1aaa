"""Requests that change something and lack the slash that Django's route ends with: the redirect loses the body."""

from collections import defaultdict
from collections.abc import Iterator

from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.contract.join import Answer
from greenroom.project.front.address import Address
from greenroom.project.project import Project

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_FEWEST = 3
_MOST = 0.2
"""Where more of the requests with this base lack the slash, something adds it on the way."""


def requests_without_slash(project: Project) -> Iterator[Sighting]:
    """Every one whose path is written to its end, where others with the same base have the slash."""
    lacking: dict[str, list[Answer]] = defaultdict(list)
    asked: dict[str, int] = defaultdict(int)
    for answer in project.contract.answers:
        address = _written(answer)
        if address is not None:
            asked[address.base] += 1
            if not address.path.endswith("/"):
                lacking[address.base].append(answer)
    for base, answers in lacking.items():
        kept = asked[base] - len(answers)
        is_rare = kept >= _FEWEST and len(answers) <= _MOST * asked[base]
        for answer in answers:
            if answer.call.method in _WITH_BODY:
                yield _sighting(answer, Confidence.PROBABLE if is_rare else Confidence.POSSIBLE)


def _written(answer: Answer) -> Address | None:
    """The address of a request that Django serves, all of whose routes end with a slash; with a word at its end."""
    if answer.status != "served" or len(answer.call.addresses) != 1:
        return None
    address = answer.call.addresses[0]
    ends = address.path.rstrip("/").rpartition("/")[2]
    slashed = all(route.framework == "django" and route.path.endswith("/") for route in answer.routes)
    return address if slashed and address.certain and "{" not in ends else None


def _sighting(answer: Answer, confidence: Confidence) -> Sighting:
    call, route = answer.call, answer.routes[0]
    asked = f"{call.method} {call.addresses[0].path}"
    return Sighting(
        place=Place(path=call.path, line=call.line, symbol=call.symbol, column=call.column),
        message=f"`{asked}` is asked for without the slash that its route `{route.path}` ends with",
        severity=Severity.HIGH,
        confidence=confidence,
        consequence="the server redirects, the browser asks again with GET and without a body, and nothing is saved",
        remedy="ask for the path with the slash",
        sites=(Place(path=route.file, line=route.line, symbol=route.symbol),),
        subject=asked,
        cause=f"slash {asked}",
        reach=Reach.ROUTE,
    )
