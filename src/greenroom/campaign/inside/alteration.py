"""Puts a changed file into this process: living functions exchange their bodies, and imports find the new text."""

import os
import sys
import tokenize
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import CodeType, ModuleType

from greenroom.campaign.inside import children
from greenroom.campaign.messages import Change, Ending
from greenroom.mutate.changed_part import ChangedPart
from greenroom.mutate.code_change import NeedsImportError, changed_functions
from greenroom.mutate.import_hook import SuppliedSource
from greenroom.mutate.live_functions import Exchange, LiveFunctions, exchange, functions_by_key
from greenroom.record.project_code import ProjectCode


class Alteration:
    """Of one process; the file itself is never touched."""

    def __init__(self, root: str, code: ProjectCode) -> None:
        self._root = Path(root)
        self._code = code
        self._functions: LiveFunctions | None = None
        self._modules: dict[str, list[ModuleType]] = {}
        self._parts: dict[str, list[ChangedPart]] = {}
        self._supplied: SuppliedSource | None = None
        self._prepared: tuple[Change, list[Exchange] | None] | None = None

    @property
    def is_broken(self) -> bool:
        """Whether the changed file could not be imported."""
        return self._supplied is not None and self._supplied.has_failed

    def is_loaded(self, path: str) -> bool:
        """Whether a file has been imported already, as pytest's plugins are before anything of the project."""
        file = os.path.realpath(self._root / path)
        loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        return any(os.path.realpath(each) == file for each in loaded if each)

    def find_functions(self) -> None:
        """Look through this process; children that are forked from here on need not."""
        self._functions = LiveFunctions(self._code.relative)
        self._modules = {}
        for module in list(sys.modules.values()):
            path = self._code.relative(getattr(module, "__file__", None) or "")
            if path:
                self._modules.setdefault(path, []).append(module)

    def _read(self, path: str) -> None:
        """Compile a file of the project as it is, once."""
        if path not in self._parts:
            with tokenize.open(self._root / path) as file:
                text = file.read()
            self._parts[path] = [
                ChangedPart(text, str(module.__file__)) for module in self._modules.get(path, [])
            ]

    def prepare(self, change: Change) -> None:
        """Know what is to be exchanged; children that are forked from here on need not find it out, each with its own copy of memory."""
        if self._prepared is None or self._prepared[0] != change:
            self._prepared = None
            with suppress(Exception):  # whatever it is, the child meets it, too, and tells
                self._prepared = (change, self._exchanges(change))

    def in_living_process(self, change: Change, folder: Path) -> Ending | None:
        """Alter this process, in which the project is loaded; what ends the job where that is not possible."""
        is_prepared = self._prepared is not None and self._prepared[0] == change
        parts = self._prepared[1] if self._prepared and is_prepared else self._exchanges(change)
        if parts is None:
            return Ending.COLD
        exchange(parts)
        self.before_import(change, folder)
        return None

    def _exchanges(self, change: Change) -> list[Exchange] | None:
        """In all modules that the file has become here; None: it takes a new import."""
        self._read(change.path)
        found: list[Exchange] = []
        for part in self._parts[change.path]:
            more = self._in_part(part, change)
            if more is None:
                return None
            found += more
        return found

    def _in_part(self, part: ChangedPart, change: Change) -> list[Exchange] | None:
        with suppress(NeedsImportError):
            found = self._bodies(part.pair(change.text), change)
            return self._bodies(part.whole(change.text), change) if found is None else found
        with suppress(NeedsImportError):
            defaults, pair = part.with_old_defaults(change.text)
            bodies = self._bodies(pair, change)
            if bodies is not None and self._functions is not None:
                same = (replace(each, after=each.before) for each in defaults)
                given = self._functions.defaults(pair[0].co_filename, same if change.is_control else defaults)
                return None if given is None else [*bodies, *given]
        return None

    def _bodies(self, pair: tuple[CodeType, CodeType], change: Change) -> list[Exchange] | None:
        before, after = pair
        changed = changed_functions(before, after)
        if change.is_control:
            same = functions_by_key(before)
            changed = {key: same[key] for key in changed if changed[key] is not None}
        return self._functions.bodies(before, changed) if self._functions is not None else None

    def before_import(self, change: Change, folder: Path) -> None:
        """Alter this process, in which the project is not loaded yet."""
        file = self._root / change.path
        text = change.text if not change.is_control else file.read_bytes()
        self._supplied = SuppliedSource(str(file), text)
        self._supplied.install()
        if change.in_children and not change.is_control:
            children.have_them_changed(folder, str(file), change.text)
