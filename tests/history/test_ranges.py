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
    told = begin(tmp_path / "repository")
    told.commit("begin", {"app.py": "x = 1\n", "test_app.py": ONE + "\n\n" + TWO})
    told.git("tag", "v1")
    told.commit("no two", {"test_app.py": ONE})
    told.git("tag", "v2")
    told.commit("no one", {"test_app.py": "NONE = 0\n"})
    return told


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir(exist_ok=True)


def test_the_last_commits(story: Story) -> None:
    assert fates(story.history(last=1)) == {"test_one": "lost"}
    assert set(fates(story.history(last=2))) == {"test_one", "test_two"}


def test_since_a_revision(story: Story) -> None:
    found = story.history(since="v2")

    assert fates(found) == {"test_one": "lost"}
    assert found.first == story.git("rev-parse", "v2").strip()


def test_a_range_that_ends_before_today_is_judged_by_its_own_tree(story: Story) -> None:
    found = story.history(span="v1..v2")

    assert fates(found) == {"test_two": "lost"}
    assert found.last == story.git("rev-parse", "v2").strip()


def test_a_folder_below_the_root_has_a_history_of_its_own(story: Story) -> None:
    story.commit("more", {"service/app.py": "y = 1\n", "service/test_it.py": ONE, "test_app.py": TWO})
    story.commit("less", {"service/test_it.py": TWO.replace("two", "three"), "test_app.py": ONE})

    found = api.history(story.root / "service", last=1)

    assert [(gone.path, gone.symbol) for gone in found.deletions] == [("test_it.py", "test_one")]


def test_a_shallow_clone_is_said(story: Story, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", story.root.as_uri(), str(clone)], check=True)

    assert api.history(clone, last=5).shallow


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "v9"}, "git knows no revision 'v9'"),
        ({"span": "v1..v9"}, "git knows no revision 'v9'"),
        ({"span": "v2..v2"}, "no commit in this range"),
        ({"since": "soon"}, "nor is it a date"),
    ],
)
def test_what_git_does_not_know_is_told(story: Story, asked: dict[str, str], said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        story.history(**asked)


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n", encoding="utf-8")

    with pytest.raises(ProjectError, match="not in a git repository"):
        api.history(tmp_path)


def test_files_that_are_nested_deeper_than_python_reads_are_no_obstacle(story: Story) -> None:
    deep = "def test_deep():\n    assert " + "-" * 7000 + "1 == 1\n"
    story.commit("odd", {"test_deep.py": deep, "test_one.py": ONE})
    story.commit("gone", {"test_deep.py": None, "test_one.py": None})

    found = story.history(last=1)

    assert "test_one.py" in [gone.path for gone in found.deletions]
    assert found.files_deleted == ("test_deep.py", "test_one.py")


def test_files_that_do_not_parse_and_strange_names_are_no_obstacle(story: Story) -> None:
    story.commit(
        "odd", {"test_ünïcode name.py": ONE, "test_broken.py": "def test_broken(:\n", "test_app.py": TWO}
    )
    story.commit("gone", {"test_ünïcode name.py": None, "test_broken.py": None})

    found = story.history(last=1)

    assert [gone.path for gone in found.deletions] == ["test_ünïcode name.py"]
    assert found.files_deleted == ("test_broken.py", "test_ünïcode name.py")
