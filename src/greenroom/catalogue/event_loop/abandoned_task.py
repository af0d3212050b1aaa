"""Operators: tasks that are not held, not cancelled, or not protected from a cancellation."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate import blocks
from greenroom.mutate.expressions import call_statements, keyword, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_TASKS = ("asyncio.create_task", "asyncio.ensure_future", "asyncio.Task", "asyncio.Future", "asyncio.tasks.Task",
          "asyncio.get_event_loop.create_task", "asyncio.get_running_loop.create_task")  # fmt: skip
_TASK_WORD = re.compile(
    r"task|(?:^|_)(?:fut|futures?|coro|poller|watcher|heartbeat|listener)s?$", re.IGNORECASE
)
_MEASURES = frozenset({"observe", "inc", "labels", "timing", "gauge", "incr"})
_HOLDS = frozenset({"add", "append"})
_LETS_GO = frozenset({"add", "append", "discard", "remove", "pop"})


def orphan_task(source: Source) -> Iterator[Rewrite]:
    """`tasks.add(task)` goes, or the callback that looks at how a task ended."""
    for statement, call in call_statements(source):
        if not isinstance(call.func, ast.Attribute) or len(call.args) != 1:
            continue
        action, given = call.func.attr, call.args[0]
        if action in _HOLDS and _is_new_task(source, given) and _is_used(source, call.func.value):
            note = f"`{source.code(call.func.value)}` does not hold the task"
        elif action == "add_done_callback" and _is_own(source, given):
            note = f"nobody calls `{source.code(given)}` when the task ends"
        else:
            continue
        yield Rewrite(node=statement, edits=(source.replaced(statement, "pass"),), note=note)


def drop_cancel(source: Source) -> Iterator[Rewrite]:
    """`task.cancel()` goes: the work goes on."""
    if not source.names.has("asyncio", "anyio", "trio"):
        return
    for statement, call in call_statements(source):
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "cancel"
            and _is_task(source, call.func.value)
        ):
            if _is_over(source, statement, call.func.value):
                continue
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement, "pass"),),
                note=f"`{source.head(call.func.value)}` goes on",
            )


def unshield(source: Source) -> Iterator[Rewrite]:
    """`asyncio.shield(x)` becomes `x`, and `shield=True` becomes `shield=False`."""
    for call in source.calls():
        name = source.names.of(call.func)
        if name == "asyncio.shield" and len(call.args) == 1 and _is_awaited(source, call):
            inner = call.args[0]
            yield Rewrite(
                node=call,
                edits=(source.replaced(call, source.code(inner)),),
                note=f"`{last_name(inner) or 'the work'}` is cancelled with its caller",
            )
        elif name.startswith(("anyio.", "trio.")):
            shield = keyword(call, "shield")
            if shield is not None and isinstance(shield.value, ast.Constant) and shield.value.value is True:
                yield Rewrite(
                    node=call,
                    edits=(source.replaced(shield.value, "False"),),
                    note=f"`{last_name(call)}` does not shield what is inside",
                )


def _is_new_task(source: Source, given: ast.expr) -> bool:
    """A variable whose task is made in the same function: nothing else is known to hold it."""
    made = source.names.origin(given) if isinstance(given, ast.Name) else None
    name = source.names.of(given)
    return made is not None and source.function(made) is source.function(given) and (
        name in _TASKS or last_name(made) in ("create_task", "ensure_future")
    )  # fmt: skip


def _is_used(source: Source, container: ast.expr) -> bool:
    """Whether the tasks are waited for or cancelled somewhere; else, only the garbage collector could tell."""
    text = ast.unparse(container)
    for node in source.nodes(ast.expr):
        if (
            isinstance(node, ast.Name | ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node) == text
        ):
            above = source.parent(node)
            if not isinstance(above, ast.Attribute) or above.attr not in _LETS_GO:
                return True
    return False


def _is_own(source: Source, callback: ast.expr) -> bool:
    """A function of this file that does more than log and measure."""
    name = last_name(callback) if isinstance(callback, ast.Name | ast.Attribute) else ""
    return any(
        function.name == name and not all(map(_only_measures, function.body))
        for function in source.functions()
    )


def _only_measures(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()]) | ast.Return(value=None):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=action))) if action in _MEASURES:
            return True
    return blocks.does_nothing(statement)


def _is_task(source: Source, receiver: ast.expr) -> bool:
    name = source.names.of(receiver)
    if last_name(receiver) == "cancel_scope":
        return True
    return name in _TASKS or (
        not name.startswith("threading.") and bool(_TASK_WORD.search(last_name(receiver)))
    )


def _is_over(source: Source, statement: ast.stmt, receiver: ast.expr) -> bool:
    """Whether the task has ended when this comes: it was awaited just before, or the function left if it was not done."""
    text = ast.unparse(receiver)
    block = source.block(statement)
    for each in block[: block.index(statement)][-1:]:
        value = each.value if isinstance(each, ast.Expr | ast.Assign) else None
        if isinstance(value, ast.Await) and ast.unparse(value.value) == text:
            return True
    function = source.function(statement)
    return function is not None and any(
        isinstance(each, ast.If)
        and each.lineno < statement.lineno
        and blocks.leaves(each.body)
        and f"not {text}.done()" in ast.unparse(each.test)
        for each in function.body
    )


def _is_awaited(source: Source, call: ast.Call) -> bool:
    above = source.parent(call)
    if isinstance(above, ast.Await):
        return not isinstance(call.args[0], ast.Starred)
    return isinstance(above, ast.Call) and above.args[:1] == [call] and (
        source.names.of(above.func) == "asyncio.wait_for"
    )  # fmt: skip


ORPHAN_TASK = Operator(
    key="A6",
    name="orphan-task",
    summary="nobody holds a task, or looks at how it ended",
    consequence="the task vanishes or fails unseen, and a shutdown does not wait for it",
    noticed_by="a test that makes the task fail, or stops the service while it runs, and asserts what is left",
    weight=3,
    seed=orphan_task,
)
DROP_CANCEL = Operator(
    key="A7",
    name="drop-cancel",
    summary="a task is not cancelled",
    consequence="work goes on for a client that has left, and a shutdown waits for it until it is killed",
    noticed_by="a test that leaves in the middle, and asserts that the task has ended",
    weight=4,
    seed=drop_cancel,
    first_rank=True,
    symptom=Symptom.HANG,
)
UNSHIELD = Operator(
    key="A8",
    name="unshield",
    summary="work that must come to its end is no longer shielded from a cancellation",
    consequence="a client that leaves in the middle leaves half of the work, or a connection with the reply for somebody else",
    noticed_by="a test that cancels the caller in the middle, and asserts that the work was finished",
    weight=5,
    seed=unshield,
    first_rank=True,
)
