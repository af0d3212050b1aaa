"""What is seeded: the mutants of the project's production files that somebody asked for."""

import ast
import io
import tokenize
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from greenroom.campaign.caps import capped
from greenroom.detect.changed import ChangedLines
from greenroom.model.mode import FailureMode
from greenroom.model.mutant import Mutant
from greenroom.model.operator import Operator
from greenroom.model.settings import Settings
from greenroom.mutate.answered import TELLING, Answered
from greenroom.mutate.seeding import seed
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Tree
from greenroom.project.code.reading import Progress
from greenroom.project.files.errors import ConfigurationError
from greenroom.project.files.inventory import take_inventory
from greenroom.project.files.kind import FileKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which failures are wanted."""

    select: tuple[str, ...] = ()
    """Codes or prefixes of failure modes, or keys of operators; empty: all that are not optional."""
    ignore: tuple[str, ...] = ()
    first_rank: bool = False
    """Only operators of the first rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Mutants, and the texts that they change."""

    mutants: tuple[Mutant, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    """By path."""
    capped: int = 0
    """Mutants that were left out, since a line or a file of a pull request has too many."""


def make_plan(  # noqa: PLR0913  - what is read, what is seeded, and where
    root: Path,
    settings: Settings,
    modes: Iterable[FailureMode],
    choice: Choice,
    *,
    changed: ChangedLines | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Read the production files, and seed the wanted failures into each.

    Args:
        root: The project's root.
        settings: What to leave out.
        modes: The catalogue.
        choice: Which of it is wanted.
        changed: Seed on these lines only.
        progress: Told how far it is.

    Raises:
        ProjectError: there is no such folder, or no Python in it.
        ConfigurationError: the choice names what does not exist.
    """
    wanted = chosen_modes(modes, choice)
    inventory = take_inventory(root, settings)
    files = [file.path for file in inventory.files if file.kind is FileKind.PRODUCTION]
    answered = _answered(root, files)
    mutants: list[Mutant] = []
    texts: dict[str, str] = {}
    for position, path in enumerate(files):
        if progress is not None:
            progress("seeding", position, len(files))
        text = read_source(root / path)
        if text is None:
            continue
        found = [
            mutant
            for mutant in _seeded(path, text, wanted, answered)
            if changed is None or changed.include(path, range(mutant.place.line, mutant.end_line + 1))
        ]
        if found:
            texts[path] = text
            mutants += found
    kept = mutants if changed is None else capped(mutants)
    return Plan(mutants=tuple(kept), texts=texts, capped=len(mutants) - len(kept))


def chosen_modes(modes: Iterable[FailureMode], choice: Choice) -> list[FailureMode]:
    """The modes with those of their operators that are wanted.

    Raises:
        ConfigurationError: a word of the choice names no mode with operators, and no operator.
    """
    seeded = [mode for mode in modes if mode.operators]
    known = {operator.key for mode in seeded for operator in mode.operators}
    problems = tuple(
        f"{setting}: `{word}` is neither the code of a failure mode that can be seeded nor the key of an operator"
        for setting, words in (("select", choice.select), ("ignore", choice.ignore))
        for word in words
        if word not in known and not any(mode.code.startswith(word) for mode in seeded)
    )
    if problems:
        raise ConfigurationError(problems)
    chosen = []
    for mode in seeded:
        operators = tuple(each for each in mode.operators if _is_wanted(mode, each, choice))
        if operators:
            chosen.append(replace(mode, operators=operators))
    return chosen


def _is_wanted(mode: FailureMode, operator: Operator, choice: Choice) -> bool:
    def longest(words: tuple[str, ...]) -> int:
        return max(
            (99 if word == operator.key else len(word) for word in words
             if word == operator.key or mode.code.startswith(word)), default=-1,
        )  # fmt: skip

    if choice.first_rank and not operator.first_rank:
        return False
    if operator.optional and operator.key not in choice.select:
        return False
    selected = longest(choice.select) if choice.select else 0
    return selected >= 0 and selected > longest(choice.ignore)


def _answered(root: Path, files: Iterable[str]) -> Answered:
    """What the application answers by itself; nothing where it registers nothing."""
    found = Answered()
    if not any(TELLING.search(read_source(root / path) or "") for path in files):
        return found
    for text in (read_source(root / path) or "" for path in files):
        if "class " in text or TELLING.search(text):
            with suppress(SyntaxError, ValueError, RecursionError):
                found.read(Tree(ast.parse(text)), text)
    return found


def _seeded(path: str, text: str, modes: list[FailureMode], answered: Answered) -> list[Mutant]:
    try:
        source = Source(path, text)
        source.answered = answered
        return seed(source, modes)
    except (SyntaxError, ValueError, RecursionError):
        return []  # no Python of this version: `audit` says so


def read_source(file: Path) -> str | None:
    r"""A file's text with `\n` at the ends of its lines; None where it is not to be had."""
    try:
        content = file.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except (OSError, SyntaxError, UnicodeDecodeError, LookupError):
        return None
