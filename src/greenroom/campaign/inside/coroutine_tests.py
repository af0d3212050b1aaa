"""Tests that are coroutines, under a runner that may call them and drop what they return."""

import inspect
import unittest
from types import CodeType

import pytest


def own_coroutine(item: pytest.Item) -> CodeType | None:
    """The body of an `async def` under a `unittest.TestCase`; pytest itself awaits or refuses all others."""
    owner, function = getattr(item, "cls", None), getattr(item, "function", None)
    if function is None or not isinstance(owner, type) or not issubclass(owner, unittest.TestCase):
        return None
    body = inspect.unwrap(function)
    return body.__code__ if inspect.iscoroutinefunction(body) else None
