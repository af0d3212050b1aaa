"""What was read out of single files is kept by content, and believed for that content only."""

from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.code.module import Module
from greenroom.project.code.reading import keep_answers
from greenroom.project.project import Project, read_project


def functions(module: Module) -> tuple[str, ...]:
    return tuple(scope.name for scope in module.scopes if scope.is_function)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("def first():\n    return 1\n")
    (tmp_path / "other.py").write_text("def other():\n    return 2\n")
    return tmp_path


def read(root: Path) -> dict[str, tuple[str, ...]]:
    project: Project = read_project(root, Settings())
    found = {module.path: module.reading(functions) for module in project.modules.values()}
    keep_answers(project.modules.values())
    return found


def pack(root: Path) -> Path:
    return next((root / ".greenroom" / "cache").glob("readings-*.bin"))


def test_what_is_kept_tells_what_was_read(root: Path) -> None:
    before = read(root)
    written = pack(root).stat().st_mtime_ns

    assert read(root) == before == {"app.py": ("first",), "other.py": ("other",)}
    assert pack(root).stat().st_mtime_ns == written


def test_a_file_that_changed_is_read_again(root: Path) -> None:
    read(root)
    (root / "app.py").write_text("def second():\n    return 1\n")

    assert read(root) == {"app.py": ("second",), "other.py": ("other",)}


def test_a_damaged_pack_is_not_believed(root: Path) -> None:
    before = read(root)
    content = bytearray(pack(root).read_bytes())
    content[-1] ^= 1
    pack(root).write_bytes(content)

    assert read(root) == before


def test_files_that_are_gone_are_dropped(root: Path) -> None:
    read(root)
    size = pack(root).stat().st_size
    (root / "other.py").unlink()
    (root / "app.py").write_text("def first():\n    return 3\n")
    read(root)

    assert pack(root).stat().st_size < size
