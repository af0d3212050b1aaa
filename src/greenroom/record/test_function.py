"""The code that somebody wrote, below what decorators and plugins put around it."""

import functools
from collections.abc import Callable
from types import CodeType
from typing import Any

_DEEPEST = 20


def code_of(function: Callable[..., Any] | None) -> CodeType | None:
    """The code of a test function, with its own first and last line."""
    inner: Any = function
    for _ in range(_DEEPEST):
        below = _below(inner)
        if below is None:
            break
        inner = below
    code = getattr(inner, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _below(function: Any) -> Any:
    if isinstance(function, functools.partial):
        return function.func
    written = getattr(getattr(function, "hypothesis", None), "inner_test", None)
    return written or getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)
