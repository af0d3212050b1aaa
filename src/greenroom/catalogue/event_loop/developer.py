"""What runs only while a developer works on the program, or measures it."""

import re

from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import EITHER, Body, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_SWITCH = re.compile(
    r"(?:^|_)(?:debug|dev|development|test|tests|testing|profiler|profiling|local_dev)(?:_(?:mode|enabled|env|environment|server))?$",
    re.IGNORECASE,
)
_FOR_TESTS = re.compile(r"#.*\b(?:for|in|by) (?:the |unit |our )?tests?\b", re.IGNORECASE)
_SHOWS = frozenset({"test", "tests", "demo", "example"})
_DEBUG_ROUTE = re.compile(r"/_?debug(?:[-_/`]|[A-Z])")
"""A path that says so itself: `/debug/reset`, `/debugResetDb`."""
_PROFILER = re.compile(r"(?i)emulator|profil(?:er|ing)(?![a-z])|profil(?:er|ing)(?=[A-Z_])")


def is_for_developers(project: Project, hops: tuple[Edge, ...]) -> bool:
    """Whether the way goes through `if DEV_MODE:` or a branch for tests, or begins in a profiler, an emulator or a route for debugging."""
    entry = project.entries.entry(hops[0].caller)
    if entry is not None and _DEBUG_ROUTE.search(entry.label):
        return True
    return any(
        _is_switched(edge)
        or _is_profiler(edge.caller)
        or _is_defined_under_switch(edge.caller)
        or is_demonstration(edge.caller)
        for edge in hops
    ) or _is_said_to_be_for_tests(project, hops[-1])


def is_demonstration(scope: Scope) -> bool:
    """`def test():` in a file of the product, which shows how it is used."""
    return scope.qualname.partition(".")[0] in _SHOWS


def _is_said_to_be_for_tests(project: Project, leaf: Edge) -> bool:
    """A comment right above the call, or beside it: `# needed for tests`."""
    lines = project.inventory.read_text(leaf.caller.path).split("\n")
    at = leaf.line - 1
    said = [lines[at]] if at < len(lines) else []
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
        said.append(lines[at])
    return any(map(_FOR_TESTS.search, said))


def _is_defined_under_switch(scope: Scope) -> bool:
    """A route that exists under `if CONFIG.DEV:` alone."""
    outer = scope.parent
    return outer is not None and any(
        part.kind == "def" and part.target == scope.index and _is_under_switch(outer.body, part.block)
        for part in outer.body.statements
    )


def _is_profiler(scope: Scope) -> bool:
    return _PROFILER.search(f"{scope.path} {scope.qualname}") is not None


def _is_switched(edge: Edge) -> bool:
    """Whether the call stands under a switch, or the function around it is made under one."""
    body = edge.caller.body
    block = body.calls[edge.call].block if edge.call >= 0 else -1
    return _is_under_switch(body, block)


def _is_under_switch(body: Body, block: int) -> bool:
    while block >= 0:
        found = body.blocks[block]
        if found.kind == "if" and _asks(found.detail):
            return True
        block = found.parent
    return False


def _asks(test: Expression) -> bool:
    """`DEV_MODE`, `settings.DEBUG`, also with `and`, or `or` where all say so; not `not DEBUG`."""
    if isinstance(test, str):
        return _SWITCH.search(facts.last_name(test)) is not None
    if isinstance(test, tuple) and test[0] == EITHER and test[1] in ("and", "or"):
        return (any if test[1] == "and" else all)(_asks(part) for part in test[2])
    return False
