"""Work that sleeps, and then changes only what the process remembers."""

from typing import Final

from greenroom.catalogue.errors.handlers import is_logging
from greenroom.catalogue.event_loop.first_step import WAITS, awaits_object
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_TAKES_OUT: Final = frozenset({"pop", "popitem", "discard", "remove", "clear"})
_READS: Final = frozenset({"get", "items", "keys", "values"})
_PLAIN: Final = frozenset({"len", "str", "int", "float", "bool", "list", "isinstance", "print"})


def is_sleep(call: Call) -> bool:
    """`asyncio.sleep(5)`, or a wrapper of that name."""
    return facts.last_name(call.callee).lstrip("_") == "sleep"


def tidies_memory_later(project: Project, work: Scope) -> bool:
    """`await asyncio.sleep(5)`, then `del self.locks[key]`: a timer holds the task, and with the process its result is gone too."""
    body = work.body
    waits = [call for call in body.calls if call.usage & WAITS]
    if not waits or work.decorators or work.facts.is_generator or not all(map(is_sleep, waits)):
        return False
    if any(block.kind.startswith("async-") for block in body.blocks):
        return False
    if any(
        part.kind == "raise" or any(map(awaits_object, facts.walk(part.value))) for part in body.statements
    ):
        return False
    quiet = all(is_sleep(call) or is_logging(call) or _stays_in_memory(call.callee) for call in body.calls)
    return (
        quiet
        and _changes_memory(work)
        and not any(
            edge.effect is not None and edge.effect.touches not in ("nothing", "sleep", "terminal")
            for edge in project.graph.edges(work)
        )
    )


def _changes_memory(work: Scope) -> bool:
    """What does nothing but sleep stands for work that is still to be written."""
    return any(
        part.kind == "delete" or (part.kind == "assign" and not all(map(_is_local, part.target)))
        for part in work.body.statements
    ) or any(facts.last_name(call.callee) in _TAKES_OUT for call in work.body.calls)


def _is_local(target: Expression) -> bool:
    return isinstance(target, str) and "." not in target


def _stays_in_memory(callee: Expression) -> bool:
    if not isinstance(callee, str):
        return False
    return callee in _PLAIN or ("." in callee and facts.last_name(callee) in _TAKES_OUT | _READS)
