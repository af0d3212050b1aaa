"""What was found in bodies is kept by content, and believed for that content only."""

from pathlib import Path

import pytest

from greenroom.model.settings import Settings
from greenroom.project.code.reading import keep_answers
from greenroom.project.code.searches import Searches
from greenroom.project.project import Project, read_project

_CODE = "import redis\n\n\ndef first():\n    return redis.get('fetched')\n\n\ndef second():\n    return 1\n"
_FETCHED = (b"fetched", b"brought")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(_CODE)
    (tmp_path / "other.py").write_text("def other():\n    return 'fetched'\n")
    return tmp_path


def read(root: Path) -> Project:
    return read_project(root, Settings())


def found(project: Project) -> dict[str, list[str]]:
    return {
        module.path: [scope.qualname for scope in module.scopes if module.places(_FETCHED) >> scope.index & 1]
        for module in project.modules.values()
    }


def pack(root: Path) -> Path:
    return next((root / ".greenroom" / "cache").glob("searches-*.bin"))


def test_what_is_kept_tells_what_was_found(root: Path) -> None:
    project = read(root)
    before = found(project)
    keep_answers(project.modules.values())
    written = pack(root).stat().st_mtime_ns
    again = read(root)

    assert found(again) == before == {"app.py": ["first"], "other.py": ["other"]}
    keep_answers(again.modules.values())
    assert pack(root).stat().st_mtime_ns == written


def test_a_file_that_changed_is_searched_again(root: Path) -> None:
    project = read(root)
    found(project)
    keep_answers(project.modules.values())
    (root / "app.py").write_text(_CODE.replace("return 1", "return 'brought'"))

    assert found(read(root)) == {"app.py": ["first", "second"], "other.py": ["other"]}


def test_files_that_are_gone_and_questions_that_nobody_asks_are_dropped(root: Path) -> None:
    project = read(root)
    for module in project.modules.values():
        module.places((b"redis", b"asked once"))
    found(project)
    keep_answers(project.modules.values())
    assert b"asked once" in pack(root).read_bytes()
    gone = project.modules["other.py"].digest.encode()
    assert gone in pack(root).read_bytes()
    (root / "other.py").write_text("OTHER = 1\n")
    changed = read(root)
    found(changed)
    keep_answers(changed.modules.values())

    assert gone not in pack(root).read_bytes()
    assert b"asked once" not in pack(root).read_bytes()


def test_questions_beyond_the_limit_are_answered_and_not_kept(root: Path) -> None:
    module = read(root).modules["app.py"]
    searches = Searches(root)
    for number in range(400):
        asked = (f"word{number}".encode(), b"fetched")
        assert searches.places(module.digest, module.packed_bodies, module.ends, asked) == 1 << 1
    searches.kept.save([module.digest])

    assert pack(root).read_bytes().count(b"word") == 300
