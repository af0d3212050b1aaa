"""A text of a request is made a number, a date or JSON, and nothing takes what that raises."""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.security.by_method import label_at
from greenroom.catalogue.security.incoming import Incoming, Reader
from greenroom.catalogue.security.rejected_before import is_for_this_machine, is_signed, may_be_rejected
from greenroom.catalogue.security.tried_before import is_tried_before
from greenroom.catalogue.security.turned_away import TurnedAway
from greenroom.detect.search import mentions, words
from greenroom.detect.set_up import depends_on_set_up
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_CONVERTS: Final = {
    "int": "no number", "float": "no number", "Decimal": "no number", "decimal.Decimal": "no number",
    "UUID": "no UUID", "uuid.UUID": "no UUID", "ObjectId": "no ObjectId", "bson.ObjectId": "no ObjectId",
    "json.loads": "no JSON", "orjson.loads": "no JSON", "ujson.loads": "no JSON",
    "datetime.strptime": "no such date", "datetime.datetime.strptime": "no such date",
    "datetime.fromisoformat": "no date", "datetime.datetime.fromisoformat": "no date",
    "date.fromisoformat": "no date", "datetime.date.fromisoformat": "no date",
}  # fmt: skip
_FAILURES: Final = {
    "no JSON": ("JSONDecodeError", "ValueError", "Exception", "BaseException"),
    "no ObjectId": ("InvalidId", "BSONError", "TypeError", "Exception", "BaseException"),
}
_VALUE_ERROR: Final = ("ValueError", "InvalidOperation", "ArithmeticError", "Exception", "BaseException")
_PATH: Final = re.compile(r"^(?:self\.)?(?:request|req)\.(?:path|path_info|url\.path|get_full_path)$")
_PARSED_BODY: Final = frozenset({"asgi", "aiohttp"})
"""Frameworks whose `await request.json()` raises what the parser raises."""
_OF_REQUEST: Final = re.compile(r"(?:self\.)?req(?:uest)?\.")
_HOOK: Final = re.compile(r"(?:hook|callback|notif|ipn\b)", re.IGNORECASE)
_WORDS: Final = words(
    "int", "float", "Decimal", "UUID", "ObjectId", "loads", "strptime", "fromisoformat", ".json"
)
_CONSEQUENCE: Final = "a client that sends anything else gets an internal error instead of being told what was wrong, and somebody's alarm rings"


def find_conversions(project: Project, reader: Reader, away: TurnedAway) -> Iterator[Sighting]:
    """Every conversion in a route's handler that an ill-formed text ends with an internal error."""
    for module in project.production():
        for scope in module.scopes:
            if not reader.routes(scope) or not mentions(scope, _WORDS):
                continue
            entry = project.entries.entry(scope)
            wrapped = away.is_wrapped(scope)
            if entry is None or entry.reach is not Reach.ROUTE or wrapped is True:
                continue
            for call, found, lacks in _conversions(reader, scope):
                failures = _FAILURES.get(lacks, _VALUE_ERROR)
                if any(away.is_answered(failure) for failure in failures[:-2]) or away.is_looked_at(
                    found, call.line
                ):
                    continue
                names = dict(found.names)[scope]
                if not (
                    away.is_caught(found, scope, call.block, failures)
                    or is_tried_before(project, scope, call, names)
                    or is_signed(project, scope, call)
                ):
                    label = label_at(project, found, (scope, call))
                    if not label:
                        continue
                    if _is_of_some_routes(reader, scope, call):
                        label = f"`{scope.qualname}`"
                    is_certain = (
                        _comes_there(scope, call, names)
                        and not depends_on_set_up(scope, call)
                        and not _is_asked_by_programs(reader, scope)
                    )
                    sure = (
                        Confidence.DEFINITE
                        if is_certain and not may_be_rejected(project, scope, call, names)
                        else Confidence.PROBABLE
                    )
                    doubtful = (
                        wrapped is None or _is_under_path(scope, call) or is_for_this_machine(scope, call)
                    )
                    yield _sighting(call, found, lacks, label, Confidence.POSSIBLE if doubtful else sure)


def _conversions(reader: Reader, scope: Scope) -> Iterator[tuple[Call, Incoming, str]]:
    """The conversions of a body, of what, and what fails them."""
    for call in scope.body.calls:
        name = call.callee if isinstance(call.callee, str) else ""
        if name in _CONVERTS and call.arguments:
            for found in reader.incoming(scope, _unwrapped(call.arguments[0])):
                if found.handler is scope:
                    yield call, found, _CONVERTS[name]
                    break
        elif _parses_body(reader, scope, call):
            yield call, Incoming(scope, f"{name}()", ((scope, frozenset()),)), "no JSON"


def _comes_there(scope: Scope, call: Call, names: frozenset[str]) -> bool:
    """Whether no condition stands around it but on the request: its method, or whether the text is there at all."""
    body = scope.body
    around = [block for block in body.enclosing(call.block) if block.kind in ("if", "else", "case", "except")]
    tests = [body.blocks[block.owner].detail if block.kind == "else" else block.detail for block in around]
    return all(
        any(isinstance(part, str) and (part in names or _OF_REQUEST.match(part)) for part in deep(body, test))
        for test in tests
    )


def _is_asked_by_programs(reader: Reader, scope: Scope) -> bool:
    """`/webhooks/payments`: a program that is told where to send, and sends what it always does."""
    return any(_HOOK.search(route.path) for route in reader.routes(scope))


def _is_of_some_routes(reader: Reader, scope: Scope, call: Call) -> bool:
    """Whether a view behind several paths goes there for some of them: `if self.action == "update"`, as `as_view` set it."""
    if len({route.path for route in reader.routes(scope)}) < 2:
        return False
    around = scope.body.enclosing(call.block)
    tests = [scope.body.blocks[block.owner].detail if block.kind == "else" else block.detail
             for block in around if block.kind in ("if", "else")]  # fmt: skip
    return any(
        isinstance(part, str) and part.startswith("self.") and not part.startswith("self.request")
        for test in tests
        for part in facts.walk(test)
    )


def _is_under_path(scope: Scope, call: Call) -> bool:
    """`if re.match(r"/api/index.php", request.path):`, which the routes may leave nobody to come through."""
    body = scope.body
    return any(
        isinstance(part, str) and _PATH.match(part) is not None
        for block in body.enclosing(call.block)
        if block.kind == "if"
        for part in deep(body, block.detail)
    )


def _parses_body(reader: Reader, scope: Scope, call: Call) -> bool:
    """`await request.json()`, where the framework leaves what it raises to the handler."""
    base, _, last = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
    is_plain = last == "json" and call.usage & facts.AWAITED and not call.arguments
    return bool(is_plain and _is_request(scope, base)) and any(
        route.framework in _PARSED_BODY for route in reader.routes(scope)
    )


def _unwrapped(given: Expression) -> Expression:
    """Of `request.args.get("page") or 1` the first."""
    if type(given) is tuple and given[0] == facts.EITHER and given[1] == "or":
        return given[2][0]
    return given[1] if type(given) is tuple and given[0] == facts.AWAIT and type(given[1]) is int else given


def _is_request(scope: Scope, name: str) -> bool:
    for parameter in scope.parameters:
        if parameter.name == name:
            last = facts.last_name(parameter.annotation) if parameter.annotation is not None else ""
            return last == "Request" or (not last and name == "request")
    return False


def _sighting(call: Call, found: Incoming, lacks: str, label: str, confidence: Confidence) -> Sighting:
    scope = found.handler
    spelled = facts.spell(call.callee, scope.body.calls)
    what = f"`{found.spelled}`"
    told = f"{what} that is {lacks}" if not spelled.endswith(".json") else "a body that is no JSON"
    return Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        end_line=call.end_line,
        message=f"{told} makes {label} fail with an internal error: nothing catches what `{spelled}` raises",
        severity=Severity.LOW,
        confidence=confidence,
        consequence=_CONSEQUENCE,
        remedy="declare the type where the framework checks it, or catch the error and answer 400 or 422",
        subject=spelled,
        cause=f"{scope.path}:{lacks}",
        reach=Reach.ROUTE,
    )
