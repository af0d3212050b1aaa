"""What calls the command line from outside names flags that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from greenroom.cli.audit import command
from greenroom.report import FORMATS

ROOT = Path(__file__).parent.parent.parent
KNOWN = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}


def flags_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def audit_step() -> Any:
    (step,) = [each for each in action()["runs"]["steps"] if each.get("id") == "audit"]
    return step


def test_the_action_names_flags_and_formats_that_exist() -> None:
    script = audit_step()["run"]

    assert {"--output-format", "--report", "--since", "--fail-on"} == flags_in(script) <= KNOWN
    assert set(re.findall(r"--(?:output-format |report \")([a-z]+)", script)) <= set(FORMATS)


def test_no_input_of_the_action_is_pasted_into_a_script() -> None:
    scripts = [step["run"] for step in action()["runs"]["steps"] if "run" in step]

    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_every_input_of_the_action_is_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")

    assert [name for name in action()["inputs"] if f"inputs.{name}" not in text] == []


@pytest.mark.parametrize(
    "hook", yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
)
def test_the_hooks_name_flags_that_exist(hook: dict[str, Any]) -> None:
    assert hook["entry"].startswith("greenroom audit ")
    assert flags_in(hook["entry"]) <= KNOWN
    assert hook["pass_filenames"] is False


@pytest.mark.parametrize("target", ["demo", "test", "lint", "bench", "judge"])
def test_the_makefile_has_what_the_documents_name(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(rf"^{target}: \$\(READY\).* ## ", makefile, re.MULTILINE)
    assert flags_in(makefile) & {"--report", "--exit-zero"} <= KNOWN
