"""The scripts that stand in Makefiles, tox and nox files, manifests, Dockerfiles and README files."""

import ast
import configparser
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

from greenroom.project.declared.pipelines import Script
from greenroom.project.declared.shell import change_directory
from greenroom.project.files.notations import parse_json, parse_python, parse_toml

_VARIABLE = re.compile(r"^(?:export\s+)?([A-Za-z_][\w-]*)[ \t]*(?::|\?|::)?=[ \t]*(.*)$", re.MULTILINE)
_REFERENCE = re.compile(r"\$[({]([A-Za-z_][\w-]*)[)}]|\{\{\s*([A-Za-z_][\w-]*)\s*\}\}")
_DEEPEST = 5
_GIVEN = re.compile(
    r'^[ \t]*(?:(?:export|local|readonly)[ \t]+)?([A-Za-z_]\w*)=(?:"([^"`\n]*)"|([\w./-]*))[ \t]*$',
    re.MULTILINE,
)
_DEFAULT = re.compile(r"^\$\{\w+:?-([^${}]*)\}$")
_USED = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_FENCE = re.compile(r"^\s*(```+|~~~+)\s*([\w-]*)")
_SHELLS = frozenset(
    {"", "sh", "bash", "shell", "console", "zsh", "terminal", "shell-session", "text", "make"}
)
_INSTRUCTION = re.compile(r"^\s*(RUN|CMD|ENTRYPOINT)\s+(.*)$", re.IGNORECASE)
_CONDITION = re.compile(r"^[\w!,.{}-]+:\s+")
_TASK_TABLES = (
    ("hatch", "envs"), ("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"),
    ("pixi", "tasks"), ("pixi", "feature"), ("poetry", "poe"),
)  # fmt: skip


def read_makefile(text: str, directory: str) -> Iterator[Script]:
    """Recipes of a Makefile or justfile; each line has a shell of its own."""
    variables = {
        name: value.strip().strip("'\"") for name, value in _VARIABLE.findall(text.replace("\\\n", " "))
    }
    gathered, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not gathered:
            if not line.startswith(("\t", " ")) or not line.strip():
                continue
            first = number
        gathered += line.rstrip().removesuffix("\\") + " "
        if not line.rstrip().endswith("\\"):
            yield Script(_expand(gathered.strip().lstrip("@-+ "), variables), first, directory)
            gathered = ""


def _expand(text: str, variables: dict[str, str]) -> str:
    for _ in range(_DEEPEST):
        expanded = _REFERENCE.sub(
            lambda found: variables.get(found[1] or found[2], "${" + (found[1] or found[2]) + "}"), text
        )
        if expanded == text:
            break
        text = expanded
    return text.replace("$$", "$")


def read_shell(text: str, directory: str) -> Iterator[Script]:
    """A shell script as a whole, with what it calls the runner and its folders put in where they are used.

    `PYTEST="${PYTEST:-python -m pytest}"` is read as its default; a variable that is given twice is left.
    """
    given: dict[str, list[str]] = {}
    for name, quoted, plain in _GIVEN.findall(text):
        given.setdefault(name, []).append(_DEFAULT.sub(r"\1", quoted or plain))
    variables = {
        name: values[0]
        for name, values in given.items()
        if len(values) == 1 and values[0] and "$(" not in values[0] and f"${name}" not in values[0]
    }
    yield Script(_put_in(text, variables), 1, directory)


def _put_in(text: str, variables: dict[str, str]) -> str:
    for _ in range(_DEEPEST):
        expanded = _USED.sub(lambda found: variables.get(found[1] or found[2], found[0]), text)
        if expanded == text:
            break
        text = expanded
    return text


def read_tox(text: str, directory: str) -> Iterator[Script]:
    """Commands of every environment of a tox.ini, or of setup.cfg."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        if not section.startswith("testenv"):
            continue
        options = parser[section]
        folder = options.get("changedir") or options.get("change_dir") or "."
        for key in ("commands_pre", "commands", "commands_post"):
            for line in options.get(key, "").replace("\\\n", " ").splitlines():
                if line.strip():
                    here = change_directory(directory, _from_tox(folder), directory)
                    yield Script(_from_tox(line), _line_of(text, line), here)


def _from_tox(line: str) -> str:
    """Without conditions in front, and with the defaults of what tox would put in."""
    line = _CONDITION.sub("", line.strip()).lstrip("-! ")
    line = re.sub(r"\{posargs:?([^{}]*)\}|\{args:?([^{}]*)\}", lambda found: found[1] or found[2] or "", line)
    line = re.sub(r"\{tox_?ini_?dir\}|\{tox_root\}", ".", line)
    return re.sub(r"\{env_?python\}|\{env_?bin_?dir\}/python", "python", line)


def _line_of(text: str, piece: str) -> int:
    """Of the first line that holds the piece, or its beginning."""
    place = text.find(piece.strip())
    if place < 0:
        place = text.find(piece.strip().split("  ")[0])
    return text.count("\n", 0, max(place, 0)) + 1


def read_toml(text: str, directory: str) -> Iterator[Script]:
    """Tox environments and task runners in a pyproject.toml or tox.toml."""
    try:
        document = parse_toml(text)
    except tomllib.TOMLDecodeError:
        return
    tool = document.get("tool")
    tool = tool if isinstance(tool, dict) else {}
    tox = tool.get("tox", document)
    if isinstance(tox, dict):
        if isinstance(tox.get("legacy_tox_ini"), str):
            yield from read_tox(tox["legacy_tox_ini"], directory)
        yield from _native_tox(tox, text, directory)
    for first, second in _TASK_TABLES:
        table = tool.get(first)
        if isinstance(table, dict):
            yield from _tasks(table.get(second), text, directory)


def _native_tox(table: dict[str, Any], text: str, directory: str) -> Iterator[Script]:
    inner = table.get("env")
    environments = [table, table.get("env_run_base"), *(inner.values() if isinstance(inner, dict) else ())]
    for environment in environments:
        commands = environment.get("commands") if isinstance(environment, dict) else None
        for command in commands if isinstance(commands, list) else ():
            if isinstance(command, list) and command:
                words = [word for part in command for word in _native_words(part)]
                line = _line_of(text, str(command[0]))
                yield Script(_from_tox(shlex.join(words)), line, directory)


def _native_words(part: object) -> list[str]:
    """A word, or the default of `{replace = "posargs", default = […]}`."""
    if isinstance(part, dict):
        part = part.get("default")
        return [word for word in part if isinstance(word, str)] if isinstance(part, list) else []
    return [part] if isinstance(part, str) else []


def _tasks(value: object, text: str, directory: str) -> Iterator[Script]:
    """Every text below a table of tasks."""
    if isinstance(value, str):
        yield Script(_from_tox(value), _line_of(text, value), directory)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _tasks(inner, text, directory)
    elif isinstance(value, list):
        for inner in value:
            yield from _tasks(inner, text, directory)


def read_package(text: str, directory: str) -> Iterator[Script]:
    """The scripts of a package.json."""
    try:
        document = parse_json(text)
    except ValueError:
        return
    scripts = document.get("scripts") if isinstance(document, dict) else None
    for name, script in scripts.items() if isinstance(scripts, dict) else ():
        if isinstance(script, str):
            yield Script(script, _line_of(text, json.dumps(name)), directory)


def read_dockerfile(text: str, directory: str) -> Iterator[Script]:
    """RUN, CMD and ENTRYPOINT in both of their forms."""
    gathered, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not gathered:
            first = number
        gathered += line.rstrip().removesuffix("\\") + " "
        if line.rstrip().endswith("\\"):
            continue
        found = _INSTRUCTION.match(gathered)
        if found:
            yield Script(_plain_form(re.sub(r"^(?:--\S+\s+)+", "", found[2].strip())), first, directory)
        gathered = ""


def _plain_form(text: str) -> str:
    try:
        words = parse_json(text)
    except ValueError:
        return text
    return shlex.join(word for word in words if isinstance(word, str)) if isinstance(words, list) else text


def read_readme(text: str, directory: str) -> Iterator[Script]:
    """Code blocks of Markdown, and indented lines of reStructuredText."""
    fence, block, first = "", "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        mark = _FENCE.match(line)
        if fence and line.strip().startswith(fence):
            yield Script(block, first, directory)
            fence = ""
        elif fence:
            block += re.sub(r"^\s*[$>%]\s+", "", line) + "\n"
        elif mark and mark[2].lower() in _SHELLS:
            fence, block, first = mark[1], "", number + 1
        elif mark:
            fence, block, first = mark[1], "#" * 80, number + 1
        elif line.startswith(("    ", "   ", "\t")):
            yield Script(re.sub(r"^[$>%]\s+", "", line.strip()), number, directory)


def read_tasks_file(text: str, directory: str) -> Iterator[Script]:
    """`session.run("pytest", …)` and `c.run("pytest …")` of nox and invoke files."""
    try:
        tree = parse_python(text)
    except ValueError:
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            here = directory
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
                words = [word for argument in call.args for word in _constants(argument)]
                name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
                if name in ("chdir", "cd") and words:
                    here = change_directory(directory, words[0], directory)
                elif name in ("run", "run_always", "run_install", "check_call", "call") and words:
                    script = words[0] if len(words) == 1 else shlex.join(words)
                    yield Script(script, call.lineno, here)


def _constants(node: ast.expr) -> list[str]:
    """The texts in an argument: `*(session.posargs or ["tests"])` gives `tests`."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "$" for part in node.values)]
    inner: list[ast.expr] = []
    if isinstance(node, ast.Starred):
        inner = [node.value]
    elif isinstance(node, ast.List | ast.Tuple):
        inner = node.elts
    elif isinstance(node, ast.BoolOp):
        inner = node.values
    elif isinstance(node, ast.IfExp):
        inner = [node.body, node.orelse]
    return [word for part in inner for word in _constants(part)]


def read_jenkinsfile(text: str, directory: str) -> Iterator[Script]:
    """`sh '…'` steps."""
    for found in re.finditer(r"\bsh\s*\(?\s*(?:script:\s*)?('''|\"\"\"|'|\")(.*?)\1", text, re.DOTALL):
        yield Script(found[2], text.count("\n", 0, found.start(2)) + 1, directory)
