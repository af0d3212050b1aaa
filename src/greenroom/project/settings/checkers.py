"""What only linters, type checkers and counters of coverage are told: which files they pass over loads none of them."""

import re
from typing import Final

_TOOLS: Final = (
    r"ruff|flake8|mypy|pylint|pyright|basedpyright|ty|black|isort|coverage|bandit|vulture|deptry|importlinter|interrogate|"
    r"pydocstyle|pydoclint|codespell|pycodestyle|radon|xenon|refurb|pyrefly|autoflake|yapf|autopep8|semgrep"
)
_OWN_FILES: Final = re.compile(
    rf"(?:^|/)\.?(?:{_TOOLS})(?:\.toml|\.ini|\.cfg|\.ya?ml|rc|rc\.toml|config\.json)?$"
    r"|(?:^|/)(?:\.secrets\.baseline|\.pre-commit-config\.yaml|\.?codecov\.ya?ml|sonar-project\.properties|sgconfig\.yml)$"
)
_SHARED_FILES: Final = re.compile(r"(?:^|/)(?:pyproject\.toml|setup\.cfg|tox\.ini)$")
_SECTION: Final = re.compile(
    rf"^\[{{1,2}}(?:tool[.:])?(?:{_TOOLS})(?=[\].:\-])[^\n]*\n(?:(?!^\[{{1,2}}[A-Za-z]).*\n?)*", re.MULTILINE
)


def without_checkers(path: str, text: str) -> str:
    """The text of a file without what it tells such tools; nothing is left of a file of their own."""
    if _OWN_FILES.search(path):
        return ""
    return _SECTION.sub("", text) if _SHARED_FILES.search(path) else text
