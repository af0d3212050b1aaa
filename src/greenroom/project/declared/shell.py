"""Finds the test runs in the text of a shell script."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_RUNNERS = {
    "pytest": "pytest", "py.test": "pytest", "unittest": "unittest", "nose2": "nose2", "nosetests": "nose",
    "trial": "trial", "behave": "behave", "ward": "ward", "stestr": "stestr", "tox": "tox", "nox": "nox",
    "locust": "", "coverage": "",
}  # fmt: skip
_MODULES = frozenset(
    {"pytest", "unittest", "nose2", "behave", "ward", "tox", "nox", "twisted.trial", "stestr.cli"}
)
MENTION = re.compile(
    r"pytest|py\.test|\bunittest\b|\bmanage(?:\.py)?\b|\bdjango-admin\b|\bnose\w*|\btrial\b|\bbehave\b|\bward\b|\bstestr\b|\btox\b|\bnox\b|\bhatch\b"
    r"|\btest --(?:keepdb|settings|timing)"
)
"""What a text must hold to be worth taking apart."""

# Where one of these comes before it, the runner is an argument: installed, printed, looked for.
_ANYWHERE = frozenset(
    {"install", "add", "uninstall", "remove", "echo", "printf", "grep", "which", "pip-compile", "freeze"}
)
_FIRST = frozenset(
    {
        "command", "export", "alias", "type", "cat", "curl", "wget", "git", "rm", "cp", "mv", "mkdir", "touch", "ls",
        "apt-get", "apt", "apk", "brew", "npm", "yarn", "pnpm", "sed", "awk", "find", "test", "[", "[[", "for",
        "case", "help", "man", "source", ".", "chmod", "pkill",
    }
)  # fmt: skip
_SECOND = frozenset({"sync", "lock", "export", "show", "update", "upgrade", "download", "cache"})
_STARTERS = re.compile(
    r"python[\d.]*|py|uv|uvx|poetry|pdm|pipenv|hatch|rye|pixi|conda|mamba|micromamba|docker|docker-compose|podman|"
    r"kubectl|sudo|env|time|timeout|xvfb-run|nohup|bash|sh|exec|dotenv|doppler|op|aws-vault|coverage|pipx|\./.*|\$.*|.*/.*"
)
_TAKES_VALUE = frozenset(
    {
        "--with",
        "--from",
        "--extra",
        "--group",
        "--only-group",
        "--package",
        "-p",
        "--spec",
        "--with-requirements",
    }
)
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")", ";;", "|&"})
_KEYWORDS = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done", "time", "exec"}
)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_DJANGO = frozenset({"manage.py", "django-admin", "manage"})
_OF_DJANGO = frozenset({"--keepdb", "--settings", "--timing"})
"""By these, `evennia test --settings=settings evennia` is Django's runner behind a launcher of another name."""


class Run(NamedTuple):
    """One call of a test runner."""

    line: int
    """1-based, in the script."""
    text: str
    """The whole line of the script, white space collapsed."""
    runner: str
    arguments: tuple[str, ...]
    directory: str
    """Relative to the project's root; `.` for the root."""
    variables: tuple[tuple[str, str], ...]
    """Set in front of the command."""


def find_runs(script: str, directory: str, *, strict: bool = False) -> Iterator[Run]:
    """The test runs of a script that starts in `directory`.

    Args:
        script: of one or many lines; `cd` holds for what follows.
        directory: relative to the project's root.
        strict: the text may be prose; take only what starts like a command.
    """
    if not MENTION.search(script):
        return
    here = directory
    for number, line in _logical_lines(script):
        outer: list[str] = []
        for words, separator in _commands(line):
            found = _as_run(words, strict=strict)
            if words[:1] in (["cd"], ["pushd"]) and len(words) > 1:
                here = change_directory(here, words[1], directory)
            elif found:
                runner, arguments, variables = found
                yield Run(number, " ".join(line.split()), runner, arguments, here, variables)
            else:
                for inner in _inner_scripts(words):
                    for run in find_runs(inner, here, strict=strict):
                        yield run._replace(line=number, text=" ".join(line.split()))
            if separator == "(":
                outer.append(here)
            elif separator == ")" and outer:
                here = outer.pop()


def change_directory(here: str, target: str, start: str) -> str:
    """Where `cd target` leads; variables that we do not know leave us where the script started."""
    if "dirname" in target or "BASH_SOURCE" in target:
        # The script's own folder, or what lies above it: nearly always the project that it belongs to.
        return start
    target = re.sub(
        r"\$\{\{[^}]*workspace[^}]*\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|PWD)\}?", ".", target
    )
    if "$" in target or target.startswith(("/", "~")):
        return start
    joined = posixpath.normpath(posixpath.join(here, target)) if target != "-" else start
    return start if joined.startswith("..") else joined


def _logical_lines(script: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, and the number of their first."""
    gathered, first = "", 0
    for number, line in enumerate(script.splitlines(), start=1):
        if not gathered:
            first = number
        if line.rstrip().endswith("\\"):
            gathered += line.rstrip()[:-1] + " "
            continue
        yield first, gathered + line
        gathered = ""
    if gathered:
        yield first, gathered


def _commands(line: str) -> Iterator[tuple[list[str], str]]:
    """The simple commands of a line, each with the operator that ends it."""
    words: list[str] = []
    for word in _words(line):
        if word in _SEPARATORS:
            yield words, word
            words = []
        else:
            words.append(word)
    yield words, ""


def _words(line: str) -> list[str]:
    # The expressions of GitHub, Taskfile and Jinja hold spaces and brackets that are none of the shell's.
    line = re.sub(r"\{\{\s*(.*?)\s*\}\}", lambda found: "{{" + re.sub(r"[^\w.]", "", found[1]) + "}}", line)
    reader = shlex.shlex(line, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    reader.commenters = ""
    try:
        words = list(reader)
    except ValueError:  # an open quotation mark: the rest of the text is on another line
        words = line.split()
    comment = next((place for place, word in enumerate(words) if word.startswith("#")), len(words))
    return words[:comment]


def _as_run(
    words: list[str], *, strict: bool
) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]] | None:
    variables: list[tuple[str, str]] = []
    rest = list(words)
    while rest and (rest[0] in _KEYWORDS or _ASSIGNMENT.fullmatch(rest[0])):
        word = rest.pop(0)
        assigned = _ASSIGNMENT.fullmatch(word)
        if assigned:
            variables.append((assigned[1], assigned[2]))
    for place, word in enumerate(rest):
        if word in _ANYWHERE or (place == 0 and word in _FIRST) or (place == 1 and word in _SECOND):
            return None
        runner, used = _runner_at(rest, place)
        if runner:
            if strict and place and not _STARTERS.fullmatch(rest[0]):
                return None
            return runner, _arguments(rest[place + used :]), tuple(variables)
    return None


def _runner_at(words: list[str], place: int) -> tuple[str, int]:
    """The runner that is called here, and how many words that takes; empty: none."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else ""
    if place and words[place - 1] in _TAKES_VALUE:
        return "", 0
    name = word.rpartition("/")[2]
    if word == "-m" and following in _MODULES:
        return _RUNNERS.get(following, following.rpartition(".")[2]), 2
    if word.startswith("-m") and word[2:] in _MODULES:  # `python -mpytest`
        return _RUNNERS.get(word[2:], word[2:].rpartition(".")[2]), 1
    if following == "test" and (name in _DJANGO or _OF_DJANGO.intersection(_options(words[place + 2 :]))):
        return "django", 2
    if name == "hatch" and following == "test":
        return "pytest", 2
    # A bare `unittest` is no program.
    found = _RUNNERS.get(name, "") if name != "unittest" else ""
    return found, 1


def _options(words: list[str]) -> set[str]:
    return {word.partition("=")[0] for word in words if word.startswith("--")}


def _arguments(words: list[str]) -> tuple[str, ...]:
    """Up to a redirection."""
    for place, word in enumerate(words):
        if word and not word.strip("<>&|"):
            end = place - 1 if place and words[place - 1].isdigit() else place
            return tuple(words[:end])
    return tuple(words)


def _inner_scripts(words: list[str]) -> Iterator[str]:
    """What `bash -c "…"` and the like are given."""
    for flag, script in pairwise(words):
        if re.fullmatch(r"-[a-z]*c", flag) and " " in script:
            yield script
