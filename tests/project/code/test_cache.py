"""What is kept under `.greenroom`, and what happens to it."""

import multiprocessing
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from greenroom.project.code import cache, reading
from greenroom.project.code.cache import FactsCache, digest
from greenroom.project.code.module import Module
from greenroom.project.code.reading import read_modules
from greenroom.project.files.inventory import SourceFile
from greenroom.project.files.kind import FileKind


def write(root: Path, **texts: str) -> list[SourceFile]:
    files = []
    for name, text in texts.items():
        path = f"{name}.py"
        (root / path).write_text(text, encoding="utf-8")
        files.append(SourceFile(path=path, kind=FileKind.PRODUCTION, size=len(text)))
    return files


def pack(root: Path) -> Path:
    (found,) = (root / ".greenroom" / "cache").iterdir()
    return found


def summary(modules: dict[str, Module]) -> dict[str, list[object]]:
    return {path: [scope.facts for scope in module.scopes] for path, module in modules.items()}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that had to be parsed: the real reader, overheard."""
    seen: list[str] = []
    real = reading.compact

    def compact(content: bytes, path: str) -> tuple[object, ...]:
        seen.append(path)
        return real(content, path)

    monkeypatch.setattr(reading, "compact", compact)
    return seen


def test_a_file_is_parsed_once_per_content(tmp_path: Path, parsed: list[str]) -> None:
    files = write(tmp_path, a="def f(): pass\n", b="def f(): pass\n", c="def g(): pass\n")

    first = summary(read_modules(tmp_path, files))
    assert parsed == ["a.py", "c.py"]
    assert summary(read_modules(tmp_path, files)) == first
    assert parsed == ["a.py", "c.py"]

    write(tmp_path, a="def changed(): pass\n")
    again = read_modules(tmp_path, files)
    assert parsed == ["a.py", "c.py", "a.py"]
    assert again["a.py"].scopes[1].name == "changed"


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    files = write(tmp_path, a="a = 1\n" * 500, b="b = 1\n")
    read_modules(tmp_path, files)
    before = pack(tmp_path).stat().st_size

    read_modules(tmp_path, files[1:])

    assert pack(tmp_path).stat().st_size < before / 2


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "foreign", "folder"])
def test_a_damaged_pack_costs_time_only(tmp_path: Path, parsed: list[str], damage: str) -> None:
    files = write(tmp_path, a="def f(): pass\n")
    first = summary(read_modules(tmp_path, files))
    file = pack(tmp_path)
    content = file.read_bytes()
    if damage == "folder":
        file.unlink()
        file.mkdir()
    else:
        file.write_bytes(
            {
                "cut": content[:-7],
                "flipped": content[:-7] + bytes([content[-7] ^ 1]) + content[-6:],
                "emptied": b"",
                "foreign": b"something else entirely",
            }[damage]
        )

    assert summary(read_modules(tmp_path, files)) == first
    assert parsed == ["a.py", "a.py"]


def test_another_format_is_another_pack(
    tmp_path: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write(tmp_path, a="def f(): pass\n")
    read_modules(tmp_path, files)

    monkeypatch.setattr(cache, "_FORMAT", 1_000)
    read_modules(tmp_path, files)

    assert parsed == ["a.py", "a.py"]
    assert pack(tmp_path).stem.endswith("-1000")


def test_the_pack_is_of_one_python(tmp_path: Path) -> None:
    read_modules(tmp_path, write(tmp_path, a="a = 1\n"))

    assert sys.implementation.cache_tag in pack(tmp_path).name


def test_it_stays_out_of_version_control_and_can_be_shared(tmp_path: Path) -> None:
    read_modules(tmp_path, write(tmp_path, a="a = 1\n"))
    mask = os.umask(0)
    os.umask(mask)

    assert (tmp_path / ".greenroom" / ".gitignore").read_text().endswith("*\n")
    assert stat.S_IMODE(pack(tmp_path).stat().st_mode) == 0o666 & ~mask
    assert [file.name for file in pack(tmp_path).parent.iterdir() if file.name.startswith(".")] == []


def test_a_place_that_cannot_be_written(tmp_path: Path, parsed: list[str]) -> None:
    (tmp_path / ".greenroom").write_text("a file where the folder should be")
    files = write(tmp_path, a="def f(): pass\n")

    assert read_modules(tmp_path, files)["a.py"].scopes[1].name == "f"
    assert read_modules(tmp_path, files)["a.py"].scopes[1].name == "f"
    assert parsed == ["a.py", "a.py"]


def _read_often(root: str, number: int) -> None:
    for turn in range(20):
        known = FactsCache(Path(root))
        key = digest(f"{number} {turn}".encode())
        known.put(key, (number, turn))
        known.save()


def test_two_runs_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=_read_often, args=(str(tmp_path), number)) for number in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert [run.exitcode for run in runs] == [0, 0]
    last = [digest(f"{number} 19".encode()) for number in range(2)]
    left = FactsCache(tmp_path)
    assert [left.get(key) for key in last].count(None) == 1
    assert list(pack(tmp_path).parent.glob(".*")) == []


def test_packs_that_nobody_reads_any_more_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_FORMAT", 7)
    home = tmp_path / ".greenroom" / "cache"
    home.mkdir(parents=True)
    older, forgotten, neighbour, newer = (
        home / f"facts-{name}.bin"
        for name in ("cpython-311-6", "cpython-39-7", "cpython-399-7", "cpython-399-8")
    )
    for file in (older, forgotten, neighbour, newer):
        file.write_bytes(b"of another run")
    now, day = time.time(), 24 * 60 * 60
    os.utime(forgotten, (now - 31 * day, now - 31 * day))
    os.utime(neighbour, (now - 29 * day, now - 29 * day))

    read_modules(tmp_path, write(tmp_path, a="a = 1\n"))

    own = home / f"facts-{sys.implementation.cache_tag}-7.bin"
    assert set(home.iterdir()) == {own, neighbour, newer}
