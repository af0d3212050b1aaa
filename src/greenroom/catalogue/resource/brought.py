"""What each request, frame or message brings along, and is kept as it came."""

from collections.abc import Iterator

from greenroom.catalogue.resource.changes import Growth
from greenroom.model.finding import Reach
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.project import Project

_FOR_EACH = (Reach.ROUTE, Reach.SOCKET, Reach.WORKER)
_FROM_THE_START = (Reach.LIFESPAN, Reach.TASK, Reach.SCRIPT)
_OWN = ("request", "flask.request", "self.channel_name", "self.scope", "self.request")
_DEEPEST = 4


def is_brought(project: Project, growth: Growth) -> bool:
    """Whether the handler itself adds what the client sent, without a condition around it."""
    scope = growth.scope
    entry = project.entries.entry(scope)
    if not growth.certain or growth.given is None or entry is None:
        return False
    if any(block.kind in ("if", "else", "except", "case") for block in _around(scope.body, growth.line)):
        return False
    sources = _fed(scope.body, growth.line)
    if entry.reach in _FOR_EACH and entry.scope is scope:
        sources |= {part.name for part in scope.parameters if _is_sent(part)}
    elif not (sources and entry.reach in _FROM_THE_START):
        return False
    return any(_is_from(scope.body, part, sources, 0) for part in _names(scope.body, growth.given))


def keeps_coming(project: Project, growth: Growth) -> bool:
    """Whether a stream feeds it from the start on, or the deployment starts a program that goes round on the way here."""
    scope = growth.scope
    entry = project.entries.entry(scope)
    if entry is not None and entry.reach in (Reach.LIFESPAN, Reach.TASK) and _fed(scope.body, growth.line):
        return True
    if entry is None or entry.reach is not Reach.SCRIPT:
        return False
    way = project.entries.path(scope)
    rounds = bool(_fed(scope.body, growth.line)) or any(
        edge.call >= 0 and _is_endless(edge.caller.body, edge.caller.body.calls[edge.call].block)
        for edge in way
    )
    started = project.processes
    return rounds and any(process.module is entry.scope.module for process in started)


def _is_endless(body: Body, block: int) -> bool:
    """`while True:`, `async for message in consumer:`."""
    return any(
        loop.kind == "async-for" or (loop.kind == "while" and facts.constant(loop.detail) in (True, 1))
        for _, loop in Flow(body).loops(block)
    )


def _is_sent(parameter: facts.Parameter) -> bool:
    """Not `self`, nor what the framework provides: `db: Session = Depends(get_db)`."""
    provided = isinstance(parameter.default, int) or (
        isinstance(parameter.annotation, tuple) and "Depends" in repr(parameter.annotation)
    )
    return parameter.name not in ("self", "cls", "app", "db", "session") and not provided


def _around(body: Body, line: int) -> Iterator[facts.Block]:
    """The blocks around a line, but for the body itself."""
    return (part for part in body.blocks[1:] if part.line <= line <= part.end_line)


def _fed(body: Body, line: int) -> set[str]:
    """The variables of `async for message in socket:` around a line."""
    return {
        name
        for part in _around(body, line)
        if part.kind == "async-for"
        for name in facts.walk(part.detail[0])
        if isinstance(name, str)
    }


def _names(body: Body, expression: Expression) -> Iterator[str]:
    """All names of an expression, those that its calls are given and are called on included."""
    for part in facts.walk(expression):
        if isinstance(part, str):
            yield part
        elif type(part) is int:
            call = body.calls[part]
            for inner in (call.callee, *call.arguments, *(value for _, value in call.keywords)):
                yield from _names(body, inner)


def _is_from(body: Body, name: str, sources: set[str], depth: int) -> bool:
    """Whether a name is of the request, or was made of what is."""
    if name.partition(".")[0] in sources or name.startswith(_OWN):
        return True
    if depth > _DEEPEST:
        return False
    return any(
        _is_from(body, part, sources, depth + 1)
        for statement in body.statements
        if statement.kind in ("assign", "annotate")
        and name.partition(".")[0]
        in (
            inner
            for target in (statement.target if statement.kind == "assign" else (statement.target,))
            for inner in facts.walk(target)
        )
        for part in _names(body, statement.value)
    )
