"""Clients on which somebody else decides: a class method that makes anew, a worker of RQ that sets its own limit."""

from typing import Final

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.detect.search import mentions, words
from greenroom.project.calls.switched import handed_over
from greenroom.project.code import facts
from greenroom.project.code.facts import Call
from greenroom.project.code.mentions import expressions
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.libraries.defaults import Defaults, default_limit

_CLASS_METHODS: Final = frozenset({"from_url", "from_pool"})
_WORKERS: Final = frozenset({"Worker", "SimpleWorker"})
_OF_WORKERS: Final[Defaults] = ((">=1.13", 415.0), ("*", "none"))
"""`Worker._set_connection`: ten seconds beyond the time for which it waits for work."""


def is_decided_elsewhere(crossing: Crossing) -> bool:
    """Whether what is built here is dropped for another, or is given its limit by who gets it."""
    return _is_class_only(crossing) or _is_of_a_worker(crossing) or _is_stand_in(crossing)


def _is_class_only(crossing: Crossing) -> bool:
    """`ConnectionPool(…).from_url(…, socket_timeout=5)`: the pool that was made first is used by nobody."""
    limiting = {*crossing.limit.arguments, ""}  # `**options` may hold one
    own = crossing.edge.call
    return any(
        isinstance(call.callee, tuple)
        and call.callee[:2] == (facts.ATTRIBUTE, own)
        and call.callee[2] in _CLASS_METHODS
        and any(name in limiting and not facts.is_none(value) for name, value in call.keywords)
        for call in crossing.scope.body.calls
    )


def _is_stand_in(crossing: Crossing) -> bool:
    """`client or Redis.from_url(url)`, where all of the product's own calls hand over a client."""
    scope, own = crossing.scope, crossing.edge.call
    given = [
        part[2][0]
        for expression in expressions(scope.body)
        for part in facts.walk(expression)
        if type(part) is tuple and part[:2] == (facts.EITHER, "or") and part[2][-1] == own
    ]
    name = given[0] if len(given) == 1 else None
    if not isinstance(name, str) or name not in {part.name for part in scope.parameters}:
        return False
    project = crossing.project
    edges = [edge for edge in project.graph.callers(scope) if edge.caller.module.kind is FileKind.PRODUCTION]
    return bool(edges) and all(
        edge.call >= 0
        and project.inference.expression(
            edge.caller, handed_over(scope, edge.caller.body.calls[edge.call], name)
        )
        for edge in edges
    )


def _is_of_a_worker(crossing: Crossing) -> bool:
    """`Worker(queues, connection=connection)` of RQ, where nothing else gets the connection."""
    scope, body = crossing.scope, crossing.scope.body
    made = [part for part in body.statements if part.kind == "assign" and part.value == crossing.edge.call]
    names = [name for part in made for name in part.target]
    if crossing.effect.distribution != "redis" or len(names) != 1 or not isinstance(names[0], str):
        return False
    name = names[0]
    if not name.isidentifier() or not scope.is_function or _is_known_below(scope, name):
        return False
    users = [call for call in body.calls if _has(name, call)]
    kept = [part for part in body.statements if part not in made and name in _names(part.value)]
    return bool(users) and not kept and all(_is_worker(crossing, call) for call in users)


def _is_known_below(scope: Scope, name: str) -> bool:
    return any(mentions(child, words(name)) for child in scope.children)


def _has(name: str, call: Call) -> bool:
    given = (call.callee, *call.arguments, *(value for _, value in call.keywords))
    return any(part == name or part.startswith(f"{name}.") for value in given for part in _names(value))


def _names(value: facts.Expression) -> list[str]:
    return [part for part in facts.walk(value) if isinstance(part, str)]


def _is_worker(crossing: Crossing, call: Call) -> bool:
    """Whether it makes a worker, in a version of RQ that looks after the connection of its workers."""
    manifest = crossing.project.manifest.near(crossing.scope.path)
    limit = default_limit(_OF_WORKERS, manifest.versions.get("rq", ""), manifest.specifiers.get("rq", ""))
    return (
        limit.value != "none"
        and facts.last_name(call.callee) in _WORKERS
        and any(
            (part.module or part.name or "").partition(".")[0] == "rq"
            for part in crossing.scope.module.imports
        )
    )
