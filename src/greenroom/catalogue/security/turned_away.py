"""Is bad input turned away on the way to where it would do harm?"""

import re
import sys
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from greenroom.catalogue.security.incoming import Incoming, Reader
from greenroom.detect.search import mentioning, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import deep, expressions
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_OTHER_FAILURES: Final = frozenset(
    {"KeyError", "IndexError", "LookupError", "OSError", "IOError", "ConnectionError", "TimeoutError", "RuntimeError", "NotImplementedError",
     "DoesNotExist", "ObjectDoesNotExist", "MultipleObjectsReturned", "IntegrityError", "NoResultFound", "ImportError", "PermissionError",
     "RequestException", "HTTPError", "HTTPStatusError", "SQLAlchemyError", "StopIteration", "UnicodeDecodeError", "FileNotFoundError",
     "OperationalError", "DatabaseError", "PermissionDenied", "Http404", "HTTPException", "ClientError", "AttributeError", "TypeError"}
)  # fmt: skip
"""None of these is raised by a text that is no number, date or JSON."""
_ANY: Final = re.compile(
    r"(?i)suppress|except|catch|handle|guard|error|safe|wrap|valid|schema|args|params|json|form|serializ"
)
_LOOKS: Final = re.compile(
    r"(?i)valid|check|clean|verif|ensure|assert|sanit|allow|permit|normali|is_|require|guard|isdigit|isnumeric|isdecimal|match|signature"
)
_SIGNED: Final = re.compile(r"(?i)signature|hmac|webhook|_hook|verify")
_REQUESTS: Final = frozenset({"request", "req", "self.request"})
_WHOLE: Final = re.compile(
    r"(?i)^(?:is_valid|validate\w*|full_clean|parse_args|construct_event|verify\w*|check\w*signature\w*)$"
)
_OF_WHOM: Final = re.compile(r"(?i)token|user|session|login|jwt|csrf|password|permission|role|captcha")
"""Who somebody is, not what he sends."""
_END: Final = sys.maxsize
_KNOWN: Final = frozenset(
    {"flask", "quart", "django", "rest_framework", "fastapi", "starlette", "sanic", "aiohttp", "flask_login", "flask_restful", "flask_restx",
     "functools", "typing", "builtins", "flask_jwt_extended", "flask_cors", "drf_spectacular", "drf_yasg", "sentry_sdk", "slowapi", "aiohttp_jinja2",
     "flask_limiter", "property", "staticmethod", "classmethod", "flasgger", "django_ratelimit"}
)  # fmt: skip
"""Their decorators let an exception out."""
_REGISTERS: Final = frozenset(
    {"get", "post", "put", "patch", "delete", "route", "api_route", "websocket", "action", "api_view"}
)
_AROUND: Final = words("errorhandler", "exception_handler", "register_error_handler", "EXCEPTION_HANDLER", "process_exception",
                       "call_next", "get_response", "app_errorhandler", "handler")  # fmt: skip
_SETTINGS: Final = words("process_exception", "EXCEPTION_HANDLER")
_METHODS: Final = frozenset({"dispatch", "dispatch_request", "handle_exception", "handle_error", "handle_no_permission", "initial", "prepare", "setup",
                             "validate", "before_request", "check_xsrf_cookie"})  # fmt: skip


class TurnedAway:
    """Tells of one value whether somebody looks at it, or takes what goes wrong with it."""

    def __init__(self, project: Project, reader: Reader) -> None:
        self._project = project
        self._production = project.production()
        self._reader = reader
        self._answers_all: dict[str, bool] = {}
        self._decorators: dict[Scope, bool | None] = {}

    def is_looked_at(self, found: Incoming, until: int = _END) -> bool:
        """Whether a test or a check in any function on the way speaks of it, up to a line of the last."""
        return any(self._is_examined(scope, names, found.spelled, until) for scope, names in found.names)

    def is_caught(self, found: Incoming, scope: Scope, block: int, failures: tuple[str, ...]) -> bool:
        """Whether an `except` on the way may take one of these failures."""
        places = [(caller, caller.body.calls[call].block) for caller, call in found.calls]
        return any(_is_caught(where.body, at, failures) for where, at in (*places, (scope, block)))

    def is_wrapped(self, handler: Scope) -> bool | None:
        """Whether what is around the handler takes failures: its decorators, its class; None where nobody can tell."""
        if handler not in self._decorators:
            self._decorators[handler] = self._is_wrapped(handler)
        return self._decorators[handler]

    def is_answered(self, failure: str) -> bool:
        """Whether the application has an answer of its own to this exception: in a handler, a middleware, or before each request."""
        if failure not in self._answers_all:
            self._answers_all[failure] = failure in self._answered or any(
                failure.encode() in scope.module.packed_bodies
                for scope in mentioning(self._production, _SETTINGS)
            )
        return self._answers_all[failure]

    @cached_property
    def _answered(self) -> set[str]:
        """The names of the exceptions for which there are handlers, or that something around all requests catches."""
        found = {
            part.rpartition(".")[2]
            for scope in mentioning(self._production, _AROUND)
            for part in _named(scope)
        }
        for module in self._production:
            for scope in module.scopes:
                if any(_is_before_request(scope, decorator) for decorator in scope.decorators):
                    found |= _caught_in(scope)
        return found

    def _is_wrapped(self, handler: Scope) -> bool | None:
        if handler.owner is not None:
            scopes, _ = self._project.inference.classes.line(handler.owner)
            for cls in scopes:
                if any(child.name in _METHODS for child in cls.children):
                    return True
        unsure = False
        for scope in (handler, handler.owner):
            for decorator in scope.decorators if scope is not None else ():
                kind = self._decorates(scope.parent if scope is not None else None, decorator)
                if kind is True:
                    return True
                unsure = unsure or kind is None
        return None if unsure else False

    def _decorates(self, parent: Scope | None, decorator: Expression) -> bool | None:
        if parent is None:
            return None
        callee = parent.body.calls[decorator].callee if type(decorator) is int else decorator
        last = facts.last_name(callee)
        if last in _REGISTERS:
            return False
        values = self._project.inference.expression(parent, callee)
        for value in values:
            if value.kind == "function":
                return bool(_has_except(value.ref) or _ANY.search(value.ref.name))
            if value.kind == "class":
                return None
            if value.kind == "library" and str(value.ref).split(".", 1)[0] in _KNOWN:
                return False
        return None

    def _is_examined(self, scope: Scope, names: frozenset[str], spelled: str, until: int) -> bool:
        body = scope.body
        for call in body.calls:
            last = facts.last_name(call.callee)
            if call.line > until:
                continue
            if (_WHOLE.match(last) and not _OF_WHOM.search(last)) or (
                _SIGNED.search(last) and not _REQUESTS.isdisjoint(_names(call))
            ):
                return True  # whoever sends anything else has no key to sign it
            if _LOOKS.search(last) and any(
                self._speaks(scope, part, names, spelled)
                for part in (call.callee, *call.arguments, *(value for _, value in call.keywords))
            ):
                return True
        return any(
            not (_asks_presence(test) or self._reader.spelled(scope, test) == spelled)
            and self._speaks(scope, test, names, spelled)
            for whole in _tests(body, until)
            for test in _parts(whole)
        )

    def _speaks(self, scope: Scope, expression: Expression, names: frozenset[str], spelled: str) -> bool:
        for part in deep(scope.body, expression):
            if type(part) is str and (part in names or part.partition(".")[0] in names):
                return True
            if self._reader.spelled(scope, part) == spelled:
                return True
        return False


def _names(call: Call) -> set[str]:
    return {part for part in call.arguments if isinstance(part, str)}


def _named(scope: Scope) -> Iterator[str]:
    """The names that what handles failures is registered for, or catches."""
    around = [call for call in scope.body.calls if facts.last_name(call.callee) in
              ("errorhandler", "app_errorhandler", "exception_handler", "add_exception_handler", "register_error_handler")]  # fmt: skip
    for call in around:
        yield from (part for each in call.arguments[:1] for part in facts.walk(each) if isinstance(part, str))
    if {"call_next", "get_response", "handler"} & {facts.last_name(call.callee) for call in scope.body.calls}:
        for block in scope.body.blocks:
            if block.kind == "except":
                yield from (part for part in facts.walk(block.detail[0]) if isinstance(part, str))


def _is_before_request(scope: Scope, decorator: Expression) -> bool:
    outer = scope.parent
    callee = outer.body.calls[decorator].callee if type(decorator) is int and outer is not None else decorator
    return facts.last_name(callee) in ("before_request", "before_app_request")


def _caught_in(scope: Scope) -> set[str]:
    """The names of the exceptions that a function catches."""
    return {
        part.rpartition(".")[2]
        for block in scope.body.blocks
        if block.kind == "except"
        for part in facts.walk(block.detail[0])
        if isinstance(part, str)
    }


def _has_except(scope: Scope) -> bool:
    return any(block.kind in ("except", "with", "async-with") for block in scope.body.blocks) or any(
        _has_except(child) for child in scope.children
    )


def _is_caught(body: Body, block: int, failures: tuple[str, ...]) -> bool:
    flow = Flow(body)
    for index, part in enumerate(body.blocks):
        if not flow.inside(block, index):
            continue
        if part.kind == "try" and any(_takes(each.detail[0], failures) for _, each in flow.handlers(index)):
            return True
        if part.kind in ("with", "async-with") and any(
            _ANY.search(facts.spell(made, body.calls)) for made, _ in part.detail
        ):
            return True
    return False


def _takes(types: Expression, failures: tuple[str, ...]) -> bool:
    if types is None:
        return True
    listed = types[2] if type(types) is tuple and types[0] == facts.SEQUENCE else (types,)
    for one in listed:
        name = one.rpartition(".")[2] if isinstance(one, str) else ""
        if name in failures or name not in _OTHER_FAILURES:
            return True
    return False


def _tests(body: Body, until: int) -> Iterator[Expression]:
    """Everything that decides which way the body goes, up to a line."""
    for block in body.blocks:
        if block.line > until:
            continue
        if block.kind in ("if", "while"):
            yield block.detail
        elif block.kind == "case":
            yield block.detail[0]
    yield from (part.value for part in body.statements if part.kind == "assert" and part.line <= until)
    for whole in expressions(body):
        for part in facts.walk(whole):
            if type(part) is tuple and part[0] == facts.EITHER and part[3] is not None:
                yield part[3]
            elif type(part) is tuple and part[0] == facts.COMPREHENSION:
                yield from part[6]


def _parts(test: Expression) -> Iterator[Expression]:
    """The tests that `and`, `or` and `not` join."""
    if type(test) is tuple and test[0] == facts.EITHER and test[3] is None:
        for part in test[2]:
            yield from _parts(part)
    elif type(test) is tuple and test[0] == facts.OPERATION and test[1] == "not":
        yield from _parts(test[2][0])
    else:
        yield test


def _asks_presence(test: Expression) -> bool:
    """`page`, `page is None`, `page == ""`, `"page" in request.args`: whether anything came, not what."""
    if type(test) is not tuple or test[0] != facts.COMPARE:
        return type(test) is str or (type(test) is tuple and test[0] in (facts.ITEM, facts.WALRUS))
    first, *others = test[2]
    if test[1] in (("is",), ("is not",)):
        return True
    if test[1] in (("==",), ("!=",)):
        return all(
            facts.constant(part) in (None, "") and type(part) is tuple and part[0] == facts.CONSTANT
            for part in others
        )
    return test[1] in (("in",), ("not in",)) and isinstance(facts.constant(first), str)
