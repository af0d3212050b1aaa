"""What the raw text of a Python file tells before it is parsed."""

import re
from dataclasses import dataclass

_IMPORT = re.compile(
    rb"\n[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|[^\n#;]*)|import[ \t]+([^\n#;]+))"
)
_COMMENT = re.compile(rb"#[^\n]*")
_NAME = re.compile(r"([\w.]+|\*)(?:[ \t]+as[ \t]+\w+)?")

_HEAD = 2_000
_SAYS_GENERATED = re.compile(
    r"@generated\b|\bdo not edit\b|\bdo not (?:modify|change)\b[^\n]{0,20}\b(?:file|manually|directly|hand)\b|"
    r"\bthis (?:file|module|code) (?:is|was|has been) (?:auto[- ]?(?:matically )?)?generated\b",
    re.IGNORECASE,
)
_COMMENT_SAYS_GENERATED = re.compile(
    r"^#[^\n]*\b(?:auto[- ]?generated\b|generated\b[^\n]*\b(?:by|from|with|using)\b)",
    re.IGNORECASE | re.MULTILINE,
)
# What such a tool wrote once is meant to be edited.
_SCAFFOLDED = re.compile(
    r"django-admin|startproject|startapp|cookiecutter|copier|quickstart|scaffold", re.IGNORECASE
)
_DOCSTRING = re.compile(r"[rRuU]?(\"\"\"|''')(.*?)(?:\1|$)", re.DOTALL)

_LOADS_BY_NAME = (b"INSTALLED_APPS", b"include(")
_DOTTED = re.compile(rb"""["']([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)["']""")
_TESTS = re.compile(
    rb"\n[ \t]*(?:(?:async[ \t]+)?def[ \t]+test|(?:from|import)[ \t]+(?:pytest|unittest|django\.test|rest_framework\.test)\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A file seen from afar."""

    imports: frozenset[tuple[str, str]]
    """Parent and child of every step of every imported name: `from a.b import c` is `("", "a")`,
    `("a", "b")` and `("b", "c")`; a relative import starts at the folder that it means."""
    generated: bool
    """Its header says that a tool wrote it."""
    tests: bool
    """It defines tests or imports a test framework."""
    loads: frozenset[str]
    """Dotted names in quotes, where Django loads some by them: `INSTALLED_APPS`, `include("shop.urls")`."""


def glance(path: str, content: bytes) -> Glance:
    """Look at a file; `path` is relative to the project's root."""
    text = b"\n" + content
    return Glance(
        imports=frozenset(_imports(path.split("/")[:-1], text)),
        generated=_is_generated(content[:_HEAD].decode("utf-8", "replace")),
        tests=b"test" in content and _TESTS.search(text) is not None,
        loads=frozenset(name.decode() for name in _DOTTED.findall(content))
        if any(word in content for word in _LOADS_BY_NAME)
        else frozenset(),
    )


def _imports(folder: list[str], text: bytes) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for module, names, modules in _IMPORT.findall(text):
        if module:
            steps, parent = _steps(module.decode("utf-8", "replace"), folder, found)
            if steps:
                parent = steps[-1]
            listed = _COMMENT.sub(b"", names).decode("utf-8", "replace")
            found.update((parent, name) for name in _NAME.findall(listed))
        else:
            for name in _NAME.findall(modules.decode("utf-8", "replace")):
                _steps(name, folder, found)
    return found


def _steps(dotted: str, folder: list[str], found: set[tuple[str, str]]) -> tuple[list[str], str]:
    """Note the steps of a dotted name; returns them, and where they start."""
    name = dotted.lstrip(".")
    level = len(dotted) - len(name)
    start = folder[: len(folder) - level + 1] if level else []
    is_beyond = 0 < len(folder) < level  # such an import fails, and proves nothing
    parent = ".." if is_beyond else start[-1] if start else ""
    steps = name.split(".") if name else []
    found.update(zip([parent, *steps], steps, strict=False))
    return steps, parent


def _is_generated(head: str) -> bool:
    comments, rest = _leading_comments(head)
    if _COMMENT_SAYS_GENERATED.search(comments) and not _SCAFFOLDED.search(comments):
        return True
    docstring = _DOCSTRING.match(rest)
    told = comments + (docstring[2] if docstring else "")
    return _SAYS_GENERATED.search(told) is not None and not _SCAFFOLDED.search(told)


def _leading_comments(head: str) -> tuple[str, str]:
    """The comments that a file opens with, and what comes after them."""
    lines = head.lstrip("\ufeff").splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            return "".join(lines[:number]), "".join(lines[number:])
    return head, ""
