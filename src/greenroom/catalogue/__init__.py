"""All failure modes, found by walking this package: a new one is two files and no other line."""

import pkgutil
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import PurePosixPath

from greenroom.model.mode import FailureMode


class UnknownModeError(LookupError):
    """Nobody knows a failure mode of this code or name; the message says which were close."""


def all_modes() -> tuple[FailureMode, ...]:
    """Every failure mode, sorted by code."""
    return tuple(mode for mode, _ in _entries())


def find(code_or_name: str) -> FailureMode:
    """The failure mode of this code or name, in any case.

    Raises:
        UnknownModeError: there is none.
    """
    wanted = code_or_name.strip().lower()
    by_word = {word.lower(): mode for mode in all_modes() for word in (mode.code, mode.name)}
    if wanted in by_word:
        return by_word[wanted]
    raise UnknownModeError(_unknown(code_or_name, wanted, list(by_word)))


def page(mode: FailureMode) -> str:
    """The mode's page, in Markdown: why production does this, what is flagged, what is accepted."""
    module = next(module for entry, module in _entries() if entry.code == mode.code)
    path = PurePosixPath(*module.removeprefix(f"{__name__}.").split(".")).with_suffix(".md")
    return files(__name__).joinpath(*path.parts).read_text(encoding="utf-8")


@cache
def _entries() -> tuple[tuple[FailureMode, str], ...]:
    found = [(mode, module) for module in _modules() if (mode := _mode_of(module)) is not None]
    return tuple(sorted(found, key=lambda entry: entry[0].code))


def _modules() -> Iterator[str]:
    """Names of the modules in the families' packages."""
    for family in pkgutil.iter_modules(__path__, f"{__name__}."):
        if family.ispkg:
            folder = [f"{part}/{family.name.rpartition('.')[2]}" for part in __path__]
            yield from (part.name for part in pkgutil.iter_modules(folder, f"{family.name}."))


def _mode_of(module: str) -> FailureMode | None:
    """None for a module that holds what several entries of its family share."""
    return getattr(import_module(module), "MODE", None)


def _unknown(spelled: str, wanted: str, words: list[str]) -> str:
    close = get_close_matches(wanted, words, n=3, cutoff=0.5)
    shown = [word.upper() if word[-1:].isdigit() else word for word in close]
    hint = f"did you mean {' or '.join(shown)}?" if shown else "`greenroom modes` lists them all."
    return f"no failure mode is called {spelled!r}; {hint}"
