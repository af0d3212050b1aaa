import subprocess
from pathlib import Path

import pytest

from greenroom.detect.changed import read_changes
from greenroom.project.files.errors import ProjectError
from tests.conftest import WriteProject
from tests.detect.findings import finding, place

TEN_LINES = "".join(f"line_{number}\n" for number in range(1, 11))


def git(root: Path, *arguments: str) -> None:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def root(write_project: WriteProject) -> Path:
    found = write_project({"app/main.py": TEN_LINES, "app/other.py": TEN_LINES})
    git(found, "init", "-q", "-b", "main")
    git(found, "add", ".")
    git(found, "commit", "-q", "-m", "first")
    return found


def replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def test_nothing_changed(root: Path) -> None:
    assert read_changes(root, "HEAD").lines == {}


def test_the_working_tree_counts(root: Path) -> None:
    replace(root / "app/main.py", "line_3\n", "changed\nadded\n")

    assert read_changes(root, "HEAD").lines == {"app/main.py": frozenset({3, 4})}


def test_what_is_staged_counts(root: Path) -> None:
    replace(root / "app/main.py", "line_3\n", "changed\n")
    git(root, "add", ".")

    assert read_changes(root, "HEAD").lines == {"app/main.py": frozenset({3})}


def test_a_removal_counts_for_the_lines_on_both_sides(root: Path) -> None:
    replace(root / "app/main.py", "line_5\n", "")

    assert read_changes(root, "HEAD").lines == {"app/main.py": frozenset({4, 5})}


def test_a_new_file_is_changed_as_a_whole(root: Path) -> None:
    (root / "app/new file.py").write_text("x\n")

    assert read_changes(root, "HEAD").touch(finding(path="app/new file.py", line=1))


def test_only_what_the_branch_did_counts(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "topic")
    replace(root / "app/main.py", "line_3\n", "ours\n")
    git(root, "commit", "-q", "-a", "-m", "ours")
    git(root, "checkout", "-q", "main")
    replace(root / "app/other.py", "line_7\n", "theirs\n")
    git(root, "commit", "-q", "-a", "-m", "theirs")
    git(root, "checkout", "-q", "topic")

    assert read_changes(root, "main").lines == {"app/main.py": frozenset({3})}


def test_paths_are_relative_to_the_audited_folder(root: Path) -> None:
    replace(root / "app/main.py", "line_3\n", "changed\n")

    assert read_changes(root / "app", "HEAD").lines == {"main.py": frozenset({3})}


def test_lines_that_look_like_headers_and_names_that_need_quotes(root: Path) -> None:
    file = root / "app" / 'sp ace"ü.py'
    file.write_text("a\nb\nc\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "second")
    file.write_text("++ b/app/other.py\nb\n-- a\n")

    assert read_changes(root, "HEAD").lines == {'app/sp ace"ü.py': frozenset({1, 3})}


def test_the_users_git_configuration_does_not_matter(root: Path) -> None:
    git(root, "config", "diff.noprefix", "true")
    git(root, "config", "color.ui", "always")
    replace(root / "app/main.py", "line_3\n", "changed\n")

    assert read_changes(root, "HEAD").lines == {"app/main.py": frozenset({3})}


def test_a_finding_is_touched_at_its_statement_its_sites_and_its_hops(root: Path) -> None:
    replace(root / "app/other.py", "line_7\n", "changed\n")
    changes = read_changes(root, "HEAD")

    assert not changes.touch(finding())
    assert changes.touch(finding(path="app/other.py", line=6, end_line=8))
    assert changes.touch(finding(sites=(place("app/other.py", 7),)))
    assert changes.touch(finding(chain=(place(), place("app/other.py", 7))))


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=stolen", "HEAD:app/main.py"])
def test_no_such_revision(revision: str, root: Path) -> None:
    with pytest.raises(ProjectError, match="git knows no such revision"):
        read_changes(root, revision)

    assert sorted(file.name for file in root.iterdir()) == [".git", "app"]


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is not in a git repository"):
        read_changes(tmp_path, "HEAD")
