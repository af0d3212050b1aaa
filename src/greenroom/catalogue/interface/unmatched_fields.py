"""Fields that the front end sends or reads, against those that the models of the handlers declare."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from greenroom.catalogue.interface.missing_body import missing_bodies
from greenroom.catalogue.interface.used_requests import is_used
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code.module import Scope
from greenroom.project.contract.join import Answer
from greenroom.project.contract.model_fields import Declared, Model, ModelFields
from greenroom.project.contract.shape_fields import shape_fields
from greenroom.project.front.kind import FrontKind
from greenroom.project.project import Project
from greenroom.project.web.authentication import handler_of

_CONVERTERS = re.compile(
    r"humps|camel|snake|decamel|convertKeys|transformKeys|mapKeys|transformRequest", re.IGNORECASE
)
"""Something on the way may call the fields otherwise."""
_HELD = r"\b(?:const|let|var)\s+(\w+)\s*(?::[^=;]+)?=\s*await\s+(?:[\w$]+\.)*{asking}\s*\("
"""`const answer = await orders.list(…)`."""
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OURS_SHARE = 0.5
"""So many of the requests with the same base are served: it is our server that is asked."""
_SAME_THING = 0.5
"""So many of the fields that one side names the other has, too: it is the same thing that both mean."""
_MOST_NAMED = 4
_SHORTEST = 4
"""Of a name that another begins with."""
_REFUSED = "the server answers 422, and nothing is done"


class _Sent(NamedTuple):
    """What a request sends."""

    always: frozenset[str]
    perhaps: frozenset[str]


class _Mismatch(NamedTuple):
    """What is wrong, before it has a place."""

    message: str
    consequence: str
    severity: Severity
    confidence: Confidence


def detect_unmatched_fields(project: Project) -> Iterator[Sighting]:
    """Every request whose fields its one handler does not take, or does not give."""
    served = [answer for answer in project.contract.answers if answer.status == "served"]
    if not served or _converts(project):
        return
    models = ModelFields(project.inference)
    for answer in served:
        handler = _handler(project, answer)
        if handler is None:
            continue
        used = partial(_is_asked_of_us, project, answer)
        yield from _surely(missing_bodies(models, answer, handler), used)
        taken = models.taken(handler) if answer.call.method in _WITH_BODY else None
        sent = _sent(project, answer)
        if taken is not None and sent is not None and not taken.is_list:
            yield from _surely(_sending(answer, sent, taken.declared), used)
        given = models.given(handler) if answer.call.expected else None
        if given is not None:
            yield from _surely(_reading(project, answer, given), used)


def _surely(found: Iterator[Sighting], used: Callable[[], bool]) -> Iterator[Sighting]:
    """Only possible where nobody makes the request."""
    for sighting in found:
        yield sighting if used() else replace(sighting, confidence=Confidence.POSSIBLE)


def _is_asked_of_us(project: Project, answer: Answer) -> bool:
    """Whether somebody makes the request, and of a server that is ours."""
    return answer.share >= _OURS_SHARE and is_used(project.front, answer.call)


def _converts(project: Project) -> bool:
    return any(
        _CONVERTERS.search(word)
        for file in project.front.files.values()
        if file.kind is FrontKind.PRODUCTION
        for word in (*file.words, *(part.source for part in file.imports))
        if "Case" in word or "Keys" in word or "humps" in word or word == "transformRequest"
    )


def _handler(project: Project, answer: Answer) -> Scope | None:
    """The one handler that a request can mean."""
    routes = {(route.file, route.line): route for route in answer.routes if route.framework == "asgi"}
    if len(routes) != 1 or len(answer.routes) != 1 or not answer.call.known:
        return None
    return handler_of(project.modules, answer.routes[0])


def _sent(project: Project, answer: Answer) -> _Sent | None:
    call = answer.call
    if call.sent:
        return _Sent(frozenset(call.sent), frozenset())
    path, spelled = call.sent_type
    found = shape_fields(project.front.lookup, project.front.files[path], spelled) if path else None
    if found is None or found[1] or not found[0]:
        return None
    perhaps = {name for name, optional in found[0].items() if optional}
    return _Sent(frozenset(found[0]) - perhaps, frozenset(perhaps))


def _sending(answer: Answer, sent: _Sent, model: Declared) -> Iterator[Sighting]:
    every = sent.always | sent.perhaps
    missing = [
        name for name, field in model.fields.items() if field.required and not every & set(field.names)
    ]
    others = sorted(sent.always - model.names)
    is_meant = len(every & model.names) >= _SAME_THING * len(every)
    name = model.model.name
    if missing:
        yield _sighting(answer, model, _Mismatch(
            f"{_asked(answer)} sends no {_listed(missing)}, which `{name}` requires{_sent_for(missing, others)}", _REFUSED,
            Severity.HIGH, _sure_if(is_meant or _respelled(missing, others)),
        ))  # fmt: skip
    elif others and model.extra != "allow":
        left = [name for name, field in model.fields.items() if not every & set(field.names)]
        alike, refused = _respelled(left, others), model.extra == "forbid"
        yield _sighting(answer, model, _Mismatch(
            f"{_asked(answer)} sends {_listed(others)}, which `{name}` does not have{_instead(left, others)}",
            _REFUSED if refused else "what was entered there is dropped without a word",
            Severity.HIGH if refused else Severity.MEDIUM if alike else Severity.LOW,
            _sure_if(is_meant and (refused or alike)),
        ))  # fmt: skip


def _reading(project: Project, answer: Answer, given: Model) -> Iterator[Sighting]:
    call, model = answer.call, given.declared
    expected = shape_fields(project.front.lookup, project.front.files[call.path], call.expected)
    if expected is None or expected[1] is not given.is_list or model.extra == "allow":
        return
    unknown = sorted({name for name, optional in expected[0].items() if not optional} - model.names)
    if unknown:
        is_meant = len(set(expected[0]) & model.names) >= _SAME_THING * len(expected[0])
        used = [name for name in unknown if _is_read(project, answer, name)]
        is_meant, unknown = is_meant and bool(used), used or unknown
        yield _sighting(answer, model, _Mismatch(
            f"the answer to {_asked(answer)} is read as one with {_listed(unknown)}, which `{model.model.name}` does not give",
            "the screen shows nothing there, or breaks", Severity.MEDIUM, _sure_if(is_meant),
        ))  # fmt: skip


def _is_read(project: Project, answer: Answer, field: str) -> bool:
    """Whether a file that asks, or one that names the function which does, takes the field out of the answer."""
    asking = answer.call.symbol.rpartition(".")[2]
    return any(
        _takes(project.inventory.read_text(file.path), asking, field)
        for file in project.front.files.values()
        if file.path == answer.call.path
        or (file.kind is FrontKind.PRODUCTION and (asking in file.words or asking in file.mentioned))
    )


def _takes(text: str, asking: str, field: str) -> bool:
    """Out of what holds the answer, where one name does; else out of anything."""
    held = (
        {found[1] for found in re.finditer(_HELD.format(asking=re.escape(asking)), text)} if asking else set()
    )
    owner = rf"\b(?:{'|'.join(sorted(held))})(?:\??\.data)?\??" if held else ""
    source = rf"[^}}]*}}\s*=\s*{owner}" if held else "[,}=]"
    taken = rf"{owner}\.{re.escape(field)}\b|[{{,]\s*{re.escape(field)}\s*{source}"
    return re.search(taken, text) is not None


def _sure_if(told: object) -> Confidence:
    return Confidence.PROBABLE if told else Confidence.POSSIBLE


def _respelled(missing: list[str], others: list[str]) -> list[tuple[str, str]]:
    """`userName` for `user_name`, `user` for `user_id`."""
    found: list[tuple[str, str]] = []
    for name in missing:
        plain = _plain(name)
        alike = [other for other in others if _is_alike(plain, _plain(other))]
        if alike:
            found.append((name, min(alike, key=partial(_differs, plain))))
    return found


def _differs(plain: str, other: str) -> bool:
    return _plain(other) != plain


def _is_alike(name: str, other: str) -> bool:
    """Whether they are one name, or one is the other with a word behind it."""
    short, long = sorted((name, other), key=len)
    return name == other or (len(short) >= _SHORTEST and long.startswith(short))


def _plain(name: str) -> str:
    return re.sub(r"[_-]", "", name).lower()


def _sent_for(missing: list[str], others: list[str]) -> str:
    pairs = _respelled(missing, others)
    return f", but `{pairs[0][1]}`" if pairs else ""


def _instead(missing: list[str], others: list[str]) -> str:
    pairs = _respelled(missing, others)
    return f": it is called `{pairs[0][0]}` there" if pairs else ""


def _listed(names: list[str]) -> str:
    shown = " and ".join(f"`{name}`" for name in names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED} more"


def _asked(answer: Answer) -> str:
    return f"`{answer.call.method} {answer.routes[0].path}`"


def _sighting(answer: Answer, model: Declared, wrong: _Mismatch) -> Sighting:
    call, cls = answer.call, model.model
    return Sighting(
        place=Place(path=call.path, line=call.line, symbol=call.symbol, column=call.column),
        message=wrong.message,
        severity=wrong.severity,
        confidence=wrong.confidence,
        consequence=wrong.consequence,
        sites=(Place(path=cls.path, line=cls.line, symbol=cls.qualname),),
        subject=_asked(answer),
        cause=wrong.message,
        reach=Reach.ROUTE,
    )
