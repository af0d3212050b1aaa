"""Failures of dependencies that tests meet by the errors which the product makes of them; shared by the entries of this family."""

from collections.abc import Iterator

from greenroom.model.integration_point import IntegrationPoint
from greenroom.project.code.facts import COMPARE, Expression, constant, last_name
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project

_EXPECTS = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
_RAISED_BY_ALL = frozenset(
    {"Exception", "RuntimeError", "ValueError", "TypeError", "KeyError", "HTTPException"}
)
"""What an argument may be refused by, too."""
_LOWEST_SERVER_ERROR = 500
_NEAR = 2
"""Lines below a call in which its answer is asked."""


def expects_server_error(scope: Scope) -> bool:
    """`with patch("shop.geo.session.get") …: assert response.status_code == 500`: the double has answered with nonsense."""
    return "patch" in {last_name(name) for name in scope.facts.called} | _patches(scope) and any(
        part.kind == "assert"
        and isinstance(part.value, tuple)
        and part.value[0] == COMPARE
        and part.value[1] == ("==",)
        and any(last_name(side) == "status_code" for side in part.value[2])
        and any(_is_server_error(constant(side)) for side in part.value[2])
        for part in scope.body.statements
    )


def _patches(scope: Scope) -> set[str]:
    """`patch` where it is a decorator."""
    calls = scope.parent.body.calls if scope.parent is not None else ()
    return {last_name(calls[part].callee) for part in scope.decorators if isinstance(part, int)}


def _is_server_error(value: object) -> bool:
    return isinstance(value, int) and _LOWEST_SERVER_ERROR <= value < 600


def expected_errors(test: Module) -> frozenset[str]:
    """The last names of the exceptions that a file of tests expects."""
    return frozenset(
        last_name(call.arguments[0])
        for scope in test.scopes
        if not _EXPECTS.isdisjoint(scope.facts.called)
        for call in scope.body.calls
        if last_name(call.callee) in _EXPECTS and call.arguments and isinstance(call.arguments[0], str)
    )


def errors_made_of_it(project: Project, point: IntegrationPoint) -> dict[str, set[str]]:
    """By file: what is raised where a call to it has failed, or has answered no."""
    found: dict[str, set[str]] = {}
    for place in point.sites:
        module = project.modules.get(place.path)
        for scope in module.scopes if module is not None else ():
            if scope.is_function and scope.line <= place.line <= scope.end_line:
                made = {*_raised_behind(scope, place.line), *_raised_if_not(scope, place.line)}
                found.setdefault(place.path, set()).update(made - _RAISED_BY_ALL)
    return found


def _raised_behind(scope: Scope, line: int) -> Iterator[str]:
    """The last names of what the handlers around a line of this function raise."""
    flow = Flow(scope.body)
    blocks = {call.block for call in scope.body.calls if call.line == line}
    handlers = [
        number
        for index, block in enumerate(scope.body.blocks)
        if block.kind == "try" and any(flow.inside(inner, index) for inner in blocks)
        for number, _ in flow.handlers(index)
    ]
    for part in scope.body.statements if handlers else ():
        if part.kind == "raise" and any(flow.inside(part.block, number) for number in handlers):
            yield from _name_of(scope, part.value)


def _raised_if_not(scope: Scope, line: int) -> Iterator[str]:
    """`if not await self.client.ping(): raise Unavailable`, in one line or below it."""
    flow = Flow(scope.body)
    for number, block in enumerate(scope.body.blocks):
        if block.kind != "if" or not line <= block.line <= line + _NEAR:
            continue
        for part in scope.body.statements:
            if part.kind == "raise" and flow.inside(part.block, number):
                yield from _name_of(scope, part.value)


def _name_of(scope: Scope, value: Expression) -> Iterator[str]:
    spelled = scope.body.calls[value].callee if isinstance(value, int) else value
    if isinstance(spelled, str):
        yield last_name(spelled)
