"""What verdicts depend on, wherever a campaign takes place: interpreter, packages, ourselves, the project's tree."""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from greenroom.campaign import inside
from greenroom.campaign.errors import SuiteNotUsableError
from greenroom.project.files.ignore import Globs, Listing

_INSTALLED = """
import json, sys
from importlib.metadata import distributions
print(json.dumps([sys.version, sorted({(each.name or "", each.version or "") for each in distributions()})]))
"""
_PATIENCE = 120
_LEFT_BY_TESTS = (".pyc", ".db", ".sqlite", ".sqlite3", ".log", ".coverage", "-journal", "-wal", "-shm")
"""How files end that runs of the tests make in the tree."""
_SQLITE = b"SQLite format 3\0"
"""How a database of SQLite begins."""
_OWN = (Path(inside.__file__).parent.parent, Path(inside.__file__).parent.parent.parent / "mutate")
"""Of us: what runs in the project's interpreter, and who judges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Of one campaign, on one machine."""

    python: str
    """Version and build of the interpreter in which the tests run."""
    packages: Mapping[str, str]
    """What is installed there: name → version."""
    greenroom: str
    """Digest of our own source."""
    files: Mapping[str, str]
    """The project's tree: path → digest."""

    def environment(self, arguments: Sequence[str]) -> str:
        """A digest of all but the tree."""
        packages = (f"{name}=={version}" for name, version in sorted(self.packages.items()))
        return _digest((self.python, self.greenroom, *arguments, "", *packages))

    def tree(self) -> str:
        """A digest of the tree."""
        return _digest(f"{path} {content}" for path, content in sorted(self.files.items()))

    def differences(self, other: "Fingerprint") -> list[str]:
        """Why verdicts of another machine would not be ours."""
        found = []
        if other.python != self.python:
            found.append(f"its Python is {_first_word(other.python)}, here it is {_first_word(self.python)}")
        found += _difference("package", self.packages, other.packages)
        if other.greenroom != self.greenroom:
            found.append("its Greenroom is another")
        found += _difference("file", self.files, other.files)
        return found


def take_fingerprint(root: Path, python: str) -> Fingerprint:
    """Read them.

    Raises:
        SuiteNotUsableError: the interpreter does not run.
    """
    version, packages = _installed(python)
    own = (file for folder in _OWN for file in sorted(folder.rglob("*.py")))
    return Fingerprint(
        python=version,
        packages=packages,
        greenroom=_digest(f"{file.name} {content_of(file)}" for file in own),
        files={path: content_of(root / path) for path in _files(root)},
    )


def content_of(file: Path) -> str:
    """A digest of a file; `-` where it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:20]
    except OSError:
        return "-"


def _installed(python: str) -> tuple[str, dict[str, str]]:
    command = [python, "-c", _INSTALLED]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE)  # noqa: S603
        version, packages = json.loads(done.stdout)
        return str(version), dict(packages)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        message = (
            f"{python} is no Python that runs ({type(error).__name__}): name the project's with --python"
        )
        raise SuiteNotUsableError(message) from error


def _files(root: Path) -> list[str]:
    listing = Listing(root, Globs(()))
    listing.take()
    return sorted(name for name in listing.files if not _is_left_by_tests(root, name))


def _is_left_by_tests(root: Path, name: str) -> bool:
    """Whether runs of the tests make such files: databases whatever they are called, of tests that were killed."""
    if name.endswith(_LEFT_BY_TESTS):
        return True
    try:
        with (root / name).open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _difference(kind: str, here: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    names = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    if not names:
        return []
    first = names[0]
    how = "is missing there" if first not in there else "is missing here" if first not in here else "differs"
    versions = f" ({there[first]}, here {here[first]})" if kind == "package" and how == "differs" else ""
    more = f", and {len(names) - 1:,} more {kind}s differ" if len(names) > 1 else ""
    return [f"{first} {how}{versions}{more}"]


def _first_word(text: str) -> str:
    return text.partition(" ")[0]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
