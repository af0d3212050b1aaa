"""Operators: a step of start-up or shut-down is left out, or comes too late."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.startups import startups

_STEP = re.compile(
    r"connect|init|set_?up|creat|migrat|upgrade|start|open|load|ping|wait|seed|populat|warm|prepare|check|verify|ensure|run"
    r"|subscribe|bootstrap|resume|recover|sync|schedul|clos|shut_?down|stop|dispos|cancel|flush|drain|clean|terminat|gather|join"
    r"|release|save|persist|clear|finish|mkdir|makedirs|register",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"log(?!in)|sentry|telemetr|instrument|metric|trac(?:e|ing)|prometheus|banner|uvloop|warning|signal|print|posthog|analytic"
    r"|colorama|webbrowser|gc\.|register_(?:template|filter|blueprint|route)|install_error",
    re.IGNORECASE,
)
_PREPARES = re.compile(r"connect|migrat|upgrade|create_all|create_(?:db|tables|database)|init_(?:db|database|models|pool)|open|ping|wait_for"
                       r"|ensure|set_?up_(?:db|database)|check_(?:db|database)", re.IGNORECASE)  # fmt: skip
_USES = re.compile(r"check|verify|init|register|start|seed|load|run|schedul|warm|subscribe|consum|populat|sync|create_(?:first|admin|default|super)|bootstrap|resume"
                   r"|recover|refresh|fetch|init_(?:data|defaults)", re.IGNORECASE)  # fmt: skip
_ENDS_WORK = re.compile(r"stop|cancel|drain|flush|save|persist|gather|join|finish", re.IGNORECASE)
_ENDS_CONNECTION = re.compile(r"clos|disconnect|dispos", re.IGNORECASE)


def skip_step(source: Source) -> Iterator[Rewrite]:
    """`await database.connect()` in a lifespan becomes `pass`, and so does `await pool.close()` behind its `yield`."""
    for block, _ in startups(source):
        for statement in block:
            call = _step(statement)
            if call is not None:
                yield Rewrite(
                    node=statement,
                    edits=(source.replaced(statement, "pass"),),
                    note=f"`{source.code(call.func)}` is not called",
                )


def swap_steps(source: Source) -> Iterator[Rewrite]:
    """`await migrate()` and `start_workers()` change places, and so do `worker.stop()` and `pool.close()`."""
    for block, is_end in startups(source):
        first, second = (_ENDS_WORK, _ENDS_CONNECTION) if is_end else (_PREPARES, _USES)
        steps = [statement for statement in block if not blocks.does_nothing(statement)]
        for before, after in pairwise(steps):
            one, other = _step(before), _step(after)
            if one is None or other is None or not first.search(last_name(one.func)):
                continue
            if second.search(last_name(other.func)) and not first.search(last_name(other.func)):
                yield Rewrite(
                    node=before,
                    edits=(
                        source.replaced(before, source.code(after)),
                        source.replaced(after, source.code(before)),
                    ),
                    note=f"`{source.code(other.func)}` comes before `{source.code(one.func)}`",
                )


def _step(statement: ast.stmt) -> ast.Call | None:
    """A call whose result is dropped, and which does something that is missed."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    if not isinstance(call, ast.Call) or blocks.is_logging(call):
        return None
    said = ast.unparse(call.func)
    return call if _STEP.search(last_name(call.func)) and not _ASIDE.search(said) else None


SWAP_STARTUP = Operator(
    key="K3",
    name="swap-startup",
    summary="two steps of start-up or shut-down change places",
    consequence="after a deployment the first work is done before the database is ready, or the last one after it has gone",
    noticed_by="a test that runs the whole start-up against an empty database, with work waiting for it",
    weight=3,
    seed=swap_steps,
)
DROP_READINESS = Operator(
    key="K4",
    name="drop-readiness",
    summary="a step of start-up or shut-down is left out",
    consequence="after a deployment requests fail because something was not made ready, or work is lost that was not finished",
    noticed_by="a test that starts and stops the application by its real lifespan, and asserts what is there before and after",
    weight=4,
    seed=skip_step,
    first_rank=True,
)
