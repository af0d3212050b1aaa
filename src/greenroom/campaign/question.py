"""One test and one incident: what somebody asks of a single test, in the words of a command line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from greenroom.campaign.plan import Choice
from greenroom.model.mode import FailureMode
from greenroom.project.files.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Would this test notice that?"""

    test: str
    """pytest's node id; without parameters, all variants of a test are meant."""
    incidents: tuple[str, ...]
    """Codes or names of failure modes, keys or names of operators."""

    def matches(self, test: str) -> bool:
        """Whether a collected test is meant; its path may be told from another folder."""
        asked_path, _, asked = self.test.partition("::")
        path, _, name = test.partition("::")
        is_file = path == asked_path or path.endswith(f"/{asked_path}") or asked_path.endswith(f"/{path}")
        return is_file and (not asked or name == asked or name.startswith((f"{asked}[", f"{asked}::")))

    def choice(self, modes: Iterable[FailureMode]) -> Choice:
        """The operators that seed these incidents.

        Raises:
            ConfigurationError: nobody knows one of them, or it cannot be seeded.
        """
        known = list(modes)
        found = {word: tuple(_keys(known, word)) for word in self.incidents}
        problems = tuple(_problem(known, word) for word, keys in found.items() if not keys)
        if problems:
            raise ConfigurationError(problems)
        return Choice(select=tuple(dict.fromkeys(key for keys in found.values() for key in keys)))

    def told(self, modes: Iterable[FailureMode]) -> tuple[str, ...]:
        """The incidents with code and name."""
        named = [(mode.code, mode.name) for mode in modes]
        named += [(operator.key, operator.name) for mode in modes for operator in mode.operators]
        return tuple(
            next(f"{code} {name}" for code, name in named if word.lower() in (code.lower(), name.lower()))
            for word in self.incidents
        )


def _keys(modes: list[FailureMode], word: str) -> Iterator[str]:
    """Of a mode, those operators that need not be asked for by name; all where there are no others."""
    asked = word.lower()
    for mode in modes:
        if asked in (mode.code.lower(), mode.name.lower()):
            usual = [operator.key for operator in mode.operators if not operator.optional]
            yield from usual or [operator.key for operator in mode.operators]
        for operator in mode.operators:
            if asked in (operator.key.lower(), operator.name.lower()):
                yield operator.key


def _problem(modes: list[FailureMode], word: str) -> str:
    asked = word.lower()
    if any(asked in (mode.code.lower(), mode.name.lower()) for mode in modes):
        return f"incident: `{word}` cannot be seeded into code; docs/operators.md lists what can"
    words = [each for mode in modes if mode.operators for each in (mode.code, mode.name)]
    words += [each for mode in modes for operator in mode.operators for each in (operator.key, operator.name)]
    by_lower = {each.lower(): each for each in words}
    close = [by_lower[each] for each in get_close_matches(asked, by_lower, n=3)]
    hint = f"did you mean {' or '.join(close)}?" if close else "docs/operators.md lists what can be seeded"
    return f"incident: nobody knows `{word}`; {hint}"
