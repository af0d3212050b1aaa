"""The inventory as a whole: what is read beside Python, and how."""

from pathlib import Path

from greenroom.project.files.inventory import LARGEST
from tests.conftest import WriteProject
from tests.project.files.inventories import CODE, inventory, write_all


def test_files_are_sorted_and_measured(write_project: WriteProject) -> None:
    found = inventory(write_project({"b.py": CODE, "a/z.py": "x = 1\n", "a.py": ""}))

    assert [(file.path, file.size) for file in found.files] == [
        ("a.py", 0),
        ("a/z.py", 6),
        ("b.py", len(CODE)),
    ]


def test_what_speaks_for_the_project_is_listed(tmp_path: Path) -> None:
    telling = {
        "pyproject.toml", "tox.ini", "Makefile", "Dockerfile", "docker/Dockerfile.dev", "compose.yaml",
        ".github/workflows/ci.yml", ".gitlab-ci.yml", "deploy/helm/values.yaml", "requirements/base.txt",
        "scripts/run", "README.md", ".env.example", "uv.lock", "package.json",
    }  # fmt: skip
    write_all(tmp_path, ["main.py", *telling, "data/words.txt", "frontend/app.ts", "pnpm-lock.yaml"])

    assert set(inventory(tmp_path).other) == telling


def test_what_an_archive_says_is_not_the_project_s_word(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py", "archive/pyproject.toml", "archive/old.py", "third_party/setup.cfg"])

    assert inventory(tmp_path).other == ()


def test_the_largest_file_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py"])
    (tmp_path / "largest.py").write_bytes(b"#" * LARGEST)
    (tmp_path / "larger.py").write_bytes(b"#" * (LARGEST + 1))

    found = inventory(tmp_path)

    assert [file.path for file in found.files] == ["largest.py", "main.py"]
    assert [each.path for each in found.left_out] == ["larger.py"]


def test_a_larger_text_is_data_unless_a_package_manager_wrote_it(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py"])
    for name, size in (("notes.md", LARGEST), ("report.json", LARGEST + 1), ("poetry.lock", LARGEST + 1)):
        (tmp_path / name).write_bytes(b" " * size)

    found = inventory(tmp_path)

    assert [len(found.read_text(name)) for name in ("notes.md", "report.json", "poetry.lock")] == [
        LARGEST,
        0,
        LARGEST + 1,
    ]


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    write_all(tmp_path, ["main.py", "übersicht.py", "with space.py", 'qu"ote.py', "new\nline.py"])
    (tmp_path / "na\udcffme.py").write_text(CODE)

    found = inventory(tmp_path)

    assert len(found.files) == 5
    assert [(each.path, each.reason) for each in found.left_out] == [
        ("na?me.py", "its name is not valid text")
    ]


def test_text_is_read_within_the_project_only(tmp_path: Path) -> None:
    project = write_all(tmp_path / "project", ["main.py"])
    (tmp_path / "secret.txt").write_text("outside")
    (project / "inside.txt").write_bytes(b"\xef\xbb\xbfcaf\xc3\xa9 \xff")
    (project / "link.txt").symlink_to(tmp_path / "secret.txt")
    found = inventory(project)

    assert found.read_text("inside.txt") == "café \ufffd"
    assert found.read_text("link.txt") == ""
    assert found.read_text("../secret.txt") == ""
    assert found.read_text("nowhere.txt") == ""
    assert found.read_text(".") == ""
