"""Test commands of the pipelines that name a script or a recipe instead of a runner.

`just test` where there is no justfile to read, and `python run_tests.py`, run tests all the same: what they start is
taken to be plain pytest, in their own folder or on the folders that the script names.
"""

import posixpath
import re
from collections.abc import Iterator

from greenroom.project.declared.commands import TestCommand
from greenroom.project.declared.pipelines import read_pipeline
from greenroom.project.files.inventory import Inventory

_PIPELINE = re.compile(
    r"(?:^|/)(?:\.github/workflows/|\.circleci/|\.woodpecker/|\.buildkite/|\.gitlab-ci|\.gitlab/|azure-pipelines|"
    r"bitbucket-pipelines|\.travis|\.drone)[^\n]*\.ya?ml$"
)
_RECIPE = re.compile(
    r"(?:^|[;&|]\s*)(?P<tool>just|make)\s+(?P<target>[\w:.-]*tests?\b[\w:.-]*|check)\s*(?:$|[;&|#])"
)
_SCRIPT = re.compile(
    r"(?:^|[;&|\s])(?:python[\d.]*|uv run|poetry run|pdm run)\s+(?:python[\d.]*\s+)?(?P<file>[\w./-]+\.py)\b"
)
_RECIPES = {"just": ("justfile", ".justfile", "Justfile"), "make": ("Makefile", "makefile", "GNUmakefile")}
_RUNNER = re.compile(r"[\"']pytest[\"']|\bpytest\.main\(|[\"']-m[\"'],\s*[\"'](?:pytest|unittest)[\"']")
_OWN_RUNNER = re.compile(r"(?:^|/)run_?tests?\.py$")
"""By this name, the projects of Django's world keep what starts its runner."""
_STARTS_DJANGO = re.compile(
    r"[\"'](?:[\w./-]*/)?manage\.py[\"']|execute_from_command_line|\bget_runner\(|\bcall_command\(\s*[\"']test[\"']"
)
_DOTTED = re.compile(r"[\"']([A-Za-z_]\w*(?:\.\w+)+)[\"']")
_LOADS = re.compile(r"\b(?:loadTestsFromNames?|loadTestsFromModule)\(")
_JOINED = re.compile(r"(?:/\s*[\"'][\w.-]+[\"']\s*){1,6}")
_PART = re.compile(r"[\"']([\w./-]+)[\"']")


def unread_commands(inventory: Inventory) -> Iterator[TestCommand]:
    """One command for each of them; none where the recipe stands in a file that is read as well."""
    names = {file.path for file in inventory.files}
    known = {*names, *inventory.other}
    yield from _own_runners(names, inventory)
    for path in inventory.other:
        if not _PIPELINE.search(path):
            continue
        text = inventory.read_text(path)
        if not _RECIPE.search(text) and ".py" not in text and "just " not in text and "make " not in text:
            continue
        for script in read_pipeline(text, "."):
            for number, line in enumerate(script.text.splitlines()):
                found = _of_line(line.strip(), script.directory, known, inventory)
                if found is not None:
                    yield TestCommand(
                        text=line.strip(), path=path, line=script.line + number, source="ci", runner="pytest",
                        arguments=found[1], directory=found[0], variables={},
                    )  # fmt: skip


def _own_runners(names: set[str], inventory: Inventory) -> Iterator[TestCommand]:
    """`runtests.py` that starts Django's runner, or loads modules by name: pipelines come to it by ways that nobody can read."""
    for path in sorted(path for path in names if _OWN_RUNNER.search(path)):
        text = inventory.read_text(path)
        modules = tuple(_modules(text, names)) if _LOADS.search(text) else ()
        if modules or _STARTS_DJANGO.search(text):
            directory = "." if modules else posixpath.dirname(path) or "."
            yield TestCommand(
                text=path, path=path, line=1, source="script", runner="unittest" if modules else "django",
                arguments=modules, directory=directory, variables={},
            )  # fmt: skip


def _modules(text: str, names: set[str]) -> Iterator[str]:
    """Files of the modules that a program spells with dots."""
    for dotted in dict.fromkeys(_DOTTED.findall(text)):
        file = f"{dotted.replace('.', '/')}.py"
        if file in names:
            yield file


def _of_line(
    line: str, directory: str, known: set[str], inventory: Inventory
) -> tuple[str, tuple[str, ...]] | None:
    """The folder in which a line starts pytest, and on what."""
    recipe = _RECIPE.search(line)
    if recipe:
        return None if _has_recipes(recipe["tool"], directory, known) else (directory, ())
    started = _SCRIPT.search(line)
    if started is None:
        return None
    file = posixpath.normpath(posixpath.join(directory, started["file"]))
    if file not in known:
        return None
    text = inventory.read_text(file)
    if not _RUNNER.search(text):
        return None
    return directory, tuple(dict.fromkeys(_folders(text, directory, known)))


def _has_recipes(tool: str, directory: str, known: set[str]) -> bool:
    """Whether a file of recipes stands in the folder, or in one above it; for the root, anywhere.

    A workflow that is called for several folders runs in one that only its caller knows.
    """
    if directory in (".", ""):
        return any(posixpath.basename(path) in _RECIPES[tool] for path in known)
    while True:
        if any(posixpath.normpath(posixpath.join(directory, name)) in known for name in _RECIPES[tool]):
            return True
        if directory in (".", ""):
            return False
        directory = posixpath.dirname(directory) or "."


def _folders(text: str, directory: str, known: set[str]) -> Iterator[str]:
    """Folders with tests that a script spells, as `root / "test" / "unit"` or in one text."""
    spelled = ["/".join(_PART.findall(match[0])) for match in _JOINED.finditer(text)]
    spelled += [part for part in _PART.findall(_JOINED.sub("", text)) if not part.startswith("/")]
    for part in (part for part in spelled if "test" in part):
        whole = posixpath.normpath(posixpath.join(directory, part))
        if any(path.startswith(f"{whole}/") and path.endswith(".py") for path in known):
            yield part
