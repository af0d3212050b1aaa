"""Does the end of a loop hang on what one of its calls gives?"""

import re
from collections.abc import Iterator

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.code.flow import Flow
from greenroom.project.code.mentions import deep

_RENEWS = re.compile(r"\.(?:refresh|reload|update|poll)(?:_\w+)?$")
_SAYS_NOTHING = frozenset({"Exception", "BaseException", "CancelledError", "KeyboardInterrupt", "SystemExit",
                           "RuntimeError", "GeneratorExit"})  # fmt: skip


def decides(body: Body, loop: int, call: int) -> bool:
    """Whether a test that ends the loop, or has it wait once more, reads what this call gives.

    What is called only for what it does, a commit, a refresh, asks nobody whether something has come.
    """
    if _ends_by_raising(body, loop, call):
        return True
    calls, names = _made_of(body, loop, call)
    callee = facts.spell(body.calls[call].callee, body.calls)
    if _RENEWS.search(callee):  # `job.refresh()`, and the test reads `job.is_finished`
        names.add(callee.rpartition(".")[0])
    tests = list(_tests(body, loop))
    return any(
        part in calls if type(part) is int else isinstance(part, str) and _is_about(part, names)
        for test in tests
        for part in deep(body, test)
    )


def _ends_by_raising(body: Body, loop: int, call: int) -> bool:
    """`except NotFound: break` around the call: that it fails in its own way is what is waited for."""
    flow = Flow(body)
    handlers = [
        number for number, part in enumerate(body.blocks)
        if part.kind == "except" and part.owner >= 0 and flow.inside(body.calls[call].block, part.owner)
        and flow.inside(part.owner, loop) and not _is_broad(part.detail[0])
    ]  # fmt: skip
    return any(
        part.kind in ("break", "return") and any(flow.inside(part.block, number) for number in handlers)
        for part in body.statements
    )


def _is_broad(types: Expression) -> bool:
    """What says nothing about the one that is asked."""
    return types is None or any(
        isinstance(part, str) and part.rsplit(".", 1)[-1] in _SAYS_NOTHING for part in facts.walk(types)
    )


def _made_of(body: Body, loop: int, call: int) -> tuple[set[int], set[str]]:
    """The calls whose result holds what the call gives, and the names that it gets in the loop."""
    flow = Flow(body)
    calls, names = {call}, set[str]()
    size = -1
    while size < len(calls) + len(names):
        size = len(calls) + len(names)
        for index, made in enumerate(body.calls):
            if _reads(body, made.callee, calls, names) or any(
                _reads(body, part, calls, names)
                for part in (*made.arguments, *(value for _, value in made.keywords))
            ):
                calls.add(index)
        for part in body.statements:
            if part.kind in ("assign", "annotate", "augment") and flow.inside(part.block, loop):
                targets = part.target if part.kind == "assign" else (part.target,)
                if _reads(body, part.value, calls, names):
                    names.update(name for target in targets for name in facts.walk(target)
                                 if isinstance(name, str))  # fmt: skip
        for block in body.blocks:
            if block.kind in ("for", "async-for") and _reads(body, block.detail[1], calls, names):
                names.update(name for name in facts.walk(block.detail[0]) if isinstance(name, str))
            if block.kind in ("with", "async-with"):
                names.update(name for made, target in block.detail if _reads(body, made, calls, names)
                             for name in facts.walk(target) if isinstance(name, str))  # fmt: skip
    return calls, names


def _reads(body: Body, expression: Expression, calls: set[int], names: set[str]) -> bool:
    return any(
        part in calls if type(part) is int else isinstance(part, str) and _is_about(part, names)
        for part in deep(body, expression)
    )


def _is_about(name: str, names: set[str]) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in names)


def _tests(body: Body, loop: int) -> Iterator[Expression]:
    """What is asked where the loop ends, and where it waits; what sends it round again if neither is asked."""
    flow = Flow(body)
    yield body.blocks[loop].detail
    exits = [part.block for part in body.statements
             if part.kind in ("return", "break", "raise") and flow.inside(part.block, loop)]  # fmt: skip
    pauses = [call.block for index, call in enumerate(body.calls)
              if flow.inside(call.block, loop)
              and facts.spell(call.callee, body.calls).endswith("sleep")]  # fmt: skip
    rounds = [part.block for part in body.statements
              if part.kind == "continue" and flow.inside(part.block, loop)]  # fmt: skip
    pauses_asked = [list(_around(body, block, loop)) for block in pauses]
    for block in exits:
        yield from _around(body, block, loop)
    for asked in pauses_asked:
        yield from asked
    if all(not asked for asked in pauses_asked):
        for block in rounds:
            yield from _around(body, block, loop)


def _around(body: Body, block: int, loop: int) -> Iterator[Expression]:
    """The tests between a block and the loop."""
    while block not in (-1, loop):
        found = body.blocks[block]
        if found.kind in ("if", "while"):
            yield found.detail
        elif found.kind == "else":
            yield body.blocks[found.owner].detail
        elif found.kind in ("for", "async-for"):
            yield found.detail[1]
        elif found.kind == "case":
            yield found.detail[0]
        elif found.kind in ("with", "async-with"):
            yield from (made for made, _ in found.detail)
        block = found.parent
