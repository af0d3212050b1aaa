"""A handler that takes the failure of a dependency, and what stands around it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from greenroom.catalogue.errors.crossings import (
    Crossing,
    Crossings,
    catches_failures,
    catches_only_timeouts,
    suppressed,
)
from greenroom.catalogue.errors.handlers import Handling, Logged, read_handler
from greenroom.catalogue.errors.logged_below import is_logged_below
from greenroom.project.code.facts import Body
from greenroom.project.code.flow import Flow
from greenroom.project.code.module import Scope


class Case(NamedTuple):
    """One handler that hides, and what stands around it."""

    scope: Scope
    guard: int
    handling: Handling
    crossings: tuple[Crossing, ...]
    later: tuple[Crossing, ...]
    """What the function would have called after it."""
    earlier: tuple[Crossing, ...] = ()
    """What it called before."""


def read_cases(scope: Scope, crossings: Crossings) -> Iterator[Case]:
    """The handlers of a function that take a dependency's failure."""
    body = scope.body
    for number, block in enumerate(body.blocks):
        kinds = suppressed(body, block)
        if kinds is not None and any(catches_failures(kind) for kind in kinds):
            handling = Handling(gives="nothing", logged=Logged.SILENT, branches=False, expected=False, sets=(),
                                line=block.line, end_line=block.end_line)  # fmt: skip
            guard = number
        elif block.kind == "except" and _is_first_to_catch(body, number):
            read = read_handler(body, number)
            if read is None or _is_expected(body, number):
                continue
            handling, guard = read, block.owner
        else:
            continue
        found = tuple(crossings.under(scope, guard))
        if found and all(map(is_logged_below, found)):
            handling = replace(handling, logged=Logged.LOGGED)
        if found:
            later = tuple(crossings.after(scope, handling.end_line))
            earlier = tuple(crossings.before(scope, body.blocks[guard].line))
            yield Case(scope, guard, handling, found, later, earlier)


def _is_first_to_catch(body: Body, number: int) -> bool:
    """Of several handlers, the one which a dependency's failure comes to."""
    block = body.blocks[number]
    earlier = (
        part for index, part in enumerate(body.blocks)
        if part.kind == "except" and part.owner == block.owner and index < number
    )  # fmt: skip
    return catches_failures(block.detail[0]) and not any(catches_failures(part.detail[0]) for part in earlier)


def _is_expected(body: Body, number: int) -> bool:
    """A time-out in a loop is what a poll waits for."""
    block = body.blocks[number]
    return catches_only_timeouts(block.detail[0]) and any(Flow(body).loops(block.parent))
