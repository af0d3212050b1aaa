"""Which distribution an import name comes from: `distributions.toml` as an object."""

import re
import sys
import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from greenroom.project.declared.requirement import normalise

# In the standard library of some Python that is or was supported, though not of the one that runs us.
_STDLIB_AT_TIMES = {
    "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk", "compression",
    "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev",
    "parser", "pipes", "pyexpat", "smtpd", "sndhdr", "spwd", "sunau", "symbol", "telnetlib", "tomllib", "uu",
    "xdrlib", "zoneinfo", "formatter", "macpath", "dummy_threading", "graphlib", "test", "_winreg",
}  # fmt: skip
_STDLIB = frozenset(_STDLIB_AT_TIMES) | sys.stdlib_module_names
_WORDS = re.compile(r"[-_.]+")
_TELLS_NOTHING = {
    "python",
    "py",
    "django",
    "flask",
    "google",
    "azure",
    "pytest",
    "lib",
    "sdk",
    "client",
    "api",
}


def is_standard(name: str) -> bool:
    """Whether the first part of an import name is of the standard library, or of the host."""
    return name in _STDLIB or name in _data()["host"]["names"]


def is_declared(name: str, distributions: Iterable[str]) -> bool:
    """Whether one of these distributions provides the import name, or may: its name says so."""
    known = set(distributions)
    if is_provided(name, known):
        return True
    words = set(_WORDS.split(name.lower())) - _TELLS_NOTHING
    compact = name.lower().replace("_", "").rstrip("s")
    return any(
        compact in distribution.replace("-", "") or bool(words and words <= set(_WORDS.split(distribution)))
        for distribution in known
    )


def is_provided(name: str, distributions: Iterable[str]) -> bool:
    """Whether one of these distributions is known, or is called as if, to provide the import name."""
    patterns = providers(name)
    return any(fnmatchcase(distribution, pattern) for distribution in distributions for pattern in patterns)


def is_listed(name: str) -> bool:
    """Whether it is known, not guessed, what provides the import name."""
    return name in _data()["provides"]


def providers(name: str) -> tuple[str, ...]:
    """Names, or patterns of names, of the distributions that provide an import name; the likeliest first."""
    listed = _data()["provides"].get(name)
    if listed is not None:
        return tuple(listed)
    plain = normalise(name)
    return (plain, f"python-{plain}", f"py{plain}", f"{plain}-python", f"django-{plain}", f"python3-{plain}")


def with_company(distributions: Iterable[str]) -> frozenset[str]:
    """The distributions, and those that they are known to bring along."""
    brings = _data()["brings"]
    found = set(distributions)
    pending = list(found)
    while pending:
        for brought in brings.get(pending.pop(), ()):
            if brought not in found:
                found.add(brought)
                pending.append(brought)
    return frozenset(found)


@cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__ or "").joinpath("distributions.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
