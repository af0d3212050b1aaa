"""Tasks that the start of the process begins, and that come to an end."""

import re

from greenroom.model.finding import Reach
from greenroom.project.calls.edge import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Body
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_AT_THE_START = (Reach.LIFESPAN, Reach.PROJECT)
_BEGINS = {"Thread", "Process", "create_task", "ensure_future"}
_GOES_ON = re.compile(
    r"listen|subscri|consum|watch|stream|events|messages|poll|recv|receive|follow|tail", re.IGNORECASE
)


def is_run_once(project: Project, scope: Scope) -> bool:
    """Whether a thread or task that only the start begins leads here, with no loop on the way that goes on and on."""
    entry, way = project.entries.entry(scope), project.entries.path(scope)
    if entry is None:
        return False
    starts = [edge for edge in project.graph.callers(entry.scope) if edge.caller is not entry.scope]
    once = bool(starts) and all(
        project.entries.reach(edge.caller) in _AT_THE_START and _begins(edge) for edge in starts
    )
    return once and not any(_goes_on(part.body) for part in {scope, *(edge.caller for edge in way)})


def _begins(edge: Edge) -> bool:
    """`Thread(target=work)`, `create_task(work())`: begun once, not handed to a clock."""
    return any(
        facts.last_name(call.callee) in _BEGINS and call.line <= edge.line <= call.end_line
        for call in edge.caller.body.calls
    )


def _goes_on(body: Body) -> bool:
    return any(
        block.kind in ("while", "async-for") or (block.kind == "for" and _is_fed(body, block))
        for block in body.blocks
    )


def _is_fed(body: Body, block: Block) -> bool:
    """`for message in pubsub.listen():`."""
    names = (
        facts.spell(body.calls[part].callee, body.calls) if type(part) is int else part
        for part in facts.walk(block.detail[1])
    )
    return any(isinstance(name, str) and _GOES_ON.search(name) is not None for name in names)
