"""Which configuration file pytest would read, from which directory, and which it would not.

Follows `_pytest/config/findpaths.py` of pytest 9.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from greenroom.project.files.notations import parse_toml
from greenroom.project.testing.options import IgnoredConfiguration, Options, relative

NAMES = (
    "pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg",
)  # fmt: skip
"""In the order in which pytest asks for them."""
_SINCE_NINE = ("pytest.toml", ".pytest.toml")
_SECTION = re.compile(r"^\[\s*([^\]]+?)\s*\]")
_OPTION = re.compile(r"^([A-Za-z_][\w.-]*)\s*[=:]\s*(.*)$")
_KNOWN = frozenset({
    "addopts", "testpaths", "python_files", "python_classes", "python_functions", "norecursedirs",
    "markers", "asyncio_mode", "filterwarnings", "minversion", "pythonpath", "django_settings_module",
    "strict_markers", "asyncio_default_fixture_loop_scope", "xfail_strict", "strict", "anyio_mode",
})  # fmt: skip


class Section:
    """One section of a configuration file."""

    __slots__ = ("line", "lines", "name", "values")

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.values: dict[str, Any] = {}
        self.lines: dict[str, int] = {}


class Configurations:
    """The configuration files under a project, each read once."""

    def __init__(self, root: Path, *, pytest_major: int = 9) -> None:
        self.root = root
        self.pytest_major = pytest_major
        self._sections: dict[Path, dict[str, Section]] = {}
        self._found: dict[Path, tuple[Path, Section | None] | None] = {}

    def sections(self, path: Path) -> dict[str, Section]:
        """The sections of a file by name; empty for a file that is missing or cannot be read."""
        found = self._sections.get(path)
        if found is None:
            found = _read_sections(path)
            self._sections[path] = found
        return found

    def section_in(self, path: Path) -> Section | None:
        """The section that pytest reads in this file; None where the file says nothing to pytest."""
        name, sections = path.name, self.sections(path)
        if name in _SINCE_NINE:
            if self.pytest_major < 9 or not path.is_file():
                return None
            return sections.get("pytest") or Section("pytest", 1)
        if name in ("pytest.ini", ".pytest.ini"):
            if not path.is_file():
                return None
            return sections.get("pytest") or Section("pytest", 1)  # wins even when it is empty
        if path.suffix == ".toml":
            native = sections.get("tool.pytest") if self.pytest_major >= 9 else None
            return native or sections.get("tool.pytest.ini_options")
        if path.suffix == ".cfg":
            return sections.get("tool:pytest")
        return sections.get("pytest")

    def options(
        self,
        directory: Path,
        targets: Iterable[Path] = (),
        *,
        file: Path | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> Options:
        """What is in effect for a run in `directory` on `targets`."""
        targets = [target if target.is_dir() else target.parent for target in targets if target.exists()]
        ancestor = _common_ancestor(targets) or directory
        found: tuple[Path, Section | None] | None
        if file is not None:
            found = (file, self.section_in(file))
        else:
            found = self._locate(ancestor)
            if found is None and not any((base / "setup.py").is_file() for base in self._upward(ancestor)):
                found = next(filter(None, (self._locate(target) for target in targets)), None)
        section = found[1] if found is not None else None
        values = dict(section.values) if section else {}
        lines = dict(section.lines) if section else {}
        values.update(overrides or {})
        base = found[0].parent if found else self._rootdir_without_file(ancestor, directory)
        winner = relative(found[0], self.root) if found and section else ""
        return Options(
            path=winner,
            rootdir=relative(base, self.root) or ".",
            values=values,
            lines=lines,
            ignored=tuple(self.ignored(ancestor, found[0] if found and section else None)),
        )

    def _locate(self, start: Path) -> tuple[Path, Section | None] | None:
        """The file that wins when looking upward from here; a bare pyproject.toml marks the rootdir."""
        if start in self._found:
            return self._found[start]
        bare: tuple[Path, Section | None] | None = None
        result: tuple[Path, Section | None] | None = None
        for base in self._upward(start):
            for name in NAMES:
                path = base / name
                if not path.is_file():
                    continue
                section = self.section_in(path)
                if section is not None:
                    result = (path, section)
                    break
                if name == "pyproject.toml" and bare is None:
                    bare = (path, None)
            if result:
                break
        self._found[start] = result or bare
        return self._found[start]

    def _upward(self, start: Path) -> Iterator[Path]:
        """The directory and those above it, as far as the project reaches."""
        yield start
        for base in start.parents:
            if start == self.root or not base.is_relative_to(self.root):
                return
            yield base

    def _rootdir_without_file(self, ancestor: Path, directory: Path) -> Path:
        for base in self._upward(ancestor):
            if (base / "setup.py").is_file():
                return base
        # A command may name an absolute folder, where the project's own is relative.
        common, home = (
            Path(os.path.commonpath([ancestor.absolute(), directory.absolute()])),
            self.root.absolute(),
        )
        return self.root / common.relative_to(home) if common.is_relative_to(home) else common

    def ignored(self, start: Path, winner: Path | None) -> Iterator[IgnoredConfiguration]:
        """What looks like configuration of pytest, from here upward and in the tests' own folders."""
        for base in self._upward(start):
            for name in NAMES:
                path = base / name
                if path.is_file():
                    yield from self._ignored_in(path, winner)

    def _ignored_in(self, path: Path, winner: Path | None) -> Iterator[IgnoredConfiguration]:
        read = self.section_in(path)
        shown = relative(path, self.root)
        for section in self.sections(path).values():
            if not _is_about_pytest(section) or (path == winner and section is read):
                continue
            if section is read:
                reason = f"{relative(winner, self.root)} wins over it" if winner else "it is not read"
            else:
                reason = f"pytest does not read [{section.name}] in {path.name}"
            yield IgnoredConfiguration(
                path=shown, line=section.line, reason=reason, values=section.values, lines=section.lines
            )


def _is_about_pytest(section: Section) -> bool:
    if section.name in ("pytest", "tool:pytest", "tool.pytest", "tool.pytest.ini_options"):
        return True
    return section.name == "tool.pytest-asyncio" or section.name.startswith("pytest.")


def _common_ancestor(paths: list[Path]) -> Path | None:
    return Path(os.path.commonpath(paths)) if paths else None


def _read_sections(path: Path) -> dict[str, Section]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return _toml_sections(text) if path.suffix == ".toml" else _ini_sections(text)


def _ini_sections(text: str) -> dict[str, Section]:
    """As `iniconfig` reads: indented lines continue, `#` and `;` at the start are comments."""
    sections: dict[str, Section] = {}
    current: Section | None = None
    option = ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace() and current is not None and option:
            current.values[option] = f"{current.values[option]}\n{stripped}".strip()
        elif match := _SECTION.match(line):
            current, option = Section(match[1], number), ""
            sections.setdefault(match[1], current)
        elif current is not None and (match := _OPTION.match(line)):
            option = match[1]
            current.values[option] = match[2].split(" #")[0].split("\t#")[0].strip()
            current.lines[option] = number
    return sections


def _toml_sections(text: str) -> dict[str, Section]:
    try:
        document = parse_toml(text)
    except tomllib.TOMLDecodeError:
        return {}
    sections: dict[str, Section] = {}
    tool = document.get("tool", {})
    tables = {
        "pytest": document.get("pytest"),
        "tool:pytest": document.get("tool:pytest"),
        "tool.pytest": tool.get("pytest") if isinstance(tool, dict) else None,
        "tool.pytest-asyncio": tool.get("pytest-asyncio") if isinstance(tool, dict) else None,
    }
    native = tables["tool.pytest"]
    if isinstance(native, dict):
        tables["tool.pytest.ini_options"] = native.get("ini_options")
        rest = {key: value for key, value in native.items() if key != "ini_options"}
        tables["tool.pytest"] = rest or None
    for name, table in tables.items():
        if isinstance(table, dict):
            sections[name] = _toml_section(name, table, text)
    return sections


def _toml_section(name: str, table: dict[str, Any], text: str) -> Section:
    lines = text.splitlines()
    header = next((n for n, line in enumerate(lines, 1) if line.strip().strip('["]') == name), 1)
    section = Section(name, header)
    section.values = {key: str(value) if isinstance(value, bool) else value for key, value in table.items()}
    for key in table:
        spelled = re.compile(rf"^\s*[\"']?{re.escape(key)}[\"']?\s*=")
        section.lines[key] = next(
            (n for n, line in enumerate(lines[header:], header + 1) if spelled.match(line)), header
        )
    return section
