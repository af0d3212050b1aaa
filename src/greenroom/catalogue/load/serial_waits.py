"""Operator: what ran side by side runs one after another."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import awaits, call_statements, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_BEGINS = frozenset(
    {"create_task", "ensure_future", "run_in_executor", "submit", "run_coroutine_threadsafe", "sleep"}
)


def serialise(source: Source) -> Iterator[Rewrite]:
    """`await gather(a(), b())` becomes `[await a(), await b()]`; a group of tasks awaits each as it starts it."""
    for wait in source.nodes(ast.Await):
        call = wait.value
        if (
            isinstance(call, ast.Call)
            and source.names.of(call.func) == "asyncio.gather"
            and not call.keywords
        ):
            text = _one_by_one(source, call.args)
            if text:
                yield Rewrite(
                    node=wait,
                    edits=(source.replaced(wait, text),),
                    note="what was gathered is awaited one by one",
                )
    yield from _in_groups(source)


def _one_by_one(source: Source, args: list[ast.expr]) -> str:
    """The list of results; empty where something has already begun, or where order and number are not known."""
    match args:
        case [ast.Starred(value=ast.GeneratorExp() | ast.ListComp() as each)]:
            if not isinstance(each.elt, ast.Call) or _has_begun(each.elt) or awaits([each.elt]):
                return ""
            elt, rest = source.code(each.elt), source.text[source.end(each.elt) : source.end(each) - 1]
            return f"[await {elt}{rest}]"
        case [_, _, *_] if all(isinstance(each, ast.Call) and not _has_begun(each) for each in args):
            return f"[{', '.join(f'await {source.code(each)}' for each in args)}]"
    return ""


def _has_begun(call: ast.Call) -> bool:
    return last_name(call.func) in _BEGINS


def _in_groups(source: Source) -> Iterator[Rewrite]:
    """`group.create_task(work(x))` in a loop that starts one task for each thing."""
    for statement, call in call_statements(source):
        if not isinstance(call.func, ast.Attribute) or not isinstance(source.parent(statement), ast.For):
            continue
        owner, action = source.names.of(call.func.value), call.func.attr
        if owner == "asyncio.TaskGroup" and action == "create_task" and len(call.args) == 1:
            text = f"await {source.code(call.args[0])}"
        elif (
            owner in ("anyio.create_task_group", "trio.open_nursery")
            and action == "start_soon"
            and not call.keywords
        ):
            given = ", ".join(source.code(each) for each in call.args[1:])
            text = f"await {source.code(call.args[0])}({given})"
        else:
            continue
        yield Rewrite(
            node=statement,
            edits=(source.replaced(statement, text),),
            note="each task is waited for before the next one starts",
        )


SERIALISE = Operator(
    key="A4",
    name="serialise-gather",
    summary="calls that were made at once are made one after another",
    consequence="an answer takes as long as all its calls together, and requests time out that never did before",
    noticed_by="a limit on how long the answer may take while each call takes a moment, or a sensor on calls at once",
    weight=2,
    seed=serialise,
    symptom=Symptom.LATENCY,
)
