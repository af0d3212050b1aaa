"""Branches that no call of the product chooses: `if backend == "consul":` or `if titled:`, and all leave it as it is."""

from collections.abc import Iterator

from greenroom.detect.never_given import is_never_given
from greenroom.detect.search import mentioning, words
from greenroom.detect.to_try import is_to_try
from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, Parameter, Statement, constant
from greenroom.project.code.mentions import deep
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_CALLS = ("call", "construct")
_LIVE = (FileKind.PRODUCTION, FileKind.SCRIPT)
_FARTHEST = 3
_OFF = ((facts.CONSTANT, False), (facts.CONSTANT, None))


def is_never_chosen(project: Project, scope: Scope, block: int) -> bool:
    """Whether it stands under `if parameter == "text":`, and no call in production is known to give this text.

    So it does under `if parameter:` where all give `False` or nothing, and where the function says so itself above.
    """
    return any(
        not any(given) if text is None else text not in given
        for name, text, where in _asked(scope, block)
        if (given := _said_above(scope, name, where) or _given(project, scope, name, 0)) is not None
    )


def is_left_alone(project: Project, scope: Scope, line: int) -> bool:
    """Whether a line stands on such a branch, or in a function that is called on such branches alone."""
    blocks = scope.body.blocks
    around = [number for number, block in enumerate(blocks) if block.line <= line <= block.end_line]
    innermost = max(around, key=lambda number: (blocks[number].line, number), default=-1)
    return (
        is_never_chosen(project, scope, innermost)
        or is_never_given(project, scope, innermost)
        or is_never_called(project, scope)
    )


def is_never_called(project: Project, scope: Scope, depth: int = 0) -> bool:
    """Whether all calls of it in production stand on such a branch, or in a function of which that is so."""
    edges = _callers(project, scope)
    return bool(edges) and depth <= _FARTHEST and all(
        edge.how in _CALLS and edge.call >= 0 and edge.caller is not scope
        and (
            is_never_chosen(project, edge.caller, edge.caller.body.calls[edge.call].block)
            or is_never_called(project, edge.caller, depth + 1)
        )
        for edge in edges
    )  # fmt: skip


def _callers(project: Project, scope: Scope) -> list[Edge]:
    """None where an entry is: who comes by that is not known; what a file calls under `__main__` is known."""
    entry = project.entries.entry(scope)
    if entry is not None and entry.scope is scope and (entry.reach is not Reach.SCRIPT or scope.decorators):
        return []
    return [
        edge
        for edge in project.graph.callers(scope)
        if edge.caller.module.kind in _LIVE and not is_to_try(edge.caller.path)
    ]


def _said_above(scope: Scope, name: str, block: int) -> set[object] | None:
    """What `streaming = False` says, set last and on every way to the block; None where that is not so."""
    sets = _assignments(scope, name)
    if not sets:
        return None
    last = max(sets, key=lambda part: part.line)
    above = last.block in _indices(scope, block)[1:] and last.line < scope.body.blocks[block].line
    return {constant(last.value)} if above and last.kind == "assign" and last.value in _OFF else None


def _assignments(scope: Scope, name: str) -> list[Statement]:
    return [
        part
        for part in scope.body.statements
        if (part.kind == "assign" and name in part.target)
        or (part.kind in ("annotate", "augment") and part.target == name)
    ]


def _indices(scope: Scope, block: int) -> list[int]:
    """The block and all around it, innermost first."""
    found = []
    while block >= 0:
        found.append(block)
        block = scope.body.blocks[block].parent
    return found


def _asked(scope: Scope, block: int) -> Iterator[tuple[str, str | None, int]]:
    """The names that are asked around it, with the text that each must be (None: anything will do), and the block."""
    for number in _indices(scope, block):
        found = scope.body.blocks[number]
        test = found.detail
        if found.kind != "if":
            continue
        if isinstance(test, str):
            yield test, None, number
        if isinstance(test, tuple) and test[:2] == (facts.COMPARE, ("==",)):
            name, text = test[2][0], constant(test[2][1])
            if isinstance(name, str) and isinstance(text, str):
                yield name, text, number


def _given(project: Project, scope: Scope, name: str, depth: int) -> set[object] | None:
    """What the callers give for a parameter, its default where they give nothing; None where one is not known."""
    parameters = [part for part in scope.facts.parameters if part.kind in ("positional", "keyword")]
    wanted = next((part for part in parameters if part.name == name), None)
    edges = _callers(project, scope)
    if wanted is None or not edges or depth > _FARTHEST:
        return None
    place = [part.name for part in parameters if part.name not in ("self", "cls")].index(name)
    if _may_be_given_unseen(project, scope, edges, (wanted, place)):
        return None
    found: set[object] = set()
    for edge in edges:
        values = _of_call(project, edge, wanted, place, depth)
        if values is None:
            return None
        found |= values
    return (
        None if any(_sets_another(scope, part, name, found) for part in _assignments(scope, name)) else found
    )


def _sets_another(scope: Scope, part: Statement, name: str, given: set[object]) -> bool:
    """Neither `flag = bool(flag)` nor, where nobody gives None, what `if flag is None:` puts in its place."""
    if any(
        value == name or (isinstance(value, str) and value.startswith(f"{name}."))
        for value in deep(scope.body, part.value)
    ):
        return False
    asked = [scope.body.blocks[number] for number in _indices(scope, part.block)]
    return None in given or not any(
        block.kind == "if" and block.detail == (facts.COMPARE, ("is",), (name, (facts.CONSTANT, None)))
        for block in asked
    )


def _may_be_given_unseen(
    project: Project, scope: Scope, edges: list[Edge], asked: tuple[Parameter, int]
) -> bool:
    """Whether a method of this name is called, with this parameter, on something of which nobody knows what it is."""
    if scope.owner is None:
        return False
    known = {(edge.caller, edge.call) for edge in edges}
    return any(
        facts.last_name(call.callee) == scope.name
        and (user, number) not in known
        and _gives(call, *asked)
        and not _goes_elsewhere(project, user, number)
        for user in mentioning(project.production(), words(scope.name))
        for number, call in enumerate(user.body.calls)
    )


def _gives(call: Call, wanted: Parameter, place: int) -> bool:
    """Whether a call gives a parameter a value, or may: who leaves it out leaves it as it is, whatever he calls."""
    return (
        wanted.default is None
        or len(call.arguments) > place
        or any(not name or name == wanted.name for name, _ in call.keywords)
        or any(_is_spread(value) for value in call.arguments)
    )


def _goes_elsewhere(project: Project, user: Scope, call: int) -> bool:
    return any(edge.call == call for edge in project.graph.edges(user))


def _of_call(project: Project, edge: Edge, wanted: Parameter, place: int, depth: int) -> set[object] | None:
    if edge.how not in _CALLS or edge.call < 0:
        return None
    call = edge.caller.body.calls[edge.call]
    if any(not name for name, _ in call.keywords) or any(_is_spread(value) for value in call.arguments):
        return None
    value: Expression = dict(call.keywords).get(wanted.name, wanted.default)
    if wanted.kind == "positional" and place < len(call.arguments):
        value = call.arguments[place]
    text = constant(value)
    if text is not None or facts.is_none(value):
        return {text}
    return _given(project, edge.caller, value, depth + 1) if isinstance(value, str) else None


def _is_spread(value: Expression) -> bool:
    return isinstance(value, tuple) and value[0] == facts.STAR
