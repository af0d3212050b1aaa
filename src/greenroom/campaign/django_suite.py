"""Tests that Django's own runner finds and pytest does not look for: pytest is told of the settings, and of the files."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from greenroom.project.testing.configuration import NAMES, Configurations

_NAMED: Final = re.compile(r"""setdefault\(\s*["']DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""")
_VARIABLE: Final = "DJANGO_SETTINGS_MODULE"
_FILES: Final = "python_files=test*.py"
"""As `manage.py test` looks for them."""
_SAYS_SO: Final = ("--ds", "--dc", "-c", "--rootdir", "--config-file")
_HAS_PLUGIN: Final = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("pytest_django") is None)'


def known_to_django(root: Path, python: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """What `manage.py test` knows and pytest must be told; nothing where somebody has told pytest anything.

    Args:
        root: The project.
        python: The interpreter of its tests.
        arguments: That pytest is given anyway.
    """
    settings = _settings_of(root)
    if not settings or _is_told(root, arguments) or not _has_plugin(python):
        return ()
    named = () if _VARIABLE in os.environ else (f"--ds={settings}",)
    return ("-o", _FILES, *named, *(() if _names_tests(root, arguments) else _targets(root)))


def is_of_django(root: Path) -> bool:
    """Whether the project has Django's `manage.py`."""
    return bool(_settings_of(root))


def _settings_of(root: Path) -> str:
    """The module that `manage.py` names; empty where there is none."""
    try:
        found = _NAMED.search((root / "manage.py").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return found[1] if found else ""


def _is_told(root: Path, arguments: Sequence[str]) -> bool:
    if any(each.startswith(_SAYS_SO) or "python_files" in each for each in arguments):
        return True
    configurations = Configurations(root)
    return any(configurations.section_in(root / name) is not None for name in NAMES)


def _names_tests(root: Path, arguments: Sequence[str]) -> bool:
    return any((root / each.partition("::")[0]).exists() for each in arguments if not each.startswith("-"))


def _targets(root: Path) -> list[str]:
    """Django's runner goes into packages alone: what lies in other folders are projects of their own, or no code."""
    packages = [path.parent.name for path in root.glob("*/__init__.py")]
    return sorted([*packages, *(path.name for path in root.glob("test*.py"))])


def _has_plugin(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", _HAS_PLUGIN], capture_output=True, check=False).returncode == 0  # noqa: S603  - the project's own
    except OSError:
        return False
