"""Has this process import one file with another text than stands on disk."""

import os
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any


class SuppliedSource:
    """The text that counts for one file, whoever imports it from here on; nothing is written anywhere."""

    def __init__(self, file: str, text: str | bytes) -> None:
        """Prepare.

        Args:
            file: An absolute path.
            text: Its source, as it shall be.
        """
        self.has_failed = False
        """Whether the text could not be imported."""
        self._file = os.path.realpath(file)
        self._text = text

    def install(self) -> None:
        """For as long as this process lives."""
        get_code, exec_module = SourceFileLoader.get_code, SourceFileLoader.exec_module

        def supplied_code(loader: SourceFileLoader, fullname: str) -> CodeType | None:
            path = loader.get_filename(fullname)
            if os.path.realpath(path) != self._file:
                return get_code(loader, fullname)
            code: CodeType = compile(self._text, path, "exec", dont_inherit=True)
            return code

        def watched_exec(loader: SourceFileLoader, module: ModuleType) -> None:
            try:
                exec_module(loader, module)
            except BaseException:
                path = getattr(module, "__file__", None) or ""
                self.has_failed |= os.path.realpath(path) == self._file
                raise

        SourceFileLoader.get_code = supplied_code  # type: ignore[method-assign, assignment]
        SourceFileLoader.exec_module = watched_exec  # type: ignore[method-assign, assignment]
        self._keep_from_rewriting()

    def _keep_from_rewriting(self) -> None:
        """Pytest reads the files of its plugins itself, to rewrite their assertions: not this one."""
        rewriting = sys.modules.get("_pytest.assertion.rewrite")
        if rewriting is None:
            return
        hook = rewriting.AssertionRewritingHook
        find_spec = hook.find_spec

        def found(finder: Any, *asked: Any) -> ModuleSpec | None:
            spec: ModuleSpec | None = find_spec(finder, *asked)
            if spec is not None and spec.origin and os.path.realpath(spec.origin) == self._file:
                return None
            return spec

        hook.find_spec = found
