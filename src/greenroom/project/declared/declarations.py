"""The files in which a project declares what it needs, one reader per format."""

import ast
import configparser
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from greenroom.project.declared.requirement import (
    Requirement,
    from_poetry,
    normalise,
    parse_all,
    parse_requirement,
    read_requirements,
)
from greenroom.project.files.notations import parse_json, parse_python, parse_toml, table_at
from greenroom.project.files.roots import Read

_DEVELOPMENT = re.compile(r"dev|test|lint|doc|build|ci\b|typing|type|style|qa", re.IGNORECASE)
_REQUIREMENT_FOLDERS = ("requirements", "reqs", "deps")
_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock"})
_OF_PROJECT = re.compile(r"^source = \{ (?:virtual|editable|directory) = ", re.MULTILINE)
"""What uv says of the project itself, and of the members of its workspace."""
_LOCKED = re.compile(r'^\[\[packages?\]\]\s*\nname = "([^"]+)"\nversion = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What one file says."""

    path: str
    folder: str
    """That it speaks for: `requirements/prod.txt` speaks for the folder around `requirements`."""
    runtime: tuple[Requirement, ...] = ()
    development: tuple[Requirement, ...] = ()
    """Groups, extras, requirements of tests and documentation."""
    locked: dict[str, str] = field(default_factory=dict)
    """Normalised name → version."""
    requires_python: str = ""
    scripts: dict[str, str] = field(default_factory=dict)
    """Console script → `package.module:function`."""
    holds_others: bool = True
    """Of a lock: whether there is anything in it beside the project itself."""

    @property
    def is_lock(self) -> bool:
        """Whether it names all that is installed, what libraries bring along included: only it can prove an absence.

        One that holds the project alone was made where nothing was asked for, and something else is installed from.
        """
        return PurePosixPath(self.path).name in _LOCKS and self.holds_others

    def speaks_for(self, path: str) -> bool:
        """Whether a file lies in its folder, or below."""
        return not self.folder or path.startswith(f"{self.folder}/")


def read_source(path: str, read: Read) -> Source | None:
    """What the file declares; None where it is no manifest, or one without a word on requirements."""
    name = path.rpartition("/")[2]
    reader = _READERS.get(name)
    if reader is None and re.fullmatch(r"(?:environment|conda).*\.ya?ml", name):
        reader = _read_conda
    is_listed = "." not in name and _folder(path).rpartition("/")[2] in _REQUIREMENT_FOLDERS
    if reader is None and (name.endswith((".txt", ".in")) or is_listed):
        reader = _read_requirements
    try:
        return reader(path, read) if reader else None
    except RecursionError:  # nested deeper than its parser, or than we, can go
        return None


def _folder(path: str) -> str:
    folder = str(PurePosixPath(path).parent)
    return "" if folder == "." else folder


def _toml(text: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError:
        return {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _read_pyproject(path: str, read: Read) -> Source | None:
    document = _toml(read(path))
    project = table_at(document, "project")
    poetry = table_at(document, "tool", "poetry")
    if not (project or poetry or document.get("dependency-groups")):
        return None
    optional = _grouped(table_at(project, "optional-dependencies"))
    groups = _grouped(table_at(document, "dependency-groups"))
    older = parse_all(table_at(document, "tool", "uv").get("dev-dependencies"))
    pdm = _grouped(table_at(document, "tool", "pdm", "dev-dependencies"))
    mains = table_at(poetry, "dependencies")
    return Source(
        path=path,
        folder=_folder(path),
        runtime=parse_all(project.get("dependencies"))
        + tuple(from_poetry(name, value) for name, value in mains.items() if name != "python"),
        development=(*optional, *groups, *older, *pdm, *_poetry_groups(poetry)),
        requires_python=_text(project.get("requires-python"))
        or from_poetry("python", mains.get("python", "")).specifier,
        scripts=_scripts(table_at(project, "scripts") | table_at(poetry, "scripts")),
    )


def _grouped(groups: dict[str, Any]) -> tuple[Requirement, ...]:
    return tuple(requirement for group in groups.values() for requirement in parse_all(group))


def _poetry_groups(poetry: dict[str, Any]) -> tuple[Requirement, ...]:
    tables = [table_at(poetry, "dev-dependencies")]
    tables += [table_at(group, "dependencies") for group in table_at(poetry, "group").values()]
    return tuple(from_poetry(name, value) for table in tables for name, value in table.items())


def _scripts(table: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name, target in table.items():
        # poetry also knows {callable = "…"} and {reference = "…", type = "console"}
        plain = (target.get("callable") or target.get("reference")) if isinstance(target, dict) else target
        if isinstance(plain, str) and plain:
            found[name] = plain.replace(" ", "").partition("[")[0]
    return found


def _read_requirements(path: str, read: Read) -> Source | None:
    listed = read_requirements(path, read)
    name = path.rpartition("/")[2]
    folder = _folder(path)
    if folder.rpartition("/")[2] in _REQUIREMENT_FOLDERS:
        folder = folder.rpartition("/")[0]
    if "constraint" in name:
        listed = listed._replace(required=(), constrained=listed.required + listed.constrained)
    if not (listed.required or listed.constrained):
        return None
    pins = {requirement.name: requirement.pinned for requirement in listed.constrained if requirement.pinned}
    for_development = _DEVELOPMENT.search(path.removeprefix(folder)) is not None
    return Source(
        path=path,
        folder=folder,
        runtime=() if for_development else listed.required,
        development=listed.required if for_development else (),
        locked=pins,
    )


def _read_setup_cfg(path: str, read: Read) -> Source | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read(path))
    except configparser.Error:
        return None
    if not parser.has_section("options"):
        return None
    extras = parser["options.extras_require"].values() if parser.has_section("options.extras_require") else ()
    extra = [
        line
        for text in (*extras, parser.get("options", "tests_require", fallback=""))
        for line in text.splitlines()
    ]
    points = parser.get("options.entry_points", "console_scripts", fallback="")
    return Source(
        path=path,
        folder=_folder(path),
        runtime=parse_all(parser.get("options", "install_requires", fallback="")),
        development=parse_all(extra),
        requires_python=parser.get("options", "python_requires", fallback="").strip(),
        scripts=_entry_points(points.splitlines()),
    )


def _entry_points(lines: object) -> dict[str, str]:
    if not isinstance(lines, list | tuple):
        return {}
    pairs = (line.partition("=") for line in lines if isinstance(line, str) and "=" in line)
    return _scripts({name.strip(): target.strip() for name, _, target in pairs})


def _read_setup_py(path: str, read: Read) -> Source | None:
    try:
        tree = parse_python(read(path))
    except ValueError:
        return None
    literals = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("setup", "setuptools.setup"):
            given = {word.arg: _literal(word.value, literals) for word in node.keywords if word.arg}
            return _from_setup(path, given)
    return None


def _literal(node: ast.expr, literals: dict[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name):
        node = literals.get(node.id, node)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


def _from_setup(path: str, given: dict[str, Any]) -> Source:
    extras = _grouped(table_at(given, "extras_require"))
    points = table_at(given, "entry_points").get("console_scripts")
    return Source(
        path=path,
        folder=_folder(path),
        runtime=parse_all(given.get("install_requires")),
        development=(*extras, *parse_all(given.get("tests_require"))),
        requires_python=_text(given.get("python_requires")),
        scripts=_entry_points(points.splitlines() if isinstance(points, str) else points),
    )


def _read_pipfile(path: str, read: Read) -> Source | None:
    document = _toml(read(path))
    if not document:
        return None
    version = _text(table_at(document, "requires").get("python_version"))
    return Source(
        path=path,
        folder=_folder(path),
        runtime=tuple(from_poetry(name, value) for name, value in table_at(document, "packages").items()),
        development=tuple(
            from_poetry(name, value) for name, value in table_at(document, "dev-packages").items()
        ),
        requires_python=f"=={version}.*" if version else "",
    )


def _read_conda(path: str, read: Read) -> Source | None:
    import yaml  # noqa: PLC0415 - few projects have such a file

    try:
        document = yaml.safe_load(read(path))
    except (yaml.YAMLError, ValueError):  # a date that is none is a ValueError
        return None
    listed = document.get("dependencies") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return None
    plain = [_from_conda(item) for item in listed if isinstance(item, str)]
    by_pip = [each for item in listed if isinstance(item, dict) for each in parse_all(item.get("pip"))]
    requirements = [requirement for requirement in map(parse_requirement, plain) if requirement]
    python = next((requirement.specifier for requirement in requirements if requirement.name == "python"), "")
    return Source(
        path=path,
        folder=_folder(path),
        runtime=tuple(requirement for requirement in requirements if requirement.name != "python")
        + tuple(by_pip),
        requires_python=python,
    )


def _from_conda(text: str) -> str:
    """`conda-forge::numpy=1.26=py311` → `numpy==1.26.*`, for a single `=` matches a prefix."""
    text = text.rpartition("::")[2].strip()
    found = re.fullmatch(r"([\w.-]+)\s*=\s*([\w.*]+)(?:=\S*)?", text)
    return f"{found[1]}=={found[2].removesuffix('.*').removesuffix('*')}.*" if found else text


def _read_lock(path: str, read: Read) -> Source | None:
    """poetry.lock, uv.lock, pdm.lock, pylock.toml: read by line, for tomllib takes seconds on large ones."""
    text = read(path).replace("\r\n", "\n")
    locked = {normalise(name): version for name, version in _LOCKED.findall(text)}
    others = len(locked) > len(_OF_PROJECT.findall(text))
    return Source(path=path, folder=_folder(path), locked=locked, holds_others=others) if locked else None


def _read_pipfile_lock(path: str, read: Read) -> Source | None:
    try:
        document = parse_json(read(path))
    except ValueError:
        return None
    locked = {}
    for section in ("develop", "default"):
        for name, entry in table_at(document, section).items():
            version = _text(table_at(entry).get("version")).lstrip("=")
            if version:
                locked[normalise(name)] = version
    return Source(path=path, folder=_folder(path), locked=locked) if locked else None


_READERS: dict[str, Callable[[str, Read], Source | None]] = {
    "pyproject.toml": _read_pyproject,
    "setup.cfg": _read_setup_cfg,
    "setup.py": _read_setup_py,
    "Pipfile": _read_pipfile,
    "Pipfile.lock": _read_pipfile_lock,
    "poetry.lock": _read_lock,
    "uv.lock": _read_lock,
    "pdm.lock": _read_lock,
    "pylock.toml": _read_lock,
}
