"""Work of a task that is over in one step of the loop, or that a thread does: neither is held weakly."""

import re
from typing import Final

from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Call, Expression, Statement
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

WAITS: Final = facts.AWAITED | facts.ENTERED_ASYNC | facts.ITERATED_ASYNC
IN_THREAD: Final = frozenset({"to_thread", "run_in_executor", "run_in_threadpool", "run_sync"})
_LOCK: Final = re.compile(r"(?:^|[._])lock$", re.IGNORECASE)
_QUEUE: Final = re.compile(r"(?:^|\.)(?:Queue|LifoQueue|PriorityQueue)$")
_DEEPEST: Final = 4
_OFTEN: Final = 2


def ends_in_first_step(project: Project, work: Scope) -> bool:
    """It waits for an asyncio.Lock at most, whose holders wait for nothing, or for such functions: no step is left over."""
    return _pauses(project, work, 0) == 0


def is_one_call_in_thread(project: Project, work: Scope) -> bool:
    """All that it waits for is one call in a thread, which holds who waits for it, and goes on whatever becomes of the task."""
    return _pauses(project, work, 0) == 1


def _pauses(project: Project, work: Scope, deep: int) -> int:
    """How often it waits for a thread; `_OFTEN` where it waits for something else, or again and again."""
    if work.decorators or work.facts.is_generator or deep > _DEEPEST or not _enters_locks_only(project, work):
        return _OFTEN
    flow, found = Flow(work.body), 0
    for index, call in enumerate(work.body.calls):
        if call.usage & WAITS and not _puts_without_bound(work, call):
            in_loop = any(True for _ in flow.loops(call.block))
            pauses = _pauses_of(project, work, index, deep)
            found += pauses * _OFTEN if in_loop else pauses
    return min(found, _OFTEN)


def _pauses_of(project: Project, work: Scope, index: int, deep: int) -> int:
    if facts.last_name(work.body.calls[index].callee) in IN_THREAD:
        return 1
    runs = [edge.target for edge in project.graph.edges(work) if edge.call == index and edge.how == "call"]
    return max(
        (
            _pauses(project, run, deep + 1) if run is not None and run.is_async else _OFTEN
            for run in runs
        ),
        default=_OFTEN,
    )  # fmt: skip


def _puts_without_bound(work: Scope, call: Call) -> bool:
    """`await self.queue.put(event)`, where the file makes the queue without a bound: it never waits for room."""
    if not isinstance(call.callee, str) or facts.last_name(call.callee) != "put":
        return False
    name = facts.last_name(call.callee.rpartition(".")[0])
    made = [
        part.body.calls[statement.value]
        for part in work.module.scopes
        for statement in part.body.statements
        if statement.kind in ("assign", "annotate")
        and type(statement.value) is int
        and name in map(facts.last_name, _targets(statement))
    ]
    return bool(made) and all(
        isinstance(maker.callee, str)
        and bool(_QUEUE.search(maker.callee))
        and not maker.arguments
        and not maker.keywords
        for maker in made
    )


def _targets(statement: Statement) -> list[str]:
    targets = statement.target if statement.kind == "assign" else (statement.target,)
    return [part for part in targets if isinstance(part, str)]


def _enters_locks_only(project: Project, work: Scope) -> bool:
    """Whether nothing else is entered or awaited as an object, and who holds a lock of its file calls nothing that waits."""
    if _awaits_objects(work) or not all(map(_enters_lock, _entered(work))):
        return False
    if not _entered(work):
        return True
    return "asyncio.Lock(" in project.inventory.read_text(work.path) and not any(
        call.usage & WAITS and any(_enters_lock(block) for block in part.body.enclosing(call.block))
        for part in work.module.scopes
        for call in part.body.calls
    )


def _entered(work: Scope) -> list[Block]:
    return [block for block in work.body.blocks if block.kind in ("async-with", "async-for")]


def _enters_lock(block: Block) -> bool:
    return block.kind == "async-with" and all(
        isinstance(entered, str) and bool(_LOCK.search(entered)) for entered, _ in block.detail
    )


def _awaits_objects(work: Scope) -> bool:
    written = [part.value for part in work.body.statements]
    written += [block.detail for block in work.body.blocks if block.kind in ("if", "while")]
    return any(awaits_object(part) for each in written for part in facts.walk(each))


def awaits_object(part: Expression) -> bool:
    """`await future`, which may be anything."""
    return isinstance(part, tuple) and part[0] == facts.AWAIT and type(part[1]) is not int
