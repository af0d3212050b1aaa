"""The JSON document and its contract."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from greenroom import api
from greenroom.model.audit import Audit
from greenroom.report import RenderOptions, render
from greenroom.report.json_format import VERSION
from greenroom.report.json_schema import audit_schema
from greenroom.report.sources import SourceReader
from tests.conftest import WriteProject
from tests.report.rendering import rendered
from tests.report.sample import empty_audit, large_audit, rich_audit

PAGE = Path(__file__).parents[2] / "docs" / "json.md"

APPLICATION = {
    "app/main.py": (
        "import time\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
        '@app.get("/slow")\nasync def slow():\n    time.sleep(5)\n'
    ),
    "app/__init__.py": "",
    "tests/test_main.py": "from app.main import slow\n\n\ndef test_slow():\n    slow()\n",
    "pyproject.toml": '[project]\nname = "desk"\ndependencies = ["fastapi"]\n',
}


def problems(document: Any) -> list[str]:
    validator = Draft202012Validator(audit_schema())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(audit_schema())


@pytest.mark.parametrize("audit", [rich_audit(), empty_audit(), large_audit(50)])
def test_keeps_its_contract(audit: Audit) -> None:
    assert problems(json.loads(rendered("json", audit))) == []


def test_keeps_its_contract_for_a_real_project(write_project: WriteProject) -> None:
    root = write_project(APPLICATION)
    text = render(api.audit(root), api.modes(), "json", lines=SourceReader(root))

    document = json.loads(text)

    assert problems(document) == []
    assert [test["id"] for test in document["tests"]] == ["tests/test_main.py::test_slow"]
    assert "EVL001" in [finding["code"] for finding in document["findings"]]
    assert str(root) not in text


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("version",), 2),
        (("findings", 0, "severity"), "fatal"),
        (("findings", 0, "line"), 0),
        (("findings", 0, "chain", 0, "line"), "31"),
        (("tests", 0, "interface"), "imagined"),
        (("score", "overall"), 11),
        (("routes", 0, "certain"), None),
    ],
)
def test_the_contract_notices_what_breaks_it(place: tuple[Any, ...], value: object) -> None:
    document = json.loads(rendered("json"))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value

    assert problems(document) != []


@pytest.mark.parametrize("part", ["findings", "tests", "integration_points", "routes"])
def test_the_contract_notices_what_is_missing(part: str) -> None:
    whole = json.loads(rendered("json"))

    for field in whole[part][0]:
        document = json.loads(rendered("json"))
        del document[part][0][field]
        assert problems(document) != [], field


def test_holds_every_finding_and_marks_those_shown() -> None:
    findings = json.loads(rendered("json"))["findings"]

    assert len(findings) == len(rich_audit().findings)
    assert sum(finding["shown"] for finding in findings) == 5
    assert all(finding["hidden_because"] for finding in findings if not finding["shown"])
    assert {finding["confidence"] for finding in findings} == {"definite", "probable", "possible"}


def test_paths_are_relative_whatever_the_terminal_shows() -> None:
    text = rendered("json", options=RenderOptions(version="1.2.3", path_prefix="/builds/desk/"))

    assert text == rendered("json")


def test_the_page_names_every_field() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"(\w+)(?=`|\[\]|,|\})", page))

    assert f"`version` is {VERSION}" in page
    assert set(fields(json.loads(rendered("json")))) - named == set()


def fields(document: Any) -> Iterator[str]:
    """Names of all fields; not those under `files`, which are kinds of files."""
    if isinstance(document, list):
        for item in document:
            yield from fields(item)
    elif isinstance(document, dict):
        for name, value in document.items():
            yield name
            if name != "files":
                yield from fields(value)
