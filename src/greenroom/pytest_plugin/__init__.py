"""What pytest loads wherever Greenroom is installed: two options, at no cost; a test keeps it that way.

The recorder is loaded when `--greenroom` is given, or when `greenroom record` has started this pytest; the
quarantine then, too, or when `--greenroom-quarantine` is given.
"""

import os
from typing import Any


def pytest_addoption(parser: Any) -> None:
    """Make the options known."""
    group = parser.getgroup("greenroom")
    group.addoption(
        "--greenroom", action="store_true", help="Record what each test truly touches, below .greenroom/runs."
    )
    group.addoption(
        "--greenroom-quarantine",
        action="store_true",
        help="Tests in greenroom-quarantine.toml run and do not block, also where nothing is recorded.",
    )


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Start recording before the first module of the suite is imported."""
    options = early_config.known_args_namespace
    recorded = "GREENROOM_RUN" in os.environ or options.greenroom
    if recorded:
        from greenroom.pytest_plugin.loading import load  # noqa: PLC0415  - when it is wanted

        load(early_config)
    if (recorded and "GREENROOM_SEED" not in os.environ) or options.greenroom_quarantine:
        from greenroom.pytest_plugin.loading import load_quarantine  # noqa: PLC0415  - as above

        load_quarantine(early_config)


pytest_load_initial_conftests.pytest_impl = {"tryfirst": True}  # type: ignore[attr-defined]
"""As `pytest.hookimpl` marks a hook, without importing pytest."""
