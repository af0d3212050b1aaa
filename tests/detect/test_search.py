"""Bodies are searched without being decoded."""

from pathlib import Path

import pytest

from greenroom.detect.search import mentioning, mentions, whole, words
from greenroom.model.settings import Settings
from greenroom.project.code.searches import Needles
from greenroom.project.project import Project, read_project

_CODE = """
import redis

LIMIT = "redis://cache"

def asks(client):
    while True:
        try:
            return client.cache.fetch(limit=3)
        except OSError:
            meanwhile = 1

async def asks_again(client):
    async with client:
        return [lambda: client.fetch()]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "app.py").write_text(_CODE)
    return read_project(tmp_path, Settings())


@pytest.mark.parametrize(
    ("needles", "found"),
    [
        (words("fetch"), ["asks", "<lambda>"]),
        (words("redis"), [""]),
        (words("limit"), ["asks"]),
        (words("mean"), ["asks"]),
        (whole("mean"), []),
        (whole("while"), ["asks"]),
        (whole("try", "async-with"), ["asks", "asks_again"]),
        (words("nobody"), []),
    ],
)
def test_scopes_that_mention_a_word(project: Project, needles: Needles, found: list[str]) -> None:
    scopes = list(mentioning(project.production(), needles))
    assert [scope.name for scope in scopes] == found
    assert all(mentions(scope, needles) for scope in scopes)


def test_every_question_must_be_met_by_the_same_scope(project: Project) -> None:
    both = mentioning(project.production(), words("fetch"), whole("while"))
    assert [scope.name for scope in both] == ["asks"]


def test_a_question_is_the_same_in_whatever_order_its_words_come() -> None:
    """A set has another order in each process, and what is kept is looked up by the question."""
    assert words("fetch", "get") == words("get", "fetch")
    assert whole("while", "for") == whole("for", "while")
