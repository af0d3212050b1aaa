"""Operator: a route, a middleware or a handler is written, and never registered."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.endpoints import is_registration, route_decorators
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_REGISTERS = frozenset(
    {"add_middleware", "include_router", "add_api_route", "add_api_websocket_route", "add_route", "add_websocket_route", "mount",
     "add_exception_handler", "register_blueprint", "add_url_rule", "register_error_handler", "add_routes", "add_get", "add_post",
     "add_put", "add_delete", "add_patch", "add_view", "add_resource", "add_subapp", "add_router", "register_namespace",
     "add_namespace", "setup_routes", "add_head", "include"}
)  # fmt: skip
_DECORATORS = frozenset(
    {"middleware", "exception_handler", "errorhandler", "app_errorhandler", "before_request", "before_app_request",
     "after_request", "teardown_request", "teardown_appcontext", "user_loader", "request_loader", "on_event", "event",
     "receiver", "websocket_route", "exception", "context_processor"}
)  # fmt: skip
_FOR_OPERATORS = re.compile(
    r"debug|profil|silk|prometheus|metric|telemetry|tracing|sentry|logging|logger|accesslog|request_?id|timing|instrument|static|"
    r"admindocs|browser_reload|elastic|newrelic|statsd",
    re.IGNORECASE,
)
"""What no user misses."""
_PATHS = frozenset({"path", "re_path", "url"})


def lose_registration(source: Source) -> Iterator[Rewrite]:
    """`app.include_router(…)` goes, or the decorator that puts a function under its path."""
    for statement, call in call_statements(source):
        if _registers(source, call) and not _is_for_operators(source, statement, source.code(call)):
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement, "pass"),),
                note=f"`{source.head(call.func)}` is not called",
                lines=_seen_by(source, call),
            )
    for function in source.functions():
        for decorator in (*route_decorators(function), *_others(function)):
            lines = blocks.lines(_after_docstring(function))
            if not _is_for_operators(source, function, f"{source.code(decorator)} {function.name}"):
                yield Rewrite(
                    node=decorator,
                    edits=(source.without_decorator(decorator),),
                    note=f"`{function.name}` is not registered",
                    lines=lines,
                )
    yield from _of_django(source)


def _registers(source: Source, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or not (call.args or call.keywords):
        return False
    if call.func.attr == "include":
        return source.names.has("pyramid") and isinstance(call.args[0] if call.args else None, ast.Constant)
    if call.func.attr == "register":
        first = call.args[0] if len(call.args) > 1 else None
        return "router" in last_name(call.func.value) and isinstance(first, ast.Constant)
    return call.func.attr in _REGISTERS


def _others(function: Function) -> Iterator[ast.expr]:
    for decorator in function.decorator_list:
        if last_name(decorator) in _DECORATORS and not (
            isinstance(decorator, ast.Call) and is_registration(decorator)
        ):
            yield decorator


def _is_for_operators(source: Source, node: ast.stmt, text: str) -> bool:
    if _FOR_OPERATORS.search(text):
        return True
    return any(
        isinstance(above, ast.If)
        and re.search("debug|profil|develop", ast.unparse(above.test), re.IGNORECASE)
        for above in source.around(node)
    )


def _after_docstring(function: Function) -> list[ast.stmt]:
    first, *rest = function.body
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return rest if is_text and rest else function.body


def _seen_by(source: Source, call: ast.Call) -> tuple[int, ...]:
    """The bodies of what is registered, as far as this file defines it; else, the lines of the registration."""
    names = {node.id for each in (*call.args, *(k.value for k in call.keywords)) for node in ast.walk(each)
             if isinstance(node, ast.Name)}  # fmt: skip
    lines: list[int] = []
    for function in source.functions():
        owner = source.parent(function)
        routers = {
            last_name(each.func.value)
            for each in route_decorators(function)
            if isinstance(each.func, ast.Attribute)
        }
        of_class = isinstance(owner, ast.ClassDef) and owner.name in names
        if (function.name in names and not isinstance(owner, ast.ClassDef)) or of_class or routers & names:
            lines += blocks.lines(_after_docstring(function))
    return tuple(lines)


def _of_django(source: Source) -> Iterator[Rewrite]:
    """An entry of `urlpatterns` or of `MIDDLEWARE`."""
    for node in source.nodes(ast.stmt):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {last_name(target) for target in targets}
            for entry in _entries(node.value, names):
                if not _is_for_operators(source, node, source.code(entry)):
                    yield Rewrite(
                        node=entry,
                        edits=(source.without_element(entry),),
                        note=f"`{source.head(entry)}` is not registered",
                        lines=tuple(range(entry.lineno, (entry.end_lineno or entry.lineno) + 1)),
                    )


def _entries(value: ast.expr, names: set[str]) -> Iterator[ast.expr]:
    lists = [node for node in ast.walk(value) if isinstance(node, ast.List)]
    for entry in (each for found in lists for each in found.elts):
        if "urlpatterns" in names and isinstance(entry, ast.Call) and last_name(entry.func) in _PATHS:
            yield entry
        if (
            names & {"MIDDLEWARE", "MIDDLEWARES"}
            and isinstance(entry, ast.Constant)
            and isinstance(entry.value, str)
        ):
            yield entry


LOSE_REGISTRATION = Operator(
    key="W1",
    name="drop-registration",
    summary="a route, a middleware or an error handler is no longer registered",
    consequence="after a refactoring users get a 404, a page without its protection, or a bare error",
    noticed_by="a test that makes the request through the application as it is deployed, instead of calling the function",
    weight=5,
    seed=lose_registration,
    first_rank=True,
)
