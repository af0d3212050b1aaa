"""Loads the recorder without pytest rewriting it: as a plugin it would be, module by module, in every run."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from greenroom.record import environment


def load(config: Any) -> None:
    """Record this pytest, unless a test of a recorded suite has started it."""
    if environment.is_inside_a_test(os.environ):
        return
    _unmark()
    _take_over()
    with _uncollected():
        with _unrewritten():
            from greenroom.pytest_plugin.recorder import Recorder  # noqa: PLC0415
            from greenroom.record.session import ON_REQUEST, SENSORS  # noqa: PLC0415

            wanted = [ON_REQUEST[name] for name in environment.also(os.environ) if name in ON_REQUEST]
            for spelled in (*SENSORS, *wanted):
                _import(spelled.partition(":")[0])
        recorder = Recorder(config)
        recorder.install()
        config.pluginmanager.register(recorder, "greenroom-recorder")
        _freeze(config)
    if environment.SEED in os.environ and environment.RUN in os.environ:
        from greenroom.pytest_plugin.conditions import Conditions  # noqa: PLC0415  - few runs are repeated

        config.pluginmanager.register(Conditions(os.environ), "greenroom-conditions")


def load_quarantine(config: Any) -> None:
    """Let the tests in quarantine fail without blocking; nothing is loaded where there is no such file.

    A pytest that a test has started is a matter of that test.
    """
    if environment.CURRENT_TEST in os.environ:
        return
    from greenroom.record.quarantine_file import find_quarantine  # noqa: PLC0415

    if find_quarantine(config.rootpath).is_file():
        with _unrewritten():
            from greenroom.pytest_plugin.quarantine import Quarantine  # noqa: PLC0415
        config.pluginmanager.register(Quarantine(config), "greenroom-quarantine")


def _import(sensor: str) -> None:
    """The session imports it again, and says what is wrong with it."""
    try:
        import_module(f"greenroom.record.{sensor}")
    except Exception:  # noqa: BLE001
        return


def _take_over() -> None:
    """From the recorder of unittest, where a program such as `runtests.py` has begun this process and calls pytest."""
    joining = sys.modules.get("greenroom.record.joining")
    if joining is not None:
        joining.stand_back()


def _unmark() -> None:
    """What is loaded later is not to be rewritten, either: pytest would, all that comes with a plugin."""
    for hook in sys.meta_path:
        marked = getattr(hook, "_must_rewrite", None)
        if isinstance(marked, set):
            marked.difference_update([name for name in marked if name.partition(".")[0] == "greenroom"])


@contextmanager
def _uncollected() -> Iterator[None]:
    """All that is loaded stays: the collector need not go through it again and again meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _freeze(config: Any) -> None:
    """Nor afterwards, until the session ends: what is there now is pytest, its plugins and the recorder.

    A full collection of a suite goes for the most part through these, and frees nothing there; that repays a
    good part of what recording costs.
    """
    if hasattr(gc, "freeze") and not gc.get_freeze_count():
        gc.freeze()
        config.add_cleanup(gc.unfreeze)


@contextmanager
def _unrewritten() -> Iterator[None]:
    finders = list(sys.meta_path)
    sys.meta_path[:] = [each for each in finders if type(each).__name__ != "AssertionRewritingHook"]
    try:
        yield
    finally:
        sys.meta_path[:] = finders
