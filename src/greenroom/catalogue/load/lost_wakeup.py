"""Operator: whoever waits for a future, an event or a condition is not woken."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_OF_FUTURES = frozenset({"set_result", "set_exception"})
_OF_CONDITIONS = frozenset({"notify", "notify_all"})
_WAITS = frozenset({"wait", "wait_for"})
_EVENTS = frozenset({"asyncio.Event", "anyio.Event", "trio.Event", "threading.Event", "multiprocessing.Event", "asyncio.locks.Event"})  # fmt: skip
_CONDITIONS = frozenset({"asyncio.Condition", "anyio.Condition", "trio.Condition", "threading.Condition"})
_EVENT_WORD = re.compile(r"(?:^|_)(?:event|evt)$", re.IGNORECASE)
_CONDITION_WORD = re.compile(r"(?:^|_)cond(?:ition)?$", re.IGNORECASE)
_QUEUE_WORD = re.compile(r"(?:^|_)(?:queue|jobs|inbox|backlog)$", re.IGNORECASE)


def lose_wakeup(source: Source) -> Iterator[Rewrite]:
    """`future.set_result(…)`, `event.set()`, `condition.notify()` and `queue.task_done()` go."""
    for statement, call in call_statements(source):
        if source.function(statement) is not None and _wakes(source, call):
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement, "pass"),),
                note=f"whoever waits is not woken by `{source.head(call.func)}`",
            )


def _wakes(source: Source, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    action, owner = call.func.attr, call.func.value
    name, word = source.names.of(owner), last_name(owner)
    if action in _OF_FUTURES:
        return len(call.args) == 1
    if action == "set" and not call.args and not call.keywords:
        return name in _EVENTS or bool(_EVENT_WORD.search(word))
    if action in _OF_CONDITIONS:
        return (name in _CONDITIONS or bool(_CONDITION_WORD.search(word))) and not _only_itself_waits(
            source, call, word
        )
    if action == "task_done":
        return name.endswith("Queue") or bool(_QUEUE_WORD.search(word))
    return False


def _only_itself_waits(source: Source, notified: ast.Call, word: str) -> bool:
    """Whether nobody in the file waits for the condition but the function that notifies: it does not sleep then."""
    own = source.function(notified)
    waiting = {
        source.function(call)
        for call in source.nodes(ast.Call)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in _WAITS
        and last_name(call.func.value) == word
    }
    return waiting == {own}


LOST_WAKEUP = Operator(
    key="A11",
    name="lost-wakeup",
    summary="whoever waits for a result, an event or a condition is not woken",
    consequence="a request waits for an answer that is there, until somebody's patience or a time limit ends",
    noticed_by="a test that waits for what is announced, also after a failure, with a time limit of its own",
    weight=4,
    seed=lose_wakeup,
    symptom=Symptom.HANG,
)
