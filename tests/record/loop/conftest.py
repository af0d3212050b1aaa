"""Both loops, for the tests of what watches them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    runs: dict[str, Run] = {"asyncio": asyncio.run, "uvloop": uvloop.run}
    return runs[request.param]
