"""What belongs to the project: held against git itself."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.model.settings import Settings
from greenroom.project.files.errors import NothingToCheckError
from tests.project.files.inventories import inventory, kinds, write_all

PATHS = (
    "main.py", "a/main.py", "a/b/main.py", "a/b/c/keep.py", "a/data/x.py", "data/x.py", "data/keep.py",
    "log/app.py", "a/log/app.py", "out.py", "a/out.py", "deep/er/out.py", "name with space.py", "üml.py",
)  # fmt: skip
PATTERNS = (
    "data/", "data", "/data", "/data/", "*.py", "out.*", "!keep.py", "!data/keep.py", "!*.py", "!out.py", "!data/", "**", "!*/", "!main.py", "!x.py", "a/*", "a/**", "**/log",
    "**/b/**", "/a/b", "!a/b/", "# comment", "", "\\#x.py", "name with space.py", "name\\ with*", "[lo]*", "ü*",
    "er/", "deep/**/out.py", "  ", "!", "/", "*/out.py", "b/c", "a/b/c/", "?ain.py", "out.py   ",
)  # fmt: skip


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", root, "-c", "core.quotePath=false", *arguments],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def listed(root: Path) -> set[str]:
    """All Python files that the inventory reads."""
    try:
        return set(kinds(root))
    except NothingToCheckError:
        return set()


def kept_by_git(root: Path) -> set[str]:
    """The verdict of `git check-ignore` on every file, in a repository of its own."""
    git(root, "init", "-q")
    ignored = subprocess.run(
        ["git", "-C", root, "check-ignore", "--stdin", "-z"],
        input="\0".join(PATHS), capture_output=True, text=True, check=False,
    ).stdout.split("\0")  # fmt: skip
    subprocess.run(["rm", "-rf", root / ".git"], check=True)
    return set(PATHS) - set(ignored)


ignore_file = st.lists(st.sampled_from(PATTERNS), max_size=5).map("\n".join)


def check_against_git(root: Path, top: str, nested: str, deep: str) -> None:
    """Write the three ignore files; what is read must be what git would not ignore."""
    write_all(root, PATHS)
    for folder, text in (("", top), ("a", nested), ("a/b", deep)):
        (root / folder / ".gitignore").write_text(f"{text}\n", encoding="utf-8")
    expected = kept_by_git(root)

    assert listed(root) == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=ignore_file, nested=ignore_file, deep=ignore_file)
def test_without_a_repository_we_ignore_what_git_would(
    tmp_path_factory: pytest.TempPathFactory, top: str, nested: str, deep: str
) -> None:
    check_against_git(tmp_path_factory.mktemp("tree"), top, nested, deep)


@pytest.mark.parametrize(
    ("top", "nested", "deep"),
    [
        ("out.py", "!out.py", ""),
        ("!out.py", "out.py", ""),
        ("out.py\n!out.py", "", ""),
        ("a/", "!out.py", ""),
        ("keep.py", "!keep.py", "keep.py"),
        ("keep.py", "keep.py", "!keep.py"),
        ("data/*\n!data/keep.py", "", ""),
        ("data/\n!data/keep.py", "", ""),
        ("/data", "", ""),
        ("a/**", "!*.py", ""),
        ("a/**\n!a/b/", "", ""),
        ("a/**\n!a/b/", "", "!keep.py"),
        ("**\n!a/", "", ""),
        ("/**\n!*/", "", ""),
    ],
)
def test_the_innermost_word_counts(top: str, nested: str, deep: str, tmp_path: Path) -> None:
    check_against_git(tmp_path, top, nested, deep)


def test_templates_of_env_files_stay_whatever_is_ignored(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(".env*\n")
    for name in (".env", ".env.local", ".env.example", ".env.prod.sample"):
        (tmp_path / name).write_text("A=1\n")

    (tmp_path / "main.py").write_text("A = 1\n")
    found = inventory(tmp_path)

    assert [path for path in (*found.other, *found.documents) if ".env" in path] == [
        ".env.example",
        ".env.prod.sample",
    ]


def test_in_a_repository_git_decides(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py", "ignored.py", "tracked/forced.py", "new.py", "gone.py", "nested/x.py"])
    (tmp_path / ".gitignore").write_text("ignored.py\ntracked/\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "main.py", "gone.py")
    git(tmp_path, "add", "-f", "tracked/forced.py")
    (tmp_path / "gone.py").unlink()

    assert set(kinds(tmp_path)) == {"main.py", "new.py", "nested/x.py", "tracked/forced.py"}


def test_a_folder_of_a_repository_is_listed_from_there(tmp_path: Path) -> None:
    write_all(tmp_path, ["services/api/main.py", "services/api/local.py", "services/other/main.py"])
    (tmp_path / ".gitignore").write_text("local.py\n")
    git(tmp_path, "init", "-q")

    assert set(kinds(tmp_path / "services" / "api")) == {"main.py"}


def test_a_folder_that_its_repository_ignores_is_read_from_the_disk(tmp_path: Path) -> None:
    write_all(tmp_path, ["scratch/main.py", "scratch/skipped.py"])
    (tmp_path / ".gitignore").write_text("scratch/\n")
    (tmp_path / "scratch" / ".gitignore").write_text("skipped.py\n")
    git(tmp_path, "init", "-q")

    assert set(kinds(tmp_path / "scratch")) == {"main.py"}


def test_a_repository_in_a_repository_is_read(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py", "plugins/one/main.py", "plugins/one/skipped.py"])
    (tmp_path / "plugins" / "one" / ".gitignore").write_text("skipped.py\n")
    git(tmp_path, "init", "-q")
    git(tmp_path / "plugins" / "one", "init", "-q")

    assert set(kinds(tmp_path)) == {"main.py", "plugins/one/main.py"}


def test_nothing_of_the_project_is_run_by_git(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py"])
    git(tmp_path, "init", "-q")
    witness = tmp_path / "witness"
    hook = tmp_path / "monitor.sh"
    hook.write_text(f"#!/bin/sh\ntouch '{witness}'\n")
    hook.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(hook))

    assert set(kinds(tmp_path)) == {"main.py"}
    assert not witness.exists()


@pytest.mark.parametrize("with_git", [False, True])
def test_environments_and_build_output_are_left_out_with_a_reason(tmp_path: Path, *, with_git: bool) -> None:
    write_all(
        tmp_path,
        [
            "main.py",
            ".venv/lib/site.py",
            "env/pyvenv.cfg",
            "env/lib/site.py",
            "node_modules/gyp/gyp.py",
            "build/lib/main.py",
            "package/build/__init__.py",
            "package/build/make.py",
            "__pycache__/x.py",
        ],
    )
    if with_git:
        git(tmp_path, "init", "-q")

    found = inventory(tmp_path)

    assert {file.path for file in found.files} == {
        "main.py",
        "package/build/__init__.py",
        "package/build/make.py",
    }
    assert {each.path.rstrip("/"): each.reason for each in found.left_out} == {
        ".venv": "an installed environment",
        "env": "an installed environment",
        "node_modules": "installed JavaScript packages",
        "build": "build output",
    }


def test_excluded_paths_are_not_read(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py", "legacy/a.py", "legacy/deep/b.py", "other/legacy/c.py"])

    found = kinds(tmp_path, Settings(exclude=("/legacy/**",)))

    assert set(found) == {"main.py", "other/legacy/c.py"}
