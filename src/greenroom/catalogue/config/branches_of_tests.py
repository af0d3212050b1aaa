"""Branches of production code that ask whether a test is running."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.detect.search import mentioning, words
from greenroom.model.place import Place
from greenroom.project.code import facts
from greenroom.project.code.facts import Block, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of

_NEEDLES: Final = words("PYTEST_CURRENT_TEST", "pytest", "unittest")
_NOBODY_MINDS: Final = re.compile(
    r"telemetr|analytic|sentry|log(?:ger|ging|s)?\b|logging|posthog|banner|version|progress|print|warn|coverage|debug|color|tracing|profil|signal|"
    r"update_check|metrics|stats",
    re.IGNORECASE,
)


_OF_SETTINGS: Final = re.compile(r"^[\w./-]*(?:\.env(?:\.[\w-]+)?|\.(?:env|ini|cfg|toml|ya?ml|json))$")
"""By its name a file that settings are read from."""


class Branch(NamedTuple):
    """One of them."""

    place: Place
    how: str
    """As a message says it."""
    matters: bool
    """Whether it is about more than what is written or reported."""


def find_branches(project: Project) -> Iterator[Branch]:
    """In files of production that are no help for tests themselves."""
    for scope in mentioning(project.production(), _NEEDLES):
        if "test" in scope.path.rpartition("/")[2] or stage_of(scope.path) == "test":
            continue
        for block in scope.body.blocks:
            how = _asks(scope, block) if block.kind == "if" else ""
            if how and not _only_asserts(scope, block):
                place = Place(path=scope.path, line=block.line, symbol=scope.qualname)
                yield Branch(
                    place,
                    how,
                    not (
                        _NOBODY_MINDS.search(
                            f"{scope.qualname} {scope.path} {_words(block.detail)} {_done(scope, block)}"
                        )
                        or _only_names_a_file(scope, block)
                        or _needs_what_nobody_sets(project, scope, block)
                    ),
                )


def _needs_what_nobody_sets(project: Project, scope: Scope, block: Block) -> bool:
    """Whether the condition asks for another variable as well, which no file of the project gives: nobody comes there."""
    asked = {
        name
        for part in facts.walk(block.detail)
        if isinstance(part, int) and scope.body.calls[part].arguments
        if facts.spell(scope.body.calls[part].callee, scope.body.calls).endswith(("environ.get", "getenv"))
        if isinstance(name := facts.constant(scope.body.calls[part].arguments[0]), str)
    } - {"PYTEST_CURRENT_TEST"}
    known = project.configuration.mentioned | project.configuration.written
    return bool(asked - known) and isinstance(block.detail, tuple) and "and" in block.detail


def _only_asserts(scope: Scope, block: Block) -> bool:
    """Whether the branch makes sure of something about the tests, and does nothing else."""
    inside = [part for part in scope.body.statements if block in scope.body.enclosing(part.block)]
    return bool(inside) and all(part.kind == "assert" for part in inside)


def _only_names_a_file(scope: Scope, block: Block) -> bool:
    """Whether all of it is which file of settings is read: `return ".env.test"`."""
    inside = [part for part in scope.body.statements if block in scope.body.enclosing(part.block)]
    return bool(inside) and all(
        part.kind in ("return", "assign") and _OF_SETTINGS.search(str(facts.constant(part.value) or ""))
        for part in inside
    )


def _asks(scope: Scope, block: Block) -> str:
    for part in facts.walk(block.detail):
        if isinstance(part, int):
            call = scope.body.calls[part]
            name = facts.constant(call.arguments[0]) if call.arguments else None
            if name == "PYTEST_CURRENT_TEST":
                return "`PYTEST_CURRENT_TEST`"
        elif isinstance(part, tuple) and part[0] == facts.COMPARE and _names_a_runner(part[2]):
            return (
                "`PYTEST_CURRENT_TEST`"
                if (facts.CONSTANT, "PYTEST_CURRENT_TEST") in part[2]
                else "`sys.modules`"
            )
    return ""


def _names_a_runner(operands: tuple[Expression, ...]) -> bool:
    wanted = {"pytest": "sys.modules", "unittest": "sys.modules", "PYTEST_CURRENT_TEST": "environ"}
    return any(
        facts.constant(part) in wanted and any(
            isinstance(other, str) and other.endswith(wanted[str(facts.constant(part))]) for other in operands
        )
        for part in operands
    )  # fmt: skip


def _words(expression: Expression) -> str:
    """The names and texts of a condition: `debug or "pytest" in sys.modules` is about what is told."""
    parts = facts.walk(expression)
    return " ".join(str(facts.constant(part) or part) for part in parts if not isinstance(part, int))


def _done(scope: Scope, block: Block) -> str:
    """The names of what is called under the condition."""
    return " ".join(
        facts.spell(call.callee, scope.body.calls)
        for call in scope.body.calls
        if block.line < call.line <= block.end_line
    )
