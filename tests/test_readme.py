"""The README says what the commands say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from greenroom import api

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^greenroom ([a-z-]+)", README, re.MULTILINE)))


def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "greenroom", *command, "--help"], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_it_opens_with_the_two_commands() -> None:
    first_block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)

    assert first_block is not None
    assert [line.split("#")[0].strip() for line in first_block[1].splitlines()] == ["make demo", "make test"]


def test_it_names_every_command() -> None:
    listed = re.findall(r"^  ([a-z][a-z-]+) {2,}", help_of(), re.MULTILINE)

    assert set(listed) <= set(COMMANDS)
    assert set(COMMANDS) <= set(listed)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_options_exist(command: str) -> None:
    lines = [line for line in README.splitlines() if line.startswith(f"greenroom {command}")]
    options = {option for line in lines for option in re.findall(r"--[a-z-]+", line.split("#")[0])}

    assert options <= set(re.findall(r"--[a-z-]+", help_of(command)))


def test_its_table_says_nothing_that_the_catalogue_does_not() -> None:
    listed = dict(re.findall(r"^\| ([a-z -]+ \([A-Z]{3}\)) \| ([a-z, -]+) \|", README, re.MULTILINE))
    known: dict[str, list[str]] = {}
    for mode in api.modes():
        known.setdefault(f"{mode.family.words} ({mode.family.value})", []).append(mode.name)

    assert listed.keys() <= known.keys()
    for family, names in listed.items():
        assert set(names.split(", ")) <= set(known[family])  # a new entry is two files, and needs no row here


def test_its_links_lead_somewhere() -> None:
    pages = [
        ROOT / name
        for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *map(str, Path("docs").glob("*.md")))
    ]
    missing = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]

    assert missing == []
