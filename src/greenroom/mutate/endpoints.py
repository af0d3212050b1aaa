"""Functions that answer requests, as the web frameworks know them: by decorator, by argument, by class."""

import ast
from collections.abc import Iterator

from greenroom.mutate.expressions import last_name
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_ROUTES = frozenset({"get", "post", "put", "delete", "patch", "head", "options", "trace", "route", "api_route", "websocket",
                     "websocket_route", "view", "add_route", "action", "api_view"})  # fmt: skip
_REQUESTS = ("web.Request", "requests.Request", "HttpRequest", "websockets.WebSocket", "fastapi.Request", "fastapi.WebSocket",
             "quart.Request", "sanic.Request", "rest_framework.request.Request")  # fmt: skip
_CLASSES = ("View", "ViewSet", "ViewSetMixin", "Endpoint", "Resource", "RequestHandler", "Consumer")
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "list", "create", "retrieve", "update",
                      "partial_update", "destroy", "dispatch"})  # fmt: skip


def handlers(source: Source) -> Iterator[Function]:
    """The functions of a file that answer requests, in the order of the text."""
    return (function for function in source.functions() if is_handler(source, function))


def is_handler(source: Source, function: Function) -> bool:
    """Whether a framework calls this function for a request."""
    if route_decorators(function):
        return True
    arguments = [each for each in function.args.args if each.arg not in ("self", "cls")]
    if not arguments:
        return _is_method_of_view(source, function)
    first = arguments[0]
    if first.annotation is not None and source.names.of(first.annotation).endswith(_REQUESTS):
        return len(arguments) == 1 or not isinstance(source.parent(function), ast.ClassDef)
    return _is_method_of_view(source, function) or (
        first.arg == "request" and _is_django_view(source, function)
    )


def route_decorators(function: Function) -> list[ast.Call]:
    """Those that register a function under a path: `@app.get("/")`, `@blueprint.route("/")`."""
    return [decorator for decorator in function.decorator_list
            if isinstance(decorator, ast.Call) and is_registration(decorator)]  # fmt: skip


def is_registration(call: ast.Call) -> bool:
    """Whether a decorator puts a function under a path."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _ROUTES:
        return False
    if last_name(call.func.value) in ("mock", "monkeypatch", "cache", "respx", "responses"):
        return False
    path = (
        call.args[0]
        if call.args
        else next((k.value for k in call.keywords if k.arg in ("path", "rule")), None)
    )
    match path:
        case ast.Constant(value=str(text)):
            return not text or text[0] in "/^{<*"
        case None:
            return False
        case _:
            return isinstance(path, ast.Name | ast.Attribute | ast.JoinedStr | ast.BinOp)


def is_inside_class_named(source: Source, function: Function, endings: tuple[str, ...]) -> bool:
    """Whether a method belongs to a class with a base, or a name, that ends so."""
    above = source.parent(function)
    if not isinstance(above, ast.ClassDef):
        return False
    return any(name.endswith(endings) for name in (above.name, *map(last_name, above.bases)))


def _is_method_of_view(source: Source, function: Function) -> bool:
    return function.name in _METHODS and is_inside_class_named(source, function, _CLASSES)


def _is_django_view(source: Source, function: Function) -> bool:
    in_views = "views" in source.path.rpartition(".")[0].split("/")[-1] or "/views/" in f"/{source.path}"
    return (
        in_views
        and not isinstance(source.parent(function), ast.ClassDef)
        and not function.name.startswith("_")
    )
