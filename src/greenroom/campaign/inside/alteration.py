"""Puts a changed file into this process: living functions exchange their bodies, and imports find the new text."""

import os
import sys
import tokenize
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType

from greenroom.campaign.inside import children
from greenroom.campaign.messages import Change, Ending
from greenroom.mutate.changed_part import ChangedPart
from greenroom.mutate.code_change import NeedsImportError, changed_functions
from greenroom.mutate.defaults import NewDefault
from greenroom.mutate.import_hook import SuppliedSource
from greenroom.mutate.live_functions import LiveFunctions, functions_by_key
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

    def read(self, path: str) -> None:
        """Compile a file of the project as it is, once; children that are forked from here on need not."""
        if path not in self._parts:
            with tokenize.open(self._root / path) as file:
                text = file.read()
            self._parts[path] = [
                ChangedPart(text, str(module.__file__)) for module in self._modules.get(path, [])
            ]

    def in_living_process(self, change: Change, folder: Path) -> Ending | None:
        """Alter this process, in which the project is loaded; what ends the job where that is not possible."""
        self.read(change.path)
        if not all(self._alter(part, change) for part in self._parts[change.path]):
            return Ending.COLD
        self.before_import(change, folder)
        return None

    def _alter(self, part: ChangedPart, change: Change) -> bool:
        with suppress(NeedsImportError):
            return self._exchange(part.pair(change.text), change) or self._exchange(
                part.whole(change.text), change
            )
        with suppress(NeedsImportError):
            defaults, pair = part.with_old_defaults(change.text)
            return self._exchange(pair, change) and self._give(pair[0].co_filename, defaults, change)
        return False

    def _give(self, file: str, defaults: tuple[NewDefault, ...], change: Change) -> bool:
        return self._functions is not None and self._functions.give_defaults(
            file, defaults, is_control=change.is_control
        )

    def _exchange(self, pair: tuple[CodeType, CodeType], change: Change) -> bool:
        before, after = pair
        changed = changed_functions(before, after)
        if change.is_control:
            same = functions_by_key(before)
            changed = {key: same[key] for key in changed if changed[key] is not None}
        return self._functions is not None and self._functions.exchange(before, changed)

    def before_import(self, change: Change, folder: Path) -> None:
        """Alter this process, in which the project is not loaded yet."""
        file = self._root / change.path
        text = change.text if not change.is_control else file.read_bytes()
        self._supplied = SuppliedSource(str(file), text)
        self._supplied.install()
        if change.in_children and not change.is_control:
            children.have_them_changed(folder, str(file), change.text)
