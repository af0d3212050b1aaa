"""A test whose product talks to a double that takes everything, and of which nothing is asked afterwards."""

import re

from greenroom.catalogue.tests.lost_results import of_product
from greenroom.project.code import facts
from greenroom.project.code.facts import DISCARDED, Call, spell
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.testing.doubles import Doubles
from greenroom.project.testing.items import Item

_MOCKS = frozenset({"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "create_autospec"})
_IS_QUESTION = re.compile(r"(?:^|_)(?:is|has|can|should|are)_")
"""What is told to answer a question takes nothing in."""
_SUSPICIOUS = frozenset({"side_effect", "spec", "spec_set", "autospec", "wraps"})
"""What makes a double refuse: then not being refused is a result."""


def taken_by_double(project: Project, item: Item, doubles: Doubles) -> str:
    """In words after the test's name: what it calls, where a double behind it takes whatever comes; empty for none."""
    function = item.function
    if function.children or any(part.raises for part in doubles.on(function, item.owner)):
        return ""
    calls = [*of_product(project, function)]
    if not calls or _refuses(function) or not _has_double(project, item, doubles, calls[-1][1]):
        return ""
    index, call = calls[-1]
    target = project.suite.origins.scope(project.suite.origins.callee(function, index))
    if (
        target is None
        or not call.usage & DISCARDED
        or any(part.kind in ("raise", "assert") for part in target.body.statements)
    ):
        return ""
    called = spell(call.callee, function.body.calls)
    return f"calls `{called}(…)` with a double behind it that takes whatever comes, and asks neither of them anything"


def _refuses(function: Scope) -> bool:
    """Whether a double of the test is told to raise or to look at its arguments."""
    outer = function.parent.body.calls if function.parent is not None else ()
    decorators = [outer[part] for part in function.decorators if isinstance(part, int)]
    if any(key in _SUSPICIOUS for call in (*function.body.calls, *decorators) for key, _ in call.keywords):
        return True
    return any(
        isinstance(target, str) and target.rpartition(".")[2] in _SUSPICIOUS
        for part in function.body.statements
        if part.kind == "assign"
        for target in part.target
    )


def _has_double(project: Project, item: Item, doubles: Doubles, call: Call) -> bool:
    """Whether something is replaced for this test, or a double is handed over."""
    function = item.function
    seats = (part.seat for part in doubles.on(function, None))
    if any(seat and not _IS_QUESTION.search(facts.last_name(seat.rpartition("::")[2])) for seat in seats):
        return True
    made = {
        target
        for part in function.body.statements
        if part.kind == "assign" and isinstance(part.value, int)
        and facts.last_name(project.suite.origins.callee(function, part.value)) in _MOCKS
        for target in part.target
        if isinstance(target, str)
    }  # fmt: skip
    given = [*call.arguments, *(value for _, value in call.keywords)]
    given += [
        part.value
        for part in function.body.statements
        if part.kind == "assign" and any(isinstance(target, str) and "." in target for target in part.target)
    ]
    return any(part in made for value in given for part in facts.walk(value))
