"""Files that Python cannot read."""

import re
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from greenroom.model.finding import Confidence
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_TEMPLATES = re.compile(
    r"\{\{|\{%|(?:^|/)(?:templates?|cookiecutter|scaffold|skeletons?|fixtures?|testdata|test_data|data|snippets|"
    r"samples|cassettes|snapshots|resources|broken|invalid|bad|bad_code|syntax_errors?)(?:/|$)|(?:bad|broken|invalid|"
    r"syntax_?error|unparsable)[^/]*\.py$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"\{%[-+ ]|\{\{[- ]*\w|^%\w|^!\w", re.MULTILINE)
# No Python 3 has ever read these.
_WRONG_IN_EVERY_PYTHON = (
    "unindent", "expected an indented block", "unexpected indent", "Missing parentheses in call",
    "inconsistent use of tabs", "cannot be decoded", "expected 'except' or 'finally' block", "':' expected after dictionary key",
    "cannot use assignment expressions with", "bytes can only contain ASCII",
)  # fmt: skip
# Nor these; but a Python before 3.12 says so, too, of an f-string that has strings of its own kind in it.
_WRONG_OUTSIDE_OF_F_STRINGS = (
    "was never closed", "unterminated string", "unterminated triple", "unmatched", "does not match",
    "invalid decimal literal", "leading zeros",
)  # fmt: skip
_MAY_BE_NEW = re.compile(
    r"""\b(?:type|def|class|except|lazy|match|case|async|await)\b|[fFtT][rR]?["']|[rR][fFtT]["']|<>|[\[{(].*\*"""
)
"""On a line with one of these a Python may read what an older one calls invalid, or the one before 3 did."""
_CONFLICT = re.compile(r"^<{7} .*?^={7}$.*?^>{7} ", re.MULTILINE | re.DOTALL)
_NESTED = re.compile(
    r"""\b(?:[fFtT][rR]?|[rR][fFtT])(?:"[^"\n]*\{[^}"\n]*(?:"|$)|'[^'\n]*\{[^}'\n]*(?:'|$)|\"{3}|'{3})""",
    re.MULTILINE,
)
_NEXT_VERSIONS = 8


def is_meant_to_be_read(module: Module) -> bool:
    """Not a template, nor a sample of broken code."""
    return module.kind is not FileKind.ARCHIVED and _TEMPLATES.search(module.path) is None


def is_filled_in_later(text: str) -> bool:
    """Whether the text has gaps that a template engine, or a notebook, fills."""
    return _PLACEHOLDER.search(text) is not None


def confidence_of(project: Project, module: Module) -> Confidence:
    """A newer Python may read what the one that runs us does not; asked of files that do not parse."""
    line, problem = module.error or (1, "")
    text = project.inventory.read_text(module.path)
    if _is_wrong_in_every_python(line, problem, text) or _is_ours_the_newest(
        project.manifest.requires_python
    ):
        return Confidence.DEFINITE
    return Confidence.POSSIBLE


def _is_wrong_in_every_python(line: int, problem: str, text: str) -> bool:
    if _CONFLICT.search(text) or any(part in problem for part in _WRONG_IN_EVERY_PYTHON):
        return True
    if problem.startswith(("f-string", "t-string")) or _NESTED.search(text):
        return False
    if problem == "invalid syntax":
        return not _MAY_BE_NEW.search("".join(text.splitlines()[line - 1 : line]))
    return any(part in problem for part in _WRONG_OUTSIDE_OF_F_STRINGS)


def _is_ours_the_newest(wanted: str) -> bool:
    """Whether the project runs on the Python that runs us, and on none that is newer."""
    major, minor = sys.version_info[:2]
    try:
        allowed = SpecifierSet(wanted)
    except InvalidSpecifier:
        return False
    newer = (f"{major}.{minor + step}.0" for step in range(1, _NEXT_VERSIONS))
    running = ".".join(str(part) for part in sys.version_info[:3])
    return bool(wanted) and allowed.contains(running) and not any(map(allowed.contains, newer))
