"""How pytest is started: as the project starts it, but in one process, without measuring, and in its own order."""

import os
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.metadata import distributions

_OVERRIDES = {
    "xdist": ("-n0",),
    "pytest_cov": ("--no-cov",),
    "randomly": ("-p", "no:randomly"),
    "random_order": ("-p", "no:random_order"),
    "reverse": ("-p", "no:reverse"),
    "benchmark": ("--benchmark-disable",),
    "testmon": ("-p", "no:testmon"),
}
"""By the name under which a plugin registers itself at pytest."""
_ALWAYS = ("-p", "no:cacheprovider", "-p", "no:stepwise", "-s", "-q")
"""Children share the streams; what they say is nobody's business."""


_CONFIGURED = frozenset({"django", "rest_framework"})
"""Libraries whose import asks for the project's settings."""


def arguments_for_pytest(given: tuple[str, ...]) -> list[str]:
    """The user's arguments, and ours behind them, which win over those of the configuration files."""
    registered = _plugins()
    ours = [word for name, words in _OVERRIDES.items() if name in registered for word in words]
    return [*given, *_ALWAYS, *ours]


def load_libraries(names: list[str]) -> None:
    """Import what tests will import, so that not every child has to; who fails fails again where it matters."""
    for name in names:
        if name.partition(".")[0] in _CONFIGURED:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with suppress(BaseException):
                import_module(name)


def _plugins() -> set[str]:
    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return set()
    return {
        point.name for found in distributions() for point in found.entry_points if point.group == "pytest11"
    }
