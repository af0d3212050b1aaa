"""A mutant as the engine sees it: the changed text, the tests that can see it, and where it has to be tried."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from types import CodeType

from greenroom.campaign.inside.line_trace import used
from greenroom.campaign.messages import Change
from greenroom.campaign.observation import Observation, ObservedTest
from greenroom.model.mutant import Mutant
from greenroom.mutate.changed_part import ChangedPart
from greenroom.mutate.code_change import NeedsImportError, changed_functions


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One mutant, ready to be tried."""

    mutant: Mutant
    before: str
    """The text of its file, which all mutants of the file have in common."""
    tests: tuple[str, ...]
    """Ids, in the order in which they are asked; empty: unseen."""
    cold: bool
    """Whether it shows only when the project is imported anew."""
    at_import: bool = False
    """Whether no test runs its lines, but the import of the project does: any test may see it."""
    in_children: bool = False
    """Whether processes that tests start have to see it, too."""
    is_control: bool = False
    """Whether it goes the way of the mutant without its change."""
    aside: bool = False
    """Whether what it shows plays no part in the verdicts on others, as of a control."""

    @property
    def change(self) -> Change:
        """The changed text, made when it is asked for: a campaign has thousands, each as long as a file."""
        return Change(
            path=self.mutant.place.path, text=self.mutant.applied_to(self.before),
            in_children=self.in_children, is_control=self.is_control,
        )  # fmt: skip


class Reach:
    """Which tests can see a change of a file."""

    def __init__(self, observation: Observation) -> None:
        self._observation = observation
        self._voters = [test for test in observation.tests if test.votes]
        self._parts: dict[tuple[str, str], ChangedPart] = {}
        self._seeing: dict[str, list[ObservedTest]] = {}
        """By path, those that run any of the lines that matter there."""

    def of(self, mutant: Mutant, text: str) -> Subject:
        """The mutant of a file with this text, and its tests."""
        path = mutant.place.path
        changed = mutant.applied_to(text)
        at_import = self._observation.imported.get(path, set()).intersection(mutant.lines)
        if (path, text) not in self._parts:
            self._parts[path, text] = ChangedPart(text, path)
        part = self._parts[path, text]
        inside = _changed_lines(*part.pair(changed))
        users = self._users(mutant, part, changed) if inside is None and at_import else None
        if users is not None:
            return Subject(mutant=mutant, before=text, tests=self._ordered(path, users), cold=False)
        cold = inside is None and bool(at_import)  # else only processes that tests start load the file
        tests = self._ordered(path, set(mutant.lines) - at_import)
        by_import_alone = bool(at_import) and not tests
        if by_import_alone or (inside or set()) & at_import:
            # What was made of it at import may matter to anybody.
            cold, tests = True, self._nearest(path, mutant.place.line)
        children = self._observation.in_children.get(path, set())
        return Subject(
            mutant=mutant, before=text, tests=tests, cold=cold, at_import=by_import_alone,
            in_children=not children.isdisjoint(mutant.lines),
        )  # fmt: skip

    def _users(self, mutant: Mutant, part: ChangedPart, changed: str) -> set[int] | None:
        """Where nothing but defaults of parameters is another, and no import wants to know them: by whom they are used.

        As lines that stand for that; None: this makes more of a difference.
        """
        path, seen = mutant.place.path, self._observation
        defaults, pair = part.with_old_defaults(changed)
        users = {used(each.function[0]) for each in defaults}
        is_elsewhere = bool(seen.unsafe) or not seen.in_children.get(path, set()).isdisjoint(mutant.lines)
        if not users or is_elsewhere or not users.isdisjoint(seen.imported.get(path, ())):
            return None
        return users if _changed_lines(*pair) == set() else None

    def _nearest(self, path: str, line: int) -> tuple[str, ...]:
        """All that vote, but first those that run what stands nearest: a route that is missing is missed by who asks for it."""

        def distance(test: ObservedTest) -> float:
            return min((abs(each - line) for each in test.own.get(path, ())), default=inf)

        return tuple(test.id for test in sorted(self._voters, key=distance))

    def _ordered(self, path: str, lines: set[int]) -> tuple[str, ...]:
        """In the order of their collection; but first those who run the lines themselves, and their neighbours.

        What a shared fixture or server runs is credited to all its users: each may notice, but these are the likeliest.
        """
        if path not in self._seeing:
            self._seeing[path] = [test for test in self._voters if test.lines.get(path)]
        seen = [test for test in self._seeing[path] if not lines.isdisjoint(test.lines[path])]
        near = [test.id for test in seen if test.alone and lines & test.own.get(path, set())]
        files = {_file(name) for name in near}

        def distance(test: ObservedTest) -> tuple[bool, bool]:
            return _file(test.id) not in files, test.id not in near

        return tuple(test.id for test in (sorted(seen, key=distance) if near else seen))


def _file(test: str) -> str:
    return test.partition("::")[0]


def _changed_lines(old: CodeType, new: CodeType) -> set[int] | None:
    """The lines of the functions that differ; None where more than functions does."""
    try:
        changed = changed_functions(old, new)
    except NeedsImportError:
        return None
    return {
        line
        for code in _all(old)
        if (code.co_firstlineno, code.co_qualname) in changed
        for _, _, line in code.co_lines()
        if line and line != code.co_firstlineno
    }


def _all(module: CodeType) -> Iterator[CodeType]:
    for each in module.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _all(each)


def diff(mutant: Mutant, text: str) -> str:
    """The change as a unified diff with three lines of context."""
    path = mutant.place.path
    lines = difflib.unified_diff(
        text.splitlines(), mutant.applied_to(text).splitlines(), f"a/{path}", f"b/{path}", lineterm=""
    )
    return "\n".join(lines)
