"""What pytest loads wherever Greenroom is installed: one option, at no cost; a test keeps it that way.

The recorder is loaded when `--greenroom` is given, or when `greenroom record` has started this pytest.
"""

import os
from typing import Any


def pytest_addoption(parser: Any) -> None:
    """Make the option known."""
    parser.getgroup("greenroom").addoption(
        "--greenroom", action="store_true", help="Record what each test truly touches, below .greenroom/runs."
    )


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Start recording before the first module of the suite is imported."""
    if "GREENROOM_RUN" in os.environ or early_config.known_args_namespace.greenroom:
        from greenroom.pytest_plugin.loading import load  # noqa: PLC0415  - when it is wanted

        load(early_config)


pytest_load_initial_conftests.pytest_impl = {"tryfirst": True}  # type: ignore[attr-defined]
"""As `pytest.hookimpl` marks a hook, without importing pytest."""
