"""What a pytest configuration says, as typed values."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_DEFAULT_NORECURSE = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredConfiguration:
    """Configuration that its author believes in and pytest does not read."""

    path: str
    line: int
    """Of the section's header; 1 for a whole file."""
    reason: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """Line of each option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The ini options in effect, overrides of the command line included."""

    path: str
    """The file that wins, relative to the project; empty for none."""
    rootdir: str
    """Relative to the project, "." for its root."""
    values: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)
    ignored: tuple[IgnoredConfiguration, ...] = ()

    def words(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """An option of several words: a text is split as a shell would, a list is taken as it is."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, list | tuple):
            return tuple(str(part) for part in value)
        return tuple(_split(str(value)))

    def text(self, name: str) -> str:
        """An option of one word; empty for none."""
        return str(self.values.get(name, "")).strip()

    @property
    def python_files(self) -> tuple[str, ...]:
        return self.words("python_files", ("test_*.py", "*_test.py"))

    @property
    def python_classes(self) -> tuple[str, ...]:
        return self.words("python_classes", ("Test",))

    @property
    def python_functions(self) -> tuple[str, ...]:
        return self.words("python_functions", ("test",))

    @property
    def testpaths(self) -> tuple[str, ...]:
        return self.words("testpaths")

    @property
    def norecursedirs(self) -> tuple[str, ...]:
        return self.words("norecursedirs", _DEFAULT_NORECURSE)

    @property
    def addopts(self) -> tuple[str, ...]:
        return self.words("addopts")

    @property
    def asyncio_mode(self) -> str:
        """The word auto, strict or legacy; empty where it is not set."""
        return self.text("asyncio_mode")

    @property
    def markers(self) -> frozenset[str]:
        """Names of the markers registered here."""
        value = self.values.get("markers", ())
        lines = value if isinstance(value, list | tuple) else str(value).splitlines()
        return frozenset(str(line).split(":")[0].split("(")[0].strip() for line in lines) - {""}

    def is_true(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.text(name).lower() in ("true", "1", "yes", "on")


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=False)
    except ValueError:  # an unclosed quote
        return text.split()


def relative(path: Path, root: Path) -> str:
    """Relative to the project with forward slashes; "." for the project itself, empty outside of it."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return ""
