"""Greenroom measures whether green is real.

PYTEST_DONT_REWRITE: there is no assertion in here, and where a recorded run has loaded the package
before pytest did, pytest would warn that it cannot rewrite it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from greenroom.api import audit

__all__ = ["audit"]


def __getattr__(name: str) -> Any:
    """Load the library when it is asked for, so that the pytest plugin and `--help` start at once."""
    if name not in __all__:
        message = f"module 'greenroom' has no attribute {name!r}"
        raise AttributeError(message)
    from greenroom import api  # noqa: PLC0415  - that is what this function is for

    return getattr(api, name)
