"""The functions that run when a service starts and stops."""

import ast
import re
from collections.abc import Iterator

from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_NAMED = re.compile(
    r"(?:^|_)(?:lifespan|on_?start_?up|on_?shut_?down|startup|shutdown|start_up|shut_down)(?:_|$)"
)
_DECORATORS = frozenset({"on_event", "before_serving", "after_serving", "before_first_request", "on_startup", "on_shutdown",
                         "before_server_start", "after_server_stop", "listener", "while_serving"})  # fmt: skip
_LISTS = frozenset({"on_startup", "on_shutdown", "on_cleanup", "cleanup_ctx"})
_STOPS = re.compile(r"shut|stop|clean|after")
_REGISTERS = frozenset({"add_event_handler", "add_startup_handler", "register_listener"})


def startups(source: Source) -> Iterator[tuple[list[ast.stmt], bool]]:
    """Blocks of statements of such functions, each with whether it stands behind the service's running."""
    named = _registered(source)
    for function in source.functions():
        if function.name in named or _is_startup(source, function):
            pause = _pause(function)
            for block in _blocks(function.body):
                after = block[0].lineno > pause if pause else bool(_STOPS.search(function.name))
                yield block, after


def is_before_service(source: Source, node: ast.AST) -> bool:
    """Whether a node runs before the service does, when nobody is served yet: in its start-up, or in what that alone awaits."""
    return _is_before(source, node, _registered(source), frozenset())


def _is_before(source: Source, node: ast.AST, named: set[str], asked: frozenset[str]) -> bool:
    function = source.function(node)
    if function is None or function.name in asked:
        return False
    if function.name in named or _is_startup(source, function):
        pause = _pause(function)
        return getattr(node, "lineno", 0) < pause if pause else not _STOPS.search(function.name)
    uses = [each for each in source.nodes(ast.Name) if each.id == function.name]
    return bool(uses) and all(
        _is_awaited(source, each) and _is_before(source, each, named, asked | {function.name})
        for each in uses
    )


def _is_awaited(source: Source, name: ast.Name) -> bool:
    """`await f(…)`: not a task, which goes on."""
    call = source.parent(name)
    return isinstance(call, ast.Call) and call.func is name and isinstance(source.parent(call), ast.Await)


def _is_startup(source: Source, function: Function) -> bool:
    if any(last_name(decorator) in _DECORATORS for decorator in function.decorator_list):
        return True
    above = source.parent(function)
    if isinstance(above, ast.ClassDef):
        return function.name == "ready" and any(last_name(base) == "AppConfig" for base in above.bases)
    return bool(_NAMED.search(function.name)) and source.function(function) is None


def _registered(source: Source) -> set[str]:
    """Names of functions handed over as `lifespan=`, in `on_startup=[…]`, by `app.on_startup.append(…)`."""
    found: set[str] = set()
    for call in source.calls():
        given = [each.value for each in call.keywords if each.arg in (*_LISTS, "lifespan")]
        match call.func:
            case ast.Attribute(attr="append", value=ast.Attribute(attr=name)) if name in _LISTS:
                given += call.args
            case ast.Attribute(attr=name) if name in _REGISTERS:
                given += call.args
        for each in given:
            parts = each.elts if isinstance(each, ast.List | ast.Tuple) else [each]
            found.update(part.id for part in parts if isinstance(part, ast.Name))
    return found


def _pause(function: Function) -> int:
    """The line of the `yield` at which the service runs; 0 where there is none."""
    return next((node.lineno for node in blocks.own(function.body) if isinstance(node, ast.Yield)), 0)


def _blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """A body and the blocks in it, each split where the service runs."""
    part: list[ast.stmt] = []
    for statement in body:
        if any(isinstance(node, ast.Yield) for node in blocks.own([statement])):
            if part:
                yield part
            part = []
        else:
            part.append(statement)
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for inner in _inside(statement):
                yield from _blocks(inner)
    if part:
        yield part


def _inside(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        inner = getattr(statement, name, None)
        if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
            yield inner
