"""Handlers whose failure somebody hears of all the same, or that take another way to what was asked for."""

import re
from typing import Final

from greenroom.catalogue.errors.case import Case
from greenroom.catalogue.errors.handlers import is_logging
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, Statement, last_name
from greenroom.project.project import Project

_TRACKERS: Final = frozenset({"capture_exception", "record_exception", "notify_exception"})
_STATUS: Final = ("status", "status_code")
_REFUSALS: Final = range(400, 600)
_SPELLED: Final = re.compile(r"\bHTTP_(\d{3})_")
_ERRORS: Final = frozenset({"error", "exception", "critical", "fatal", "warning", "warn"})
_SECOND_WAY: Final = re.compile(
    r"fall_?back|back_?up|(?:^|_)(?:simple|basic|naive|local|rule|rules|heuristic|regex|keyword|static|template|legacy|offline|manual|default"
    r"|alternative|degraded|without_\w+)(?:_|$)|_based(?:_|$)",
    re.IGNORECASE,
)
_WHO_ASKS: Final = frozenset({"self", "cls", "request", "req", "response"})
_EXTRA: Final = re.compile(
    r"(?:^|_)(?:enrich\w*|augment\w*|embellish|hints?|prompts?|personali[sz]\w*"
    r"|logos?|avatars?|favicons?|thumbnails?|watermarks?|gravatars?)(?:_|$)",
    re.IGNORECASE,
)
_THERE_ALREADY: Final = re.compile(r"#[^\n]*\balready (?:exist\w*|created|there|present)\b", re.IGNORECASE)
_CONTEXT: Final = re.compile(r"_context(?:_for_\w+|_block|_text|_str(?:ing)?)?$", re.IGNORECASE)
_OF_PROMPTS: Final = re.compile(
    r"chat|prompt|llm|copilot|assistant|(?:^|[_/])(?:rag|agents?|ai)(?:[_/.]|$)", re.IGNORECASE
)


def is_told(case: Case) -> bool:
    """Whether the handler sends the error to a tracker, or closes a socket with a code that says so."""
    handling = case.handling
    inside = (part for part in case.scope.body.calls if handling.line <= part.line <= handling.end_line)
    return any(
        last_name(call.callee) in _TRACKERS
        or (last_name(call.callee) == "close" and call.keyword("code") is not None)
        for call in inside
    )


def is_made_up_for(project: Project, case: Case) -> bool:
    """Whether what follows reports an error, the handler goes a second way, or only an extra is missing."""
    return (
        _leads_to_an_error(case)
        or _goes_another_way(project, case)
        or _is_extra(case)
        or _is_there_already(project, case)
    )


def _is_there_already(project: Project, case: Case) -> bool:
    """`except Exception: pass  # it already exists`: nothing had to be made, and what comes after tells if it is not so."""
    lines = project.inventory.read_text(case.scope.path).split("\n")
    said = "\n".join(lines[case.handling.line - 1 : case.handling.end_line])
    return case.handling.gives == "nothing" and _THERE_ALREADY.search(said) is not None


def _leads_to_an_error(case: Case) -> bool:
    """`with suppress(Error): note_state()`, and then `logger.error("not deleted")`, `raise` or a refusal, in the same block."""
    body = case.scope.body
    around = body.blocks[case.guard].parent
    return case.handling.gives == "nothing" and any(
        part.block == around
        and part.line > case.handling.end_line
        and (part.kind == "raise" or _is_error(body.calls, part.value) or _is_refusal(body, part))
        for part in body.statements
    )


def _is_refusal(body: Body, part: Statement) -> bool:
    """`return Response({"detail": "invalid signature"}, status=401)`, `return "unknown", 404`."""
    if part.kind != "return":
        return False
    value = part.value
    given: list[Expression] = []
    if type(value) is int:
        call = body.calls[value]
        given = [*call.arguments[1:], *(said for name, said in call.keywords if name in _STATUS)]
    elif isinstance(value, tuple) and value[0] == facts.SEQUENCE:
        given = list(value[2][1:])
    return any(is_status(item, _REFUSALS) for item in given)


def is_status(value: Expression, wanted: range) -> bool:
    """Whether a value is such a status code: `401`, `status.HTTP_401_UNAUTHORIZED`."""
    said = facts.constant(value)
    if isinstance(value, str) and (spelled := _SPELLED.search(value)):
        said = int(spelled[1])
    return type(said) is int and said in wanted


def _is_error(calls: tuple[Call, ...], value: Expression) -> bool:
    if isinstance(value, tuple) and value[0] == facts.AWAIT:
        value = value[1]
    return type(value) is int and is_logging(calls[value]) and last_name(calls[value].callee) in _ERRORS


def _goes_another_way(project: Project, case: Case) -> bool:
    """`return self._by_sentences(text)`, of which a success makes use too: an answer to what was asked."""
    body = case.scope.body
    if case.handling.gives != "same":
        return False
    given = {part.name for part in case.scope.parameters} - _WHO_ASKS
    own = {edge.call for edge in project.graph.edges(case.scope) if edge.target is not None}
    return any(
        _SECOND_WAY.search(last_name(body.calls[index].callee))
        or (index in own and not given.isdisjoint(_names(body.calls[index])))
        for part in body.statements
        if part.kind == "return" and case.handling.line <= part.line <= case.handling.end_line
        for index in _calls_in(part.value)
    )


def _names(call: Call) -> set[str]:
    return {
        part for part in (*call.arguments, *(value for _, value in call.keywords)) if isinstance(part, str)
    }


def _calls_in(value: Expression) -> list[int]:
    return [part for part in facts.walk(value) if type(part) is int]


def _is_extra(case: Case) -> bool:
    """What only makes a prompt or an answer richer: `get_company_context`, `enrich_result`."""
    name = case.scope.name
    if case.handling.gives not in ("none", "empty"):
        return False
    return _EXTRA.search(name) is not None or (
        _CONTEXT.search(name) is not None and _OF_PROMPTS.search(f"{case.scope.path}/{name}") is not None
    )
