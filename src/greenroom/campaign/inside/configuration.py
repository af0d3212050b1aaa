"""How pytest is started: as the project starts it, but in one process, without measuring, and in its own order."""

import copy
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Any

_ALWAYS = ("-p", "no:cacheprovider", "-s", "-q")
"""Children share the streams; what they say is nobody's business."""
_OVERRIDES = {
    "xdist": ("-n0",),
    "_cov": ("--no-cov",),
    "pytest_cov": ("--no-cov",),
    "benchmark": ("--benchmark-disable",),
}
"""What is said to plugins that are loaded, by the name under which they are registered."""
_REORDERING = ("randomly", "random_order", "reverse", "stepwiseplugin", "testmon")
"""Plugins that may have no part in it: the order of the tests is the one in which they stand."""
_CONFIGURED = frozenset({"django", "rest_framework"})
"""Libraries whose import asks for the project's settings."""


def arguments_for_pytest(given: tuple[str, ...]) -> list[str]:
    """The user's arguments, and ours behind them."""
    return [*given, *_ALWAYS]


def override(early_config: Any, arguments: list[str]) -> None:
    """Plugins are loaded, and the arguments of the configuration files known: ours stand behind them and win."""
    plugins = early_config.pluginmanager
    words = [word for name, told in _OVERRIDES.items() if plugins.has_plugin(name) for word in told]
    arguments += dict.fromkeys(words)
    for name in _REORDERING:
        if plugins.has_plugin(name):
            plugins.unregister(name=name)
    parser = early_config._parser  # noqa: SLF001  - pytest-cov has read the options already
    before = early_config.known_args_namespace
    known = parser.parse_known_args(arguments, namespace=copy.copy(early_config.option))
    known.confcutdir = before.confcutdir  # the project's root, which pytest has found by itself
    early_config.known_args_namespace = known


def load_libraries(names: list[str]) -> None:
    """Import what tests will import, so that not every child has to; who fails fails again where it matters."""
    for name in names:
        if name.partition(".")[0] in _CONFIGURED:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with suppress(BaseException):
                import_module(name)
