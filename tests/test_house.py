"""The rules of the house that a machine can keep."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenroom.catalogue import all_modes, page

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "greenroom"
SOURCES = sorted(PACKAGE.rglob("*.py"))

LONGEST_FILE = 400
LONGEST_FUNCTION = 60

TOO_LONG: frozenset[str] = frozenset()
"""Files that may break the two rules. It may only shrink: what is not too long must not stand here."""

VAGUE_NAMES = {"base", "common", "core", "helpers", "manager", "misc", "util", "utils"}
FOR_THE_COMMAND_LINE = {"print", "exit", "quit", "breakpoint", "input"}


def relative(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def is_too_long(file: Path) -> bool:
    if len(file.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE:
        return True
    return any(lines_of(node) > LONGEST_FUNCTION for node in functions(file))


def test_files_and_functions_stay_short() -> None:
    assert {relative(file) for file in SOURCES if is_too_long(file)} == TOO_LONG


def test_most_functions_are_much_shorter() -> None:
    lengths = sorted(lines_of(node) for file in SOURCES for node in functions(file))

    assert lengths[len(lengths) // 2] <= 15
    assert lengths[len(lengths) * 95 // 100] <= 40


def test_names_say_what_is_inside() -> None:
    names = {part for file in PACKAGE.rglob("*") for part in (file.stem,) if "__pycache__" not in file.parts}

    assert not names & VAGUE_NAMES


def test_nothing_prints_or_exits_below_the_command_line() -> None:
    found = [
        f"{relative(file)}:{node.lineno}"
        for file in SOURCES
        if "cli" not in file.relative_to(PACKAGE).parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _is_for_the_command_line(node.func)
    ]

    assert found == []


def test_every_package_says_what_it_is_for() -> None:
    folders = {file.parent for file in SOURCES}

    assert [relative(folder) for folder in sorted(folders) if not _docstring(folder / "__init__.py")] == []


def test_imports_only_point_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_constraints_hold_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    names = [pin.partition("==")[0].lower() for pin in pins]

    assert names == sorted(set(names))
    assert all(pin.partition("==")[2] for pin in pins)
    assert not [pin for pin in pins if any(sign in pin for sign in "/@:;")]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_all_that_the_package_does(shipped: set[str]) -> None:
    data = {f"greenroom/{relative(file)}" for file in PACKAGE.rglob("*") if _is_part(file)}

    assert data - shipped == set()
    assert "greenroom/py.typed" in shipped
    assert any(name.endswith("licenses/LICENSE") for name in shipped)


def test_every_failure_mode_ships_its_page(shipped: set[str]) -> None:
    pages = {name for name in shipped if name.startswith("greenroom/catalogue/") and name.endswith(".md")}

    assert len(pages) == len(all_modes()) > 0
    for mode in all_modes():
        assert page(mode).startswith(f"# {mode.name} ({mode.code})\n")


def _is_part(file: Path) -> bool:
    return file.is_file() and "__pycache__" not in file.parts and not file.name.startswith(".")


def _is_for_the_command_line(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in FOR_THE_COMMAND_LINE
    return isinstance(function, ast.Attribute) and ast.unparse(function) in {
        "sys.exit",
        "logging.basicConfig",
    }


def _docstring(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "" if file.exists() else ""
