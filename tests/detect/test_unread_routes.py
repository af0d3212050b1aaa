"""Routes that code hands on in ways that nobody reads."""

import pytest

from tests.conftest import RunGreenroom, WriteProject

PARTIAL = """\
from functools import partial

from fastapi import FastAPI

app = FastAPI()
get = partial(app.router.api_route, methods=["GET"])


@get("/x")
def x():
    return 1
"""
TOLD = "note: main.py: FastAPI is used, and no route could be read"


@pytest.mark.parametrize(
    ("source", "times"),
    [
        (PARTIAL, 1),
        (PARTIAL + '\n\n@app.get("/y")\ndef y():\n    return 1\n', 0),
        ("from fastapi import HTTPException\n", 0),
    ],
)
def test_an_application_without_a_route_is_told(
    source: str, times: int, write_project: WriteProject, greenroom: RunGreenroom
) -> None:
    root = write_project({"main.py": source})

    assert greenroom("audit", root).out.count(TOLD) == times
