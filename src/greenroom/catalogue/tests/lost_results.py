"""What a test was given and nothing looked at: the signs that a check is missing, in words after the test's name.

A procedure gives nothing back: whether it is enough that it does not raise, only its author can say. The same holds
for a value that is dropped: loading a file or building an object may be all that is asked. What a function only
computes, a value that somebody printed or put aside under a name, and the response to a request, were meant to be
looked at.
"""

import re
from collections.abc import Iterator

from greenroom.catalogue.tests.checks import bound_once
from greenroom.project.code import facts
from greenroom.project.code.facts import ARGUMENT, ASSIGNED, DISCARDED, Call, Expression, last_name, spell
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.testing import touches
from greenroom.project.testing.assertions import is_referenced

_ASKS = re.compile(
    r"(?:is|has|was)_\w+|search|fullmatch|isinstance|hasattr|startswith|endswith|all|any|equals|exists"
)
"""Calls that only answer a question: dropping the answer leaves nothing."""
_VALUE_METHODS = frozenset({
    "split", "lower", "upper", "strip", "join", "items", "keys", "values", "append", "replace", "startswith", "endswith",
})  # fmt: skip
_ACTING = frozenset({"open", "print", "input", "exec", "eval", "setattr", "delattr", "next", "__import__"})
_DEEPEST = 3
_PRINTS = frozenset({"print", "pprint", "pprint.pprint", "rich.print"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
_ANSWERED = (touches.HTTP, touches.IN_PROCESS)
_BESIDE = re.compile(
    r"print|pprint|str|repr|len|isinstance|debug|info|warn\w*|error|exception|log|sleep|poll|exit|append|strip|format|"
    r"uuid\d|range|(?:destroy|close|delete|stop|clean|terminate|remove|rmtree|disconnect|shutdown|rollback|tear)\w*",
    re.IGNORECASE,
)
"""What a test does besides calling what it tests."""


def loss_in(project: Project, function: Scope) -> str:
    """The sign that a check is missing; empty where there is none."""
    return (
        _dropped_comparison(function)
        or _dropped_answer(function)
        or _uncalled_checks(function)
        or _computed(project, function)
        or _put_aside(project, function)
        or _dropped_response(project, function)
        or _printed(function)
    )


def unseen_call(project: Project, function: Scope) -> str:
    """For a test without such a sign: what it calls."""
    dropped = _dropped_value(project, function)
    if dropped:
        return dropped
    subject = _subject(project, function)
    if subject is None:
        return "asserts nothing: no result of what it calls turns the test red"
    called = spell(subject.callee, function.body.calls)
    return f"asserts nothing: it calls `{called}(…)`, and no result of it turns the test red"


def _dropped_comparison(function: Scope) -> str:
    for part in function.body.statements:
        compares = isinstance(part.value, tuple) and part.value[0] == facts.COMPARE
        if compares and part.kind in ("expression", "return"):
            how = "returns a comparison" if part.kind == "return" else "compares"
            return f"{how} on line {part.line} without `assert`: nothing is checked"
    return ""


def _dropped_answer(function: Scope) -> str:
    calls = function.body.calls
    for call in calls:
        if call.usage & DISCARDED and _ASKS.fullmatch(last_name(call.callee)):
            return f"asks `{spell(call.callee, calls)}(…)` on line {call.line} without `assert`: nothing is checked"
    return ""


def _uncalled_checks(function: Scope) -> str:
    for child in function.children:
        if child.kind == "function" and any(part.kind == "assert" for part in child.body.statements):
            return f"checks nothing: its assertions stand in `{child.name}`, which nobody calls"
    return ""


def _dropped_value(project: Project, function: Scope) -> str:
    """The last function of the product that is called gives something back, and nobody takes it."""
    index, calls = _last_value(project, function), function.body.calls
    if index < 0 or not calls[index].usage & DISCARDED:
        return ""
    return f"drops what `{spell(calls[index].callee, calls)}(…)` gives back, and checks nothing"


def _computed(project: Project, function: Scope) -> str:
    """A dropped value of a function that cannot refuse and changes nothing: without its value, nothing is left."""
    index = _last_value(project, function)
    home = _home(project, function, index) if index >= 0 else None
    return _dropped_value(project, function) if home and _only_computes(project, home, 0) else ""


def _only_computes(project: Project, function: Scope, depth: int) -> bool:
    if depth > _DEEPEST or function.kind != "function" or function.is_async:
        return False
    if any(part.kind in ("raise", "assert", "global") for part in function.body.statements):
        return False
    for index, call in enumerate(function.body.calls):
        origin = project.suite.origins.callee(function, index)
        name = last_name(call.callee)
        if name in _VALUE_METHODS or (origin.startswith("builtins.") and name not in _ACTING):
            continue
        target = _home(project, function, index)
        if target is None or not _only_computes(project, target, depth + 1):
            return False
    return True


def _home(project: Project, function: Scope, index: int) -> Scope | None:
    """The function or class of the project that a call leads to."""
    origins = project.suite.origins
    return origins.scope(origins.callee(function, index).removesuffix("()"))


def _put_aside(project: Project, function: Scope) -> str:
    """What the last function of the product gives back is kept under a name, and nothing reads it."""
    index = _last_value(project, function)
    calls = function.body.calls
    if index < 0 or not calls[index].usage & ASSIGNED or not _is_put_aside(function, index):
        return ""
    return f"never reads what it keeps of `{spell(calls[index].callee, calls)}(…)`, and checks nothing"


def _last_value(project: Project, function: Scope) -> int:
    """The last call into the product, where it gives something back; else -1."""
    index = next(reversed([number for number, _ in of_product(project, function)]), -1)
    return index if index >= 0 and _gives_back(project, function, index) else -1


def _dropped_response(project: Project, function: Scope) -> str:
    """The last request of the test is answered, and nobody reads the answer."""
    origins, calls = project.suite.origins, function.body.calls
    for index, call in reversed(list(enumerate(calls))):
        if last_name(call.callee) in _VERBS and touches.of_call(origins, function, index) in _ANSWERED:
            dropped = call.usage & DISCARDED
            return (
                f"drops the response of `{spell(call.callee, calls)}(…)`, and checks nothing"
                if dropped
                else ""
            )
    return ""


def of_product(project: Project, function: Scope) -> Iterator[tuple[int, Call]]:
    """The calls that lead into functions and methods of the product; not those that tidy up."""
    for index, call in enumerate(function.body.calls):
        home = _home(project, function, index)
        if home is None or home.kind != "function" or home.module.kind is not FileKind.PRODUCTION:
            continue
        if not _BESIDE.fullmatch(last_name(call.callee)):
            yield index, call


def _gives_back(project: Project, function: Scope, index: int) -> bool:
    home = _home(project, function, index)
    return home is not None and any(
        part.kind in ("return", "yield") and part.value is not None and not facts.is_none(part.value)
        for part in home.body.statements
    )


def _is_put_aside(function: Scope, index: int) -> bool:
    """`result = total(…)`, and no line of the test names `result`."""
    for part in function.body.statements:
        value = (
            part.value[1] if isinstance(part.value, tuple) and part.value[0] == facts.AWAIT else part.value
        )
        if part.kind == "assign" and value == index:
            names = [name for name in part.target if isinstance(name, str)]
            return len(names) == len(part.target) and not any(
                "." in name or is_referenced(name, function) for name in names
            )
    return False


def _printed(function: Scope) -> str:
    """What the test got is shown to somebody, and compared by nobody."""
    bound = {name for name in _bound(function) if isinstance(name, str)}
    for call in function.body.calls:
        if call.callee in _PRINTS and any(_shows(part, bound) for part in call.arguments):
            return f"prints what it gets on line {call.line}, and compares none of it"
    return ""


def _shows(argument: Expression, bound: set[str]) -> bool:
    return any(
        isinstance(part, int) or (isinstance(part, str) and part.partition(".")[0] in bound)
        for part in facts.walk(argument)
    )


def _bound(function: Scope) -> Iterator[Expression]:
    written = bound_once(function)
    for part in function.body.statements:
        if part.kind == "assign" and not _is_given(part.value, {}):
            for target in part.target:
                yield from facts.walk(target)
    for block in function.body.blocks:
        if block.kind in ("for", "async-for") and not _is_given(block.detail[1], written):
            yield from facts.walk(block.detail[0])


def _is_given(value: Expression, written: dict[str, Expression]) -> bool:
    """`["agency", "photo"]`: what the test itself wrote down, and got from nobody."""
    value = written.get(value) if isinstance(value, str) else value
    parts = value[2] if isinstance(value, tuple) and value[0] == facts.SEQUENCE else (value,)
    return all(isinstance(part, tuple) and part[0] == facts.CONSTANT for part in parts)


def _subject(project: Project, function: Scope) -> Call | None:
    """The call that most likely is what the test is about: the last into the product, else not an argument."""
    live = [call for _, call in of_product(project, function)]
    told = [
        call
        for call in function.body.calls
        if not call.usage & ARGUMENT and not _BESIDE.fullmatch(last_name(call.callee))
    ]
    return next(reversed(live or told), None)
