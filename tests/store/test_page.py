"""The page about the store says what is so."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from greenroom.model.evidence import Outcome
from greenroom.store.store import open_store
from greenroom.store.tables import Table
from tests.store.examples import a_run, many_tests

PAGE = (Path(__file__).parent.parent.parent / "docs" / "store.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_it_names_every_table() -> None:
    assert set(re.findall(r"^\| `(greenroom_\w+)` \|", PAGE, re.MULTILINE)) == set(Table.metadata.tables)


def test_its_query_runs(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.absorb(a_run(), many_tests(1, Outcome.FAILED))

    with closing(sqlite3.connect(tmp_path / ".greenroom" / "greenroom.db")) as other:
        ((name, crossings),) = other.execute(block("sql")).fetchall()

    assert name == "tests/test_0.py::test_0"
    assert '"redis"' in crossings


def test_its_python_runs(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.absorb(a_run(), many_tests(1, Outcome.FAILED))
    names: dict[str, object] = {}

    exec(block("python").replace("path/to/project", str(tmp_path)), names)  # noqa: S102  - our own page

    assert names["failed"] == ["tests/test_0.py::test_0"]
    assert names["shaky"] == names["scores"] == []
