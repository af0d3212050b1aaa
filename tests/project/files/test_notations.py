"""JSON, TOML and YAML that no reader takes: passed over, and the rest of the project is read."""

import pytest
import yaml

from greenroom import api
from greenroom.project.files.notations import parse_json, parse_python, parse_toml, parse_yaml
from tests.conftest import WriteProject

LEVELS = 300_000
"""So many take a process of libyaml's with them."""
DEEP = {
    "brackets": "a: " + "[" * LEVELS + "]" * LEVELS,
    "brackets, with something in each": "[1, {a: " * LEVELS,
    "braces": "{a: " * LEVELS + "1" + "}" * LEVELS,
    "dashes": "- " * LEVELS + "1",
    "question marks": "? " * LEVELS + "1",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_yaml_that_is_nested_too_deeply_is_no_yaml(text: str) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_yaml(text)


def test_yaml_as_people_write_it_is_read() -> None:
    [document] = parse_yaml("- [1, [2, {a: [3]}]]\n- '[[[[' \n" + "- [1]\n" * 500)

    assert len(document.value) == 502


def test_json_and_toml_that_are_nested_too_deeply_are_neither() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json("[" * LEVELS)
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_toml("a = " + "[" * LEVELS)


def test_what_no_reader_takes_is_no_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="while parsing a flow sequence"):
        parse_yaml("jobs: [pytest\n")

    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)  # as where PyYAML came without libyaml
    with pytest.raises(ValueError, match="recursion"):
        parse_yaml("\n".join(f"{' ' * level}a:" for level in range(2_000)))


@pytest.mark.parametrize("text", ["def f(:", "x = '\ud800'", "x = \0", "(" * 5_000, "-" * 200_000 + "1"])
def test_what_python_does_not_read_is_no_python(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_python(text)


def test_a_project_with_such_files_is_audited(write_project: WriteProject) -> None:
    text = DEEP["brackets"]
    root = write_project(
        {
            "main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            "compose.yaml": text,
            ".github/workflows/test.yml": f"jobs: # pytest\n  {text}\n",
            "environment.yml": text,
            "k8s/shop.yaml": f"kind: Deployment\nspec: {text[3:]}\n",
            "pyproject.toml": "[project]\nname = 'shop'\n",
        }
    )

    audit = api.audit(root)

    assert sum(audit.project.files.values()) == 1
