import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.history.repositories import Story, begin

TEST = "def test_one():\n    assert int('1') + int('2') == 3\n    assert int('4') - int('2') == 2\n"
KEPT = "def test_two():\n    assert max(1, 2) == 2\n"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "greenroom", "history", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def story(tmp_path: Path) -> Story:
    told = begin(tmp_path)
    told.commit("begin", {"app.py": "x = 1\n", "test_app.py": TEST + "\n\n" + KEPT})
    told.commit("drop | it", {"test_app.py": KEPT})
    return told


def test_lost_tests_are_listed_and_make_the_exit_code_1(story: Story) -> None:
    done = run(cwd=story.root)

    assert done.returncode == 1
    heading, verdict = done.stdout.splitlines()[:2]
    assert heading == f"{story.root.name}: the last 40 commits, 2 commits"
    assert verdict == "1 test deleted: 1 lost. Grade F."
    assert "test_app.py:1 test_one" in done.stdout
    assert done.stderr == ""


def test_exit_zero_and_nothing_lost(story: Story) -> None:
    assert run("--exit-zero", cwd=story.root).returncode == 0
    assert run("HEAD~0..HEAD", cwd=story.root).returncode == 2
    story.commit("more", {"test_more.py": TEST})
    done = run("--last", "2", cwd=story.root)
    assert done.stdout.splitlines()[0] == f"{story.root.name}: the last 2 commits"
    done = run("--last", "1", cwd=story.root)
    assert (done.returncode, "No test and no helper of tests was deleted." in done.stdout) == (0, True)


def test_json_holds_everything(story: Story) -> None:
    document = json.loads(run("--output-format", "json", cwd=story.root).stdout)

    assert (document["version"], document["grade"], document["commits"]) == (1, "F", 2)
    assert document["untested"] == [], "a test is nothing that a test reaches"
    (gone,) = document["deletions"]
    assert (gone["symbol"], gone["fate"], gone["subject"]) == ("test_one", "lost", "drop | it")


def cut_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if re.search(r" and \d+ more[ |]*$", line)]


@pytest.mark.parametrize("output_format", ["full", "markdown"])
def test_all_ends_no_list_with_a_number(tmp_path: Path, output_format: str) -> None:
    numbers = range(12)
    shop = "".join(f"def price_{n}(x):\n    return x + {n}\n\n\n" for n in numbers)
    calls = "".join(f"    assert price_{n}(40) == {40 + n}\n" for n in numbers)
    imported = ", ".join(f"price_{n}" for n in numbers)
    told = begin(tmp_path)
    told.commit("begin", {
        "shop.py": shop, "test_app.py": KEPT,
        "test_shop.py": f"from shop import {imported}\n\n\ndef test_prices():\n{calls}",
    })  # fmt: skip
    told.commit("less", {"test_shop.py": None})

    short = run("--output-format", output_format, cwd=tmp_path).stdout
    whole = run("--output-format", output_format, "--all", cwd=tmp_path).stdout

    assert cut_lines(short)
    assert not cut_lines(whole)
    assert all(f"price_{n}" in whole for n in numbers)


def test_markdown_is_a_checklist_for_a_pull_request(story: Story, tmp_path: Path) -> None:
    done = run("--output-format", "markdown", "--output-file", "lost.md", cwd=story.root)

    text = (tmp_path / "lost.md").read_text(encoding="utf-8")
    assert done.stdout == ""
    assert "- [ ] Bring back or replace `test_one` (`test_app.py`)" in text
    assert "drop \\| it" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--last", "3", "--since", "HEAD"), "exclude one another"),
        (("--since", "v9"), "git knows no revision 'v9'"),
        (("--path", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_is_told_without_a_traceback(story: Story, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, cwd=story.root)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_audit_with_a_history_shows_what_was_lost(tmp_path: Path) -> None:
    story = begin(tmp_path)
    app = "def add(one, other):\n    return one + other\n"
    lost = "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n    assert add(4, -2) == 2\n"
    story.commit("begin", {"app.py": app, "test_add.py": lost, "test_app.py": KEPT})
    story.commit("drop it", {"test_add.py": None})

    done = subprocess.run(
        [sys.executable, "-m", "greenroom", "audit", "--history", "1", "--output-format", "concise"],
        cwd=story.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "app.py:1:1: TST013 `add` is still there" in done.stdout
