"""Repositories as they are found: damaged, half there, with paths and files that are not what they seem."""

import os
import subprocess
from pathlib import Path

import pytest

from greenroom import api
from greenroom.project.files.errors import ProjectError
from tests.history.repositories import Story, begin, fates

ONE = "def test_one():\n    assert int('1') + int('2') == 3\n    assert int('4') - int('2') == 2\n"
TWO = "def test_two():\n    assert sorted([3, 1, 2]) == [1, 2, 3]\n    assert sorted('ba') == ['a', 'b']\n"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    (tmp_path / "repository").mkdir()
    told = begin(tmp_path / "repository")
    told.commit("begin", {"app.py": "x = 1\n", "test_app.py": ONE + "\n\n" + TWO})
    return told


def object_of(story: Story, revision: str) -> Path:
    name = story.git("rev-parse", revision).strip()
    return story.root / ".git" / "objects" / name[:2] / name[2:]


def test_a_damaged_file_is_told(story: Story) -> None:
    story.commit("no two", {"test_app.py": ONE})
    damaged = object_of(story, "HEAD~1:test_app.py")
    damaged.chmod(0o644)
    damaged.write_bytes(b"not an object")

    (note,) = story.history(last=1).notes

    assert note.startswith("Git does not hold 1 of the files")
    assert "git fsck" in note


def test_a_damaged_tree_is_a_clear_error(story: Story) -> None:
    story.commit("no two", {"test_app.py": ONE})
    damaged = object_of(story, "HEAD~1^{tree}")
    damaged.chmod(0o644)
    damaged.write_bytes(b"not an object")

    with pytest.raises(ProjectError, match="git log failed"):
        story.history(last=1)


def test_a_repository_without_commits_is_a_clear_error(tmp_path: Path) -> None:
    story = begin(tmp_path)
    (tmp_path / "app.py").write_text("x = 1\n", encoding="utf-8")

    with pytest.raises(ProjectError, match="git knows no revision 'HEAD'"):
        story.history()


def test_files_that_git_does_not_hold_are_told(story: Story) -> None:
    story.commit("no two", {"test_app.py": ONE, "logo.gif": "a picture"})
    story.commit("end", {"app.py": "x = 2\n"})
    object_of(story, "HEAD:logo.gif").unlink()

    found = story.history(span="HEAD~2..HEAD~1")

    assert fates(found) == {"test_two": "lost"}
    assert found.notes[0].startswith("Git does not hold 1 of the files")


def test_what_archives_leave_out_is_read(story: Story) -> None:
    story.commit("no two", {"test_app.py": ONE, ".gitattributes": "tests export-ignore\n"})
    story.commit("move", {"test_app.py": None, "tests/test_app.py": ONE})
    story.commit("end", {"app.py": "x = 2\n"})

    assert fates(story.history(span="HEAD~2..HEAD~1")) == {"test_one": "moved"}


def test_a_path_that_is_no_text_is_told_as_it_is(story: Story) -> None:
    odd = os.fsdecode(b"test_\xff.py")
    (story.root / odd).write_text(TWO.replace("two", "odd"), encoding="utf-8")
    story.commit("odd", {})
    (story.root / odd).unlink()
    story.commit("gone", {})

    (gone,) = story.history(last=1).deletions

    assert gone.path == odd


def test_links_and_submodules_hold_no_tests(story: Story, tmp_path: Path) -> None:
    (story.root / "test_link.py").symlink_to("test_app.py")
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "other")], check=True)
    begin(tmp_path / "other").commit("one", {"test_other.py": TWO})
    story.git(
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(tmp_path / "other"),
        "test_sub.py",
    )
    story.commit("more", {})
    story.git("rm", "--quiet", "--force", "test_sub.py", "test_link.py")
    story.commit("less", {})

    assert story.history(last=1).deletions == ()


def test_a_renamed_binary_is_no_obstacle(story: Story) -> None:
    (story.root / "test_data.py").write_bytes(bytes(range(256)) * 40)
    story.commit("data", {})
    story.git("mv", "test_data.py", "test_bytes.py")
    story.commit("rename", {"test_app.py": ONE})

    assert fates(story.history(last=1)) == {"test_two": "lost"}


def test_what_a_merge_brought_is_told_once(story: Story) -> None:
    story.git("checkout", "--quiet", "-b", "branch")
    story.commit("no two", {"test_app.py": ONE})
    story.git("checkout", "--quiet", "main")
    story.commit("else", {"app.py": "x = 2\n"})
    story.git("merge", "--quiet", "--no-ff", "--message", "take it in", "branch")

    (gone,) = story.history(last=1).deletions

    assert (gone.symbol, gone.subject) == ("test_two", "take it in")


def test_the_last_commits_are_counted_whatever_they_changed(story: Story) -> None:
    story.commit("no two", {"test_app.py": ONE})
    story.commit("words", {"README.md": "words\n"})

    assert story.history(last=1).deletions == ()
    assert fates(story.history(last=2)) == {"test_two": "lost"}


def test_an_audit_needs_a_range_that_ends_at_what_is_checked_out(story: Story) -> None:
    story.commit("no two", {"test_app.py": ONE})

    story.commit("no app", {"app.py": "x = 2\n"})

    with pytest.raises(ProjectError, match="ends at HEAD"):
        api.audit(story.root, history_of="HEAD~2..HEAD~1")
    assert api.audit(story.root, history_of="HEAD~1").project.files


def test_tests_of_somebody_elses_code_are_left_out(story: Story) -> None:
    files = {"vendor/lib/lib.py": "x = 1\n", "vendor/lib/tests/test_lib.py": TWO.replace("two", "lib")}
    story.commit("take a library in", {**files})
    story.commit("take it from an index", {**dict.fromkeys(files), "test_app.py": ONE})

    found = story.history(last=2)

    assert [gone.symbol for gone in found.deletions] == ["test_two"]
    assert found.files_deleted == ()
    assert found.notes == (
        "Test files of code that is somebody else's, such as in `vendor/`, are left out: 1.",
    )
