"""Tests that an import ends before they begin run nowhere, whatever else is read of them."""

from pathlib import Path

import pytest

from greenroom import api
from greenroom.model.audit import Audit

MAIN = """
import requests
from fastapi import FastAPI
{imports}

app = FastAPI()


@app.get("/rates")
def rates():
    return requests.get("https://rates.example", timeout=3).json()
"""
TEST = """
from fastapi.testclient import TestClient
{imports}

from main import app


def test_rates():
    assert TestClient(app).get("/rates").status_code == 200
"""
BROKEN = "def tax():\n    return 1\n   pass\n"


def audit(root: Path, *, of_main: str = "", of_test: str = "") -> Audit:
    (root / "tests").mkdir()
    (root / "main.py").write_text(MAIN.format(imports=of_main))
    (root / "tax.py").write_text(BROKEN)
    (root / "Procfile").write_text("web: uvicorn main:app\n")
    (root / "tests" / "test_rates.py").write_text(TEST.format(imports=of_test))
    (root / "tests" / "test_alone.py").write_text("def test_alone():\n    assert sum([1, 1]) == 2\n")
    return api.audit(root)


def bar(read: Audit, name: str) -> tuple[int, int]:
    return next((part.achieved, part.total) for part in read.score.bars if part.name == name)


@pytest.mark.parametrize(
    ("of_main", "of_test", "told"),
    [
        ("from tax import tax", "", "`tax.py` does not parse: "),
        ("", "from main import totals", "`from main import totals` fails: "),
    ],
)
def test_what_the_file_of_a_test_loads(tmp_path: Path, of_main: str, of_test: str, told: str) -> None:
    read = audit(tmp_path, of_main=of_main, of_test=of_test)
    running = {test.id: test.runs for test in read.tests}
    assert running == {"tests/test_rates.py::test_rates": False, "tests/test_alone.py::test_alone": True}
    reasons = next(test.reasons for test in read.tests if not test.runs)
    assert reasons[0].startswith(f"its file cannot be imported: {told}")
    assert bar(read, "tests that run") == (1, 2)
    assert bar(read, "HTTP routes requested") == (0, 1)
    assert bar(read, "dependencies crossed for real") == (0, 1)


def test_what_nothing_loads_at_once_shuts_nobody_out(tmp_path: Path) -> None:
    read = audit(tmp_path, of_main="try:\n    from tax import tax\nexcept Exception:\n    tax = None")
    assert all(test.runs for test in read.tests)
    assert bar(read, "HTTP routes requested") == (1, 1)
    assert bar(read, "dependencies crossed for real") == (1, 1)


def test_the_way_from_the_start_to_a_file_that_does_not_parse(tmp_path: Path) -> None:
    read = audit(tmp_path, of_main="from tax import tax")
    found = next(part for part in read.findings if part.code == "STA001")
    assert [(place.path, place.line) for place in found.chain] == [
        ("Procfile", 1),
        ("main.py", 4),
        ("tax.py", 3),
    ]
    assert found.consequence == "the process exits before its first request, at every start"


def test_tests_that_begin_with_a_file_that_does_not_parse_show_of_no_import_that_it_works(
    tmp_path: Path,
) -> None:
    read = audit(tmp_path, of_main="from tax import tax\nfrom rates.history import History")
    (tmp_path / "rates").mkdir()
    (tmp_path / "rates" / "__init__.py").touch()
    read = api.audit(tmp_path)
    assert {part.place.path for part in read.findings if part.code == "STA001" and part.shown} == {
        "tax.py",
        "main.py",
    }
