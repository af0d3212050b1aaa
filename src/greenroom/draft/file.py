"""The file of a drafted test: imports, the fixtures that it brings along, the test."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from greenroom.draft.requests import todo

_FOLDER: Final = files("greenroom.draft").joinpath("fixtures")
_OF_PYTEST: Final = frozenset(
    {
        "capfd",
        "caplog",
        "capsys",
        "monkeypatch",
        "recwarn",
        "request",
        "tmp_path",
        "tmp_path_factory",
        "subtests",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Code with the imports that it needs."""

    imports: tuple[str, ...]
    code: str


def part_of(text: str) -> Part:
    """A piece of a file, its imports apart."""
    tree = ast.parse(text)
    imported = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = text.splitlines()
    taken = {line for node in imported for line in range(node.lineno - 1, node.end_lineno or node.lineno)}
    code = "\n".join(line for number, line in enumerate(lines) if number not in taken)
    return Part(imports=tuple(map(ast.unparse, imported)), code=code.strip("\n"))


@cache
def fixture_text(name: str, framework: str) -> str:
    """The fixture of this name, for applications of this framework; empty where there is none."""
    for file in (f"{name}.{framework}.txt", f"{name}.txt"):
        found = _FOLDER.joinpath(file)
        if found.is_file():
            return found.read_text(encoding="utf-8")
    return ""


def unwritten_fixture(name: str, what: str) -> str:
    """A fixture that its author has to write."""
    return f"import pytest\n\n\n@pytest.fixture\ndef {name}():\n    {todo(what)}\n"


def wanted_by(code: str) -> list[str]:
    """Fixtures that the tests and fixtures of a piece of code ask for."""
    found: dict[str, None] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_fixture = any("fixture" in ast.unparse(each) for each in node.decorator_list)
            if is_fixture or node.name.startswith("test"):
                found |= dict.fromkeys(argument.arg for argument in node.args.args)
    return [name for name in found if name not in _OF_PYTEST]


def file_of(docstring: str, parts: Iterable[Part]) -> str:
    """The whole file."""
    known = list(parts)
    imports = sorted(dict.fromkeys(line for part in known for line in part.imports), key=_place_of_import)
    blocks = ["\n".join(_grouped(imports)), *(part.code for part in known)]
    return "\n\n\n".join([f'"""{docstring}"""\n\n{blocks[0]}'.rstrip(), *blocks[1:]]) + "\n"


def with_first_lines(code: str, lines: Iterable[str]) -> str:
    """A test with lines before its first one."""
    function = next(
        node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    at = function.body[0].lineno - 1
    given = code.splitlines()
    return "\n".join([*given[:at], *(f"    {line}" for line in lines), *given[at:]]) + "\n"


def test_name(code: str) -> str:
    """The name of the first test."""
    found = re.search(r"^(?:async )?def (test\w*)", code, re.MULTILINE)
    return found[1] if found else ""


def _place_of_import(line: str) -> tuple[bool, int, bool, str]:
    """Standard library first; within it, `import` before `from`."""
    module = line.split()[1].partition(".")[0]
    return (
        module not in sys.stdlib_module_names,
        not line.startswith("from __future__"),
        line.startswith("from"),
        line,
    )


def _grouped(imports: list[str]) -> Iterator[str]:
    """A blank line between the standard library and the others."""
    before = None
    for line in imports:
        is_standard = not _place_of_import(line)[0]
        if before is True and not is_standard:
            yield ""
        before = is_standard
        yield line
