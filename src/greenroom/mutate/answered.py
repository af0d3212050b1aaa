"""What an application answers by itself to exceptions that nobody catches: handlers that are registered for all requests."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.statuses import status_number, status_of
from greenroom.mutate.tree import Function, Tree

_DECORATORS = frozenset({"errorhandler", "app_errorhandler", "exception_handler", "exception"})
_REGISTRATIONS = frozenset({"add_exception_handler", "register_error_handler", "add_error_handler"})
_STATUS = frozenset({"status_code", "status", "code", "http_status", "default_code"})
_PLAIN = frozenset(
    {"jsonify", "render_template", "render", "dict", "JSONResponse", "JsonResponse", "ORJSONResponse"}
)
_BY_FRAMEWORKS = {
    "django.http.Http404": 404, "django.core.exceptions.PermissionDenied": 403,
    "django.core.exceptions.SuspiciousOperation": 400, "django.core.exceptions.BadRequest": 400,
}  # fmt: skip
_BY_REST_FRAMEWORK = {
    "ValidationError": 400, "ParseError": 400, "PermissionDenied": 403, "NotFound": 404, "MethodNotAllowed": 405,
    "NotAcceptable": 406, "UnsupportedMediaType": 415, "Throttled": 429,
}  # fmt: skip
_LIBRARIES = {
    "IntegrityError": "SQLAlchemyError", "OperationalError": "SQLAlchemyError", "DataError": "SQLAlchemyError",
    "DatabaseError": "SQLAlchemyError", "NoResultFound": "SQLAlchemyError", "DBAPIError": "SQLAlchemyError",
    "RequestError": "HTTPError", "TimeoutException": "HTTPError", "ConnectError": "HTTPError",
    "JSONDecodeError": "ValueError", "ConnectionError": "OSError", "Timeout": "RequestException",
}  # fmt: skip
"""What exceptions of libraries derive from, as far as applications register handlers for it."""
TELLING = re.compile(
    r"errorhandler|error_handler|exception_handler|\.exception\(|call_next|middleware|process_exception|\bexc, *context\b"
)
"""A file that registers a handler says one of these."""
_UNKNOWN = 0
_ALL, _INTERNAL = ("Exception", "BaseException"), 500
"""Who answers whatever there is, in several ways, says of what nobody expected that it is an internal error."""


@dataclass(slots=True)
class Answered:
    """By the last part of an exception's name, the status that it is answered with."""

    handlers: dict[str, int] = field(default_factory=dict)
    """`_UNKNOWN` where that cannot be told."""
    named: dict[str, str] = field(default_factory=dict)
    """Those for which a function is registered that is defined elsewhere, by its name."""
    functions: dict[str, int] = field(default_factory=dict)
    """What functions of the files that register handlers answer with."""
    bases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Of the project's own classes."""
    own: dict[str, int] = field(default_factory=dict)
    """The status that a class itself names."""

    def read(self, tree: Tree, text: str) -> None:
        """Take in what a file says."""
        for each in tree.nodes(ast.ClassDef):
            self.bases.setdefault(each.name, tuple(filter(None, map(last_name, each.bases))))
            own = _own_status(each)
            if own:
                self.own.setdefault(each.name, own)
        if not TELLING.search(text):
            return
        for function in tree.functions():
            self.functions.setdefault(function.name, status_of_body(function.body))
            for name, status in _of_function(function):
                self.handlers.setdefault(name, status)
        for name, handler in _registered(tree):
            self.named.setdefault(name, handler)

    def status(self, name: str) -> int | None:
        """Of an exception that nobody catches; 0 where there is a handler whose status cannot be told, None where there is none."""
        for each in self._line(name):
            found = self.handlers.get(each)
            if found is None and each in self.named:
                found = self.functions.get(self.named[each], _UNKNOWN)
            if found is not None and each in _ALL:
                return found or _INTERNAL
            if found is not None:
                return found or next((self.own[own] for own in self._line(name) if own in self.own), _UNKNOWN)
        return None

    def _line(self, name: str) -> list[str]:
        """An exception and what it derives from, the nearest first."""
        found: list[str] = []
        waiting = [name]
        while waiting:
            each = waiting.pop(0)
            if each in found:
                continue
            found.append(each)
            builtin = getattr(builtins, each, None)
            if each in self.bases:
                waiting += self.bases[each]
            elif isinstance(builtin, type):
                waiting += [base.__name__ for base in builtin.__bases__]
            else:
                waiting += [_LIBRARIES[each]] if each in _LIBRARIES else ["Exception"]
        return found


def by_framework(dotted: str) -> int | None:
    """The status with which a framework itself answers an exception; None where it knows none."""
    owner, _, name = dotted.rpartition(".")
    if owner.startswith("rest_framework"):
        return _BY_REST_FRAMEWORK.get(name)
    return _BY_FRAMEWORKS.get(dotted)


def status_of_body(body: list[ast.stmt]) -> int:
    """The one status with which a body answers, 0 where that is not clear."""
    said = set()
    for node in blocks.own(body):
        match node:
            case ast.Return(value=ast.expr() as value):
                said.add(status_of_answer(value))
            case ast.Raise(exc=ast.expr() as value):
                said.add(status_of(value))
    assigned = {
        status_number(node.value)
        for node in blocks.own(body)
        if isinstance(node, ast.Assign)
        and any(isinstance(each, ast.Attribute) and each.attr in _STATUS for each in node.targets)
    }
    said = assigned or said
    return said.pop() if len(said) == 1 else _UNKNOWN


def status_of_answer(value: ast.expr) -> int:
    """What a returned answer says, 200 for a plain one, 0 where that is not clear."""
    match value:
        case ast.Tuple(elts=[_, second, *_]):
            return status_number(second)
        case ast.Dict():
            return 200
        case ast.Call(func=function, args=arguments, keywords=keywords):
            said = status_of(value) or next(filter(None, map(status_number, arguments)), 0)
            names_status = any(each.arg in _STATUS or each.arg is None for each in keywords)
            return said or (200 if last_name(function) in _PLAIN and not names_status else _UNKNOWN)
    return _UNKNOWN


def _own_status(of: ast.ClassDef) -> int:
    for statement in of.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _STATUS:
                return status_number(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in _STATUS:
                return status_number(value)
    return _UNKNOWN


def _of_function(function: Function) -> Iterator[tuple[str, int]]:
    """What a function answers as a handler by its decorator, as a middleware, or as the one handler of all exceptions."""
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and last_name(decorator.func) in _DECORATORS:
            for name in _names(decorator.args):
                yield name, status_of_body(function.body)
    for kind, body in _branches(function):
        for name in _names([kind]):
            yield name, status_of_body(body)


def _branches(function: Function) -> Iterator[tuple[ast.expr, list[ast.stmt]]]:
    """The `except` of a middleware around the rest of the application, and `isinstance(exc, …)` of a handler for all."""
    arguments = {each.arg for each in function.args.args}
    is_middleware = "call_next" in arguments or (
        "handler" in arguments and any(last_name(each) == "middleware" for each in function.decorator_list)
    )
    is_for_all = function.name == "process_exception" or {"exc", "context"} <= arguments
    for node in blocks.own(function.body):
        match node:
            case ast.ExceptHandler(type=ast.expr() as kind, body=body) if is_middleware:
                yield kind, body
            case ast.If(test=ast.Call(func=ast.Name(id="isinstance"), args=[_, kind]), body=body) if (
                is_for_all
            ):
                yield kind, body


def _registered(tree: Tree) -> Iterator[tuple[str, str]]:
    """`add_exception_handler(X, answer)` and `exception_handlers={X: answer}`: names of exceptions and of functions."""
    for call in tree.nodes(ast.Call):
        if last_name(call.func) in _REGISTRATIONS and len(call.args) > 1:
            for name in _names(call.args[:1]):
                yield name, last_name(call.args[1])
        for keyword in call.keywords:
            if keyword.arg == "exception_handlers" and isinstance(keyword.value, ast.Dict):
                for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                    for name in _names([key] if key is not None else []):
                        yield name, last_name(value)


def _names(kinds: Iterable[ast.expr]) -> Iterator[str]:
    for kind in kinds:
        if isinstance(kind, ast.Tuple):
            yield from _names(kind.elts)
        elif isinstance(kind, ast.Name | ast.Attribute):
            yield last_name(kind)
