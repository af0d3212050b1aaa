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
# No Python has ever read these.
_WRONG_IN_EVERY_PYTHON = (
    "was never closed", "unterminated string", "unterminated triple", "unmatched", "does not match", "unindent",
    "expected an indented block", "unexpected indent", "Missing parentheses in call", "inconsistent use of tabs",
    "cannot be decoded", "invalid decimal literal", "leading zeros",
)  # fmt: skip


def is_meant_to_be_read(module: Module) -> bool:
    """Not a template, nor a sample of broken code."""
    return module.kind is not FileKind.ARCHIVED and _TEMPLATES.search(module.path) is None


def is_filled_in_later(text: str) -> bool:
    """Whether the text has gaps that a template engine, or a notebook, fills."""
    return _PLACEHOLDER.search(text) is not None


def confidence_of(project: Project, problem: str) -> Confidence:
    """A newer Python may read what the one that runs us does not."""
    wanted = project.manifest.requires_python
    wrong_for_all = any(part in problem for part in _WRONG_IN_EVERY_PYTHON)
    if wrong_for_all and not problem.startswith("f-string"):
        return Confidence.DEFINITE
    running = ".".join(str(part) for part in sys.version_info[:3])
    try:
        readable = bool(wanted) and SpecifierSet(wanted).contains(running)
    except InvalidSpecifier:
        readable = False
    return Confidence.DEFINITE if readable else Confidence.POSSIBLE
