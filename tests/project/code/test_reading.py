"""Files as they come: broken, oddly encoded, huge, empty."""

import gc
import sys
from pathlib import Path

import pytest

from greenroom.project.code import facts
from greenroom.project.code.expressions import read_annotation
from greenroom.project.code.module import Module
from greenroom.project.code.reading import read_modules
from greenroom.project.files.inventory import SourceFile
from greenroom.project.files.kind import FileKind


def read(root: Path, content: bytes, path: str = "app.py") -> Module:
    (root / path).write_bytes(content)
    file = SourceFile(path=path, kind=FileKind.PRODUCTION, size=len(content))
    return read_modules(root, [file])[path]


def names(module: Module) -> list[str]:
    return [scope.qualname for scope in module.scopes[1:]]


def test_an_empty_file(tmp_path: Path) -> None:
    module = read(tmp_path, b"")

    assert (module.error, module.line_count, len(module.scopes)) == (None, 1, 1)


def test_a_broken_statement_costs_only_itself(tmp_path: Path) -> None:
    module = read(
        tmp_path,
        b"import os\n\n@cached\ndef first():\n    return os.getcwd()\n\ndef broken(:\n    pass\n\n"
        b"class Last:\n    def method(self):\n        pass\n",
    )

    assert module.error is not None
    assert module.error[0] == 7
    assert names(module) == ["first", "Last", "Last.method"]
    assert module.scopes[1].decorators == ("cached",)
    assert [scope.line for scope in module.scopes[1:]] == [4, 10, 11]
    assert [part.module for part in module.imports] == ["os"]


def test_a_conflict_marker(tmp_path: Path) -> None:
    module = read(
        tmp_path, b"def f():\n    pass\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\ny = 3\n"
    )

    assert module.error is not None
    assert module.error[0] == 3
    assert names(module) == ["f"]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python reads it by itself")
def test_exceptions_without_parentheses(tmp_path: Path) -> None:
    module = read(tmp_path, b"try:\n    pass\nexcept KeyError, e.Other:\n    pass\n")

    assert module.error is None
    assert module.top.body.blocks[2].detail == (("seq", "tuple", ("KeyError", "e.Other")), None)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "é"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), "€"),
        (b"\xef\xbb\xbfx = '\xc3\xa9'\n", "é"),
        ("x = 'größer'\r\n".encode(), "größer"),
        (b"x = 'old Mac'\ry = 2\r", "old Mac"),
    ],
)
def test_encodings_and_line_ends(content: bytes, text: str, tmp_path: Path) -> None:
    module = read(tmp_path, content)

    assert module.error is None
    assert module.top.body.statements[0].value == ("const", text)


@pytest.mark.parametrize(
    "content",
    [
        "x = 'é'\n".encode("latin-1"),
        b"# coding: klingon\nx = 1\n",
        b"# coding: rot13\nx = 1\n",
        b"# coding: unicode_escape\nx = '\\ud800'\n",
        b"\xff\xfex\x00=\x001\x00",
        b"x = 1\x00\n",
        b"# coding: utf-8\nx = '\xff'\n",
    ],
)
def test_what_is_no_text_is_an_error_and_no_crash(content: bytes, tmp_path: Path) -> None:
    module = read(tmp_path, content)

    assert module.error is not None
    assert module.top.kind == "module"


@pytest.mark.parametrize("text", ["-" * 3_000 + "1", "-" * 20_000 + "1", "\0", "a b", "\ud800"])
def test_what_is_no_annotation_is_none(text: str) -> None:
    assert read_annotation(text) is None


def test_a_long_annotation_is_read_from_its_end() -> None:
    found = read_annotation(" | ".join(f"Part{number}" for number in range(900)))

    assert found is not None
    assert "Part899" in set(facts.walk(found))


def test_the_collector_of_garbage_is_left_as_it_was(tmp_path: Path) -> None:
    was_enabled = gc.isenabled()
    try:
        for wanted in (True, False):
            (gc.enable if wanted else gc.disable)()
            read(tmp_path, b"x = 1\n")
            assert gc.isenabled() is wanted
    finally:
        (gc.enable if was_enabled else gc.disable)()


def test_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    module = read(tmp_path, b"a = 1\r\n\r\ndef f():\r\n    return 1\r\n")

    assert (module.line_count, module.scopes[1].line, module.scopes[1].end_line) == (5, 3, 4)


def test_a_huge_line(tmp_path: Path) -> None:
    module = read(tmp_path, b"DATA = [" + b"1, " * 200_000 + b"]\n")

    assert module.error is None
    assert len(module.top.body.statements[0].value[2]) == 200_000


@pytest.mark.parametrize(
    "content", [b"x = " + b"(" * 5_000 + b")" * 5_000, b"x = " + b"not " * 20_000 + b"1"]
)
def test_nesting_without_end(content: bytes, tmp_path: Path) -> None:
    assert read(tmp_path, content).error is not None


def test_a_file_that_went_away_meanwhile(tmp_path: Path) -> None:
    file = SourceFile(path="gone.py", kind=FileKind.PRODUCTION, size=3)

    assert read_modules(tmp_path, [file]) == {}


def test_suppressions_are_comments_only(tmp_path: Path) -> None:
    module = read(
        tmp_path,
        b"x = 1  # greenroom: ignore[EVL001, DEP001] the loop is ours\n"
        b"y = '# greenroom: ignore[EVL002] no'\nz = 2  # greenroom: ignore\n",
    )

    assert module.suppressions == ((1, "EVL001, DEP001", "the loop is ours"), (3, "", ""))


def test_progress_is_told(tmp_path: Path) -> None:
    files = []
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\n")
        files.append(SourceFile(path=name, kind=FileKind.PRODUCTION, size=6))
    told: list[tuple[str, int, int]] = []

    read_modules(tmp_path, files, lambda *news: told.append(news))

    assert told == [("reading", 0, 2), ("reading", 1, 2)]
