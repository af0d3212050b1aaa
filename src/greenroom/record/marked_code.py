"""Imports the modules of a project with marks in them; its tests, and everything else, as they are."""

import ast
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from greenroom.record.counted_code import NOT_COMPILED, CountedCode, Kept, warnings_heard
from greenroom.record.instrument import with_counter
from greenroom.record.marks import Marks, Reached, write_marks
from greenroom.record.sensor import Scene
from greenroom.record.test_files import is_for_tests
from greenroom.record.words import words_of

_FORMAT = "marks-4"
"""Raise it whenever marks are written differently."""


class MarkedCode(CountedCode):
    """Compiles a file with its marks; kept by content below `.greenroom/cache`."""

    def __init__(self, cache: str, listeners: dict[str, Reached]) -> None:
        super().__init__(cache, rewriter=_FORMAT)
        self._listeners = listeners

    def _live(self, file: str, code: CodeType, plain: Any) -> CodeType:
        return with_counter(code, Marks(file, plain, self._listeners)) if plain else code

    def _compile(self, file: str, source: bytes) -> Kept:
        with warnings_heard() as heard:
            tree = ast.parse(source, filename=file)
            words = words_of(compile(tree, file, "exec", dont_inherit=True))  # without our marks
            marks = write_marks(tree)
            code: CodeType = compile(tree, file, "exec", dont_inherit=True)
        kept = (code, tuple(tuple(mark) for mark in marks), bool(heard), words.plain)
        self._write(self._key(file, source), kept)
        return kept


class ProjectImports:
    """Stands among the finders as long as somebody listens for marks."""

    def __init__(self) -> None:
        self._listeners: dict[str, Reached] = {}
        self._scene: Scene | None = None
        self._code: MarkedCode | None = None
        self._missing: set[tuple[str, ...]] = set()
        """Names and folders in which nobody had them: those after us are asked again at once, by the import system itself."""

    def listen(self, scene: Scene, kind: str, reached: Reached) -> None:
        """Have this called whenever a mark of this kind is passed."""
        self._listeners[kind] = reached
        if self in sys.meta_path:
            return
        self._scene = scene
        folder = os.path.dirname(os.path.dirname(scene.folder))  # noqa: PTH120
        self._code = MarkedCode(os.path.join(folder, "cache", "marks"), self._listeners)  # noqa: PTH118
        rewriting = [
            i for i, each in enumerate(sys.meta_path) if type(each).__name__ == "AssertionRewritingHook"
        ]
        sys.meta_path.insert(rewriting[0] + 1 if rewriting else 0, self)

    def listen_no_longer(self, kind: str) -> None:
        """Undo `listen`; what is imported already keeps its marks, which tell nobody."""
        self._listeners.pop(kind, None)
        if not self._listeners and self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the import system asks: what the finders after us say, with a loader that marks."""
        scene = self._scene
        if scene is None or (path is not None and not any(map(scene.code.relative, path))):
            return None
        folders: Sequence[Any] = sys.path if path is None else path
        asked = (
            name,
            *(each for each in folders if isinstance(each, str)),
        )  # anything may stand in `sys.path`
        if asked in self._missing:
            return None
        finders = tuple(sys.meta_path)
        after = finders[finders.index(self) + 1 :] if self in finders else ()
        for finder in after:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if type(spec.loader) is SourceFileLoader and spec.origin:
                    self._attach(spec.loader, spec.origin, scene)
                return spec
        self._missing.add(asked)
        return None

    def _attach(self, loader: SourceFileLoader, file: str, scene: Scene) -> None:
        relative = scene.code.relative(file)
        if not relative or is_for_tests(relative):
            return
        plain = loader.get_code

        def get_code(fullname: str) -> CodeType | None:
            try:
                marked = self._code.compile(file) if self._code else NOT_COMPILED
            except Exception as error:  # noqa: BLE001  - what cannot be marked is imported all the same
                scene.note(f"{relative} has no marks: {type(error).__name__}: {error}")
                marked = NOT_COMPILED
            if marked.is_enough:
                return marked.code
            code = plain(fullname)
            return marked.code or code

        loader.get_code = get_code  # type: ignore[method-assign]


PROJECT_IMPORTS = ProjectImports()
"""The finders of a process exist once, and so do the marks."""
