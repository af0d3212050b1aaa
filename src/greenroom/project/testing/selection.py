"""Would a run look at this file, this class, this function?"""

import fnmatch
import posixpath
import re
from collections.abc import Callable, Iterable

from greenroom.project.testing.options import Options
from greenroom.project.testing.runs import Run, is_below

_GLOB = re.compile(r"[*?\[]")
_WORD = re.compile(r"\s*(\(|\)|[^\s()]+(?:\([^)]*\))?)")


def why_not_file(run: Run, path: str) -> str:
    """Why a run does not collect from this file; empty where it does."""
    if run.runner == "other":
        return ""
    roots = [root for root in run.roots if is_below(path, root)]
    if not roots:
        where = ", ".join(run.roots[:4])
        return f"it lies outside of {where}"
    for ignored in run.ignored:
        if is_below(path, ignored) or fnmatch.fnmatch(path, ignored):
            return f"{ignored} is ignored"
    root = max(roots, key=len)
    if path == root:
        return ""  # named on the command line: no pattern is asked
    if run.runner != "pytest":
        patterns: tuple[str, ...] = (run.pattern or "test*.py",)
    else:
        blocked = _blocking_folder(path, root, run.options)
        if blocked:
            return f"norecursedirs leaves out {blocked}"
        patterns = run.options.python_files
    # A pattern with a slash may match the end of the path, as pytest has it.
    if not any(_is_of_pattern(path, part) for part in patterns):
        return f"its name does not match {' '.join(patterns)}"
    return ""


def _is_of_pattern(path: str, pattern: str) -> bool:
    """Whether a pattern takes the file, also in a clone whose folder is called as the pattern begins."""
    if "/" not in pattern:
        return fnmatch.fnmatch(posixpath.basename(path), pattern)
    first = pattern.partition("/")[0]
    clones = ("", f"/{first}") if first and not _GLOB.search(first) else ("",)
    return any(fnmatch.fnmatch(f"{clone}/{path}", f"*/{pattern}") for clone in clones)


def _blocking_folder(path: str, root: str, options: Options) -> str:
    folders = path.split("/")[:-1]
    start = 0 if root == "." or _GLOB.search(root) else root.count("/") + 1
    for depth in range(start, len(folders)):
        for pattern in options.norecursedirs:
            subject = "/" + "/".join(folders[: depth + 1]) if "/" in pattern else folders[depth]
            if fnmatch.fnmatch(subject, f"*/{pattern}" if "/" in pattern else pattern):
                return "/".join(folders[: depth + 1])
    return ""


def matches_name(name: str, patterns: Iterable[str]) -> bool:
    """A prefix, or a glob where the pattern has one."""
    return any(
        name.startswith(part) or (_GLOB.search(part) is not None and fnmatch.fnmatch(name, part))
        for part in patterns
    )


def expression_holds(expression: str, known: Callable[[str], bool]) -> bool | None:
    """The value of a `-m` or `-k` expression; None where it cannot be read."""
    words = [match[1] for match in _WORD.finditer(expression)]
    try:
        value, rest = _either(words, known)
    except (IndexError, RecursionError):
        return None
    return None if rest else value


def _either(words: list[str], known: Callable[[str], bool]) -> tuple[bool, list[str]]:
    value, rest = _both(words, known)
    while rest and rest[0] == "or":
        other, rest = _both(rest[1:], known)
        value = value or other
    return value, rest


def _both(words: list[str], known: Callable[[str], bool]) -> tuple[bool, list[str]]:
    value, rest = _single(words, known)
    while rest and rest[0] == "and":
        other, rest = _single(rest[1:], known)
        value = value and other
    return value, rest


def _single(words: list[str], known: Callable[[str], bool]) -> tuple[bool, list[str]]:
    if words[0] == "not":
        value, rest = _single(words[1:], known)
        return not value, rest
    if words[0] == "(":
        value, rest = _either(words[1:], known)
        return value, rest[1:]
    return known(words[0].split("(")[0]), words[1:]
