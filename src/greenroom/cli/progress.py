"""Progress on stderr: only on a terminal, only for what takes over a second, and only then is rich loaded."""

import sys
import time
from importlib import import_module
from types import TracebackType
from typing import Any, Self

_PATIENCE = 1.0
"""Seconds."""


class ShownProgress:
    """Takes what the library reports while it works; shows it while the block lasts."""

    def __init__(self) -> None:
        self._wanted = sys.stderr.isatty()
        self._began = time.monotonic()
        self._display: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._display is not None:
            self._display.stop()

    def __call__(self, activity: str, done: int, total: int) -> None:
        if not self._wanted or time.monotonic() - self._began < _PATIENCE:
            return
        if self._display is None:
            self._display = _open_display()
        if activity not in self._tasks:
            for task in self._tasks.values():
                self._display.update(task, visible=False)
            self._tasks[activity] = self._display.add_task(activity, total=total)
        self._display.update(self._tasks[activity], completed=done, total=total)


def _open_display() -> Any:
    console = import_module("rich.console").Console(stderr=True)
    display = import_module("rich.progress").Progress(console=console, transient=True)
    display.start()
    return display
