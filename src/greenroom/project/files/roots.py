"""Which folders are on the import path: declared, set as PYTHONPATH, by custom, or because imports prove it."""

import configparser
import posixpath
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from greenroom.project.files.glance import Glance
from greenroom.project.files.kind import FileKind
from greenroom.project.files.notations import parse_toml

Read = Callable[[str], str]
"""The text of a file of the project by its relative path; empty where there is none."""

_PYTHONPATH = re.compile(
    r"\bPYTHONPATH[\"']?(?:\s*[:=]\s*|[ \t]+)[\"']?((?:\$\{\{[^}\n]*\}\}|\$\([^)\n]*\)|[^\s\"'#&|)\\])+)"
)
_PACKAGE_DIR = re.compile(
    r"package_dir\s*=\s*\{\s*[\"']{2}\s*:\s*[\"']([^\"']+)|find_(?:namespace_)?packages\(\s*(?:where\s*=\s*)?[\"']([^\"']+)"
)
_SETS_PYTHONPATH = re.compile(
    r"(?:.*[./-])?(?:docker|container)file.*|.*\.(?:ya?ml|sh|bash|env|toml|ini|mk|cfg)|\.env.*|makefile|\.?justfile|procfile.*|[^.]+",
    re.IGNORECASE,
)
_OWN_VARIABLES = re.compile(r"\$\{?(?:PYTHONPATH|PATH)\b[^}:]*\}?|\$\$PYTHONPATH")
_WORKSPACE = re.compile(
    r"\$\{\{[^}]*workspace[^}]*\}\}|\$\{?(?:PWD|CURDIR|GITHUB_WORKSPACE|CI_PROJECT_DIR|PROJECT_ROOT|ROOT\w*)\}?|"
    r"\$\((?:pwd|CURDIR|PWD)\)|\{tox_?ini_?dir\}|\{tox_root\}",
    re.IGNORECASE,
)
_ASKS = re.compile(r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|Pipfile|[^/]*requirements[^/]*)$")
_OF_A_PROJECT = re.compile(r"(?:^|/)\.?pytest\.ini$")
"""Its folder is where tests are started."""
_REQUIREMENT = re.compile(r"(?:^|[\"'])[ \t]*([A-Za-z][\w.-]*)(?=[ \t]*(?:$|[\[<>=!~;@\"'# ]))", re.MULTILINE)
_BESIDE_CODE = frozenset({"docker", "scripts", "bin", "ci", "deploy", "build"})
_ABSENT = frozenset({FileKind.ARCHIVED, FileKind.VENDORED, FileKind.EXAMPLE})


def find_roots(
    other: tuple[str, ...], read: Read, kinds: Mapping[str, FileKind], glances: Mapping[str, Glance]
) -> tuple[str, ...]:
    """The import path, the most telling first and the project's root last."""
    tree = _Tree(kinds)
    found: list[str] = []
    scripts = [
        path for path in kinds if path.rpartition("/")[2] == "setup.py" and kinds[path] is FileKind.SCRIPT
    ]
    for path in (*other, *scripts):
        found.extend(_declared(path, read, tree))
    for path in other:
        found.extend(_from_environment(path, read, tree))
    found.extend(_customary(other, scripts, tree))
    found.extend(_run_from(kinds))
    libraries = _required(read(path) for path in (*other, *scripts) if _ASKS.search(path))
    run_in = {path.rpartition("/")[0] for path in other if _OF_A_PROJECT.search(path)}
    votes = _Votes(tree, libraries, run_in)
    found.extend(_imported_from(dict.fromkeys([*found, "."]), kinds, glances, votes))
    return tuple(dict.fromkeys([*(folder for folder in found if folder != "."), "."]))


class _Tree:
    """The folders that hold Python, however deep; `.` is the root."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.folders = {"."}
        self.modules = set()
        self.packages = set()
        for path in paths:
            self.modules.add(path.removesuffix(".py"))
            folder, _, name = path.rpartition("/")
            if name == "__init__.py":
                self.packages.add(folder or ".")
            while folder and folder not in self.folders:
                self.folders.add(folder)
                folder = folder.rpartition("/")[0]

    def find(self, folder: str, relative: str) -> str:
        """The folder below another, where it holds Python; else empty."""
        joined = posixpath.normpath(posixpath.join(folder or ".", relative or "."))
        return joined if joined in self.folders else ""

    def provides(self, root: str, name: str) -> bool:
        """Whether `import name` finds something in this root."""
        path = name if root == "." else f"{root}/{name}"
        return path in self.modules or path in self.folders


def _declared(path: str, read: Read, tree: _Tree) -> Iterator[str]:
    """What build backends and pytest are told."""
    folder, _, name = path.rpartition("/")
    if name == "pyproject.toml":
        try:
            document = parse_toml(read(path))
        except tomllib.TOMLDecodeError:
            return
        named = list(_from_pyproject(document))
    elif name in ("setup.cfg", "tox.ini", "pytest.ini", ".pytest.ini"):
        named = list(_from_ini(read(path)))
    elif name == "setup.py":
        named = [first or second for first, second in _PACKAGE_DIR.findall(read(path))]
    else:
        return
    for relative in named:
        root = tree.find(folder, relative)
        if root:
            yield root


def _from_pyproject(document: dict[str, Any]) -> Iterator[str]:
    yield from _words(_get(document, "tool.pytest.ini_options.pythonpath"))
    yield from _words(_get(document, "tool.pytest.pythonpath"))
    package_dir = _get(document, "tool.setuptools.package-dir")
    if isinstance(package_dir, dict):
        yield from _words(package_dir.get(""))
    yield from _words(_get(document, "tool.setuptools.packages.find.where"))
    for place in ("tool.hatch.build", "tool.hatch.build.targets.wheel"):
        for package in _words(_get(document, f"{place}.packages")):
            yield posixpath.dirname(package.rstrip("/"))
        yield from _words(_get(document, f"{place}.sources"))
    packages = _get(document, "tool.poetry.packages")
    for package in packages if isinstance(packages, list) else ():
        if isinstance(package, dict):
            yield str(package.get("from", "."))
    for place in (
        "pdm.build.package-dir",
        "uv.build-backend.module-root",
        "maturin.python-source",
        "mypy.mypy_path",
    ):
        yield from _words(_get(document, f"tool.{place}"))
    yield from _words(_get(document, "tool.pyright.extraPaths"))


def _from_ini(text: str) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in ("pytest", "tool:pytest"):
        yield from _words(parser.get(section, "pythonpath", fallback=""))
        yield from _words(parser.get(section, "python_paths", fallback=""))
    yield from _words(parser.get("options.packages.find", "where", fallback=""))
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, equals, folder = line.partition("=")
        if equals and not package.strip():
            yield folder.strip()


def _get(document: Any, dotted: str) -> Any:
    for key in dotted.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _words(value: object) -> list[str]:
    """A list of texts, the keys of a table, or one text with several words."""
    if isinstance(value, str):
        value = re.split(r"[\s,:]+", value.replace("$MYPY_CONFIG_FILE_DIR", "."))
    if not isinstance(value, list | dict):
        return []
    return [word for word in value if isinstance(word, str) and word]


def _from_environment(path: str, read: Read, tree: _Tree) -> Iterator[str]:
    """Every PYTHONPATH that a file sets."""
    folder, _, name = path.rpartition("/")
    if not _SETS_PYTHONPATH.fullmatch(name):
        return
    start = _start(folder)
    for value in _PYTHONPATH.findall(read(path)):
        for part in re.split(r"[:;]", _OWN_VARIABLES.sub("", _WORKSPACE.sub(".", value))):
            root = _resolve(part, start, tree) if part else ""
            if root:
                yield root


def _start(folder: str) -> str:
    """The folder that a file in `.github/workflows` or `backend/docker` speaks of."""
    parts = folder.split("/") if folder else []
    hidden = next((place for place, part in enumerate(parts) if part.startswith(".")), len(parts))
    del parts[hidden:]
    while parts and parts[-1] in _BESIDE_CODE:
        parts.pop()
    return "/".join(parts)


def _resolve(value: str, start: str, tree: _Tree) -> str:
    """A folder of the project for a path in a container: the longest end of it that exists here."""
    value = re.sub(r"\$\{?\w+\}?", "", value)
    if not value.startswith("/"):
        return tree.find(start, value) or tree.find("", value)
    parts = [part for part in value.split("/") if part and part != "."]
    for first in range(len(parts)):
        relative = "/".join(parts[first:])
        for base in (start, ""):
            root = tree.find(base, relative)
            # `/app` is where images keep the whole project; a package of that name is not meant.
            if root and not (root in tree.packages and first == len(parts) - 1):
                return root
    return tree.find("", start)


def _customary(other: Iterable[str], scripts: Iterable[str], tree: _Tree) -> Iterator[str]:
    """Beside a manifest: its `src`, and else the folder itself."""
    for path in (*other, *scripts):
        folder, _, name = path.rpartition("/")
        if name in ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile") or "requirements" in name:
            source = tree.find(folder, "src")
            if source and source not in tree.packages:
                yield source
            elif folder and folder in tree.folders and folder not in tree.packages:
                yield folder


def _run_from(kinds: Mapping[str, FileKind]) -> Iterator[str]:
    """The folders of Django's `manage.py`: Python puts the folder of a script first, package or not."""
    for path, kind in kinds.items():
        folder, _, name = path.rpartition("/")
        if name == "manage.py" and folder and kind not in _ABSENT and kind is not FileKind.TEST:
            yield folder


def _imported_from(
    known: Iterable[str],
    kinds: Mapping[str, FileKind],
    glances: Mapping[str, Glance],
    votes: "_Votes",
) -> list[str]:
    """Folders without which an import of the project's own modules would find nothing."""
    known = tuple(known)
    provided: dict[str, bool] = {}
    for path, seen in glances.items():
        if kinds[path] in _ABSENT:
            continue
        for parent, name in seen.imports:
            if parent or name in sys.stdlib_module_names:
                continue
            if name not in provided:
                provided[name] = any(votes.tree.provides(root, name) for root in known)
            if not provided[name]:
                votes.take(path, kinds[path], name, _modules_in(name, seen.imports))
    return votes.proven()


def _modules_in(name: str, imports: Collection[tuple[str, str]]) -> list[str]:
    """Paths of what a file imports of a package and goes on from: `shop/api` of `from shop.api import app`."""
    parents = {parent for parent, _ in imports}
    return [f"{name}/{child}" for parent, child in imports if parent == name and child in parents]


class _Votes:
    """Imports that find nothing on the known path, and the folders in which they would."""

    def __init__(self, tree: _Tree, libraries: set[str], run_in: set[str]) -> None:
        self.tree = tree
        self._run_in = run_in
        self._libraries = libraries
        self._names: dict[str, dict[str, bool]] = defaultdict(dict)
        """By folder: the names, and whether anything but tests asks for them there."""
        self._voters: dict[str, int] = defaultdict(int)
        self._wrapped: set[str] = set()
        """`keras.py` imports keras: that is the library, wherever else it is imported."""
        self._homeless: set[str] = set()
        """What production imports, and no folder around it has."""
        self._inner: dict[tuple[str, str], list[str]] = defaultdict(list)
        """By folder and name: the modules below the name that are imported; those that no folder explains under an empty one."""

    def take(self, path: str, kind: FileKind, name: str, inner: Iterable[str] = ()) -> None:
        """Count one import that the known path does not explain; inner: paths of the modules below it that are imported."""
        root = _nearest(path.rpartition("/")[0], name, self.tree)
        inside = root in self.tree.packages
        if not root:
            if kind is FileKind.PRODUCTION:
                self._homeless.add(name)
        elif path == f"{root}/{name}.py":
            self._wrapped.add(name)
        elif not (inside and (name.lower() in self._libraries or path.startswith(f"{root}/{name}/"))):
            self._names[root][name] = self._names[root].get(name, False) or kind is not FileKind.TEST
            self._voters[root] += 1
            self._inner[root, name].extend(inner)
            return
        self._inner["", name].extend(inner)

    def _is_there(self, root: str, name: str) -> bool:
        """Whether of the modules below a name, as far as any are imported, most are in this folder."""
        asked = [*self._inner.get((root, name), ()), *self._inner.get(("", name), ())]
        there = sum(self.tree.provides(root, deeper) for deeper in asked)
        return 2 * there >= len(asked)

    def proven(self) -> list[str]:
        """The folders, the most wanted first.

        In a package one such name is more likely a library that one of its modules is called after, but where tests
        are started in it; so is a name of which mostly modules are imported that are not there; and what production imports from nowhere is no folder that only tests ask for, nor one of
        several. A folder with a module of its own name would hide itself.
        """
        asked = Counter(name for names in self._names.values() for name in names)
        found = []
        for root, names in self._names.items():
            own = {
                name
                for name, live in names.items()
                if name not in self._wrapped
                and self._is_there(root, name)
                and (name not in self._homeless or (live and asked[name] == 1))
            }
            hides_itself = f"{root}/{posixpath.basename(root)}" in self.tree.modules
            packed = root in self.tree.packages and root not in self._run_in
            if len(own) > int(packed) and not hides_itself:
                found.append(root)
        return sorted(found, key=lambda root: (-self._voters[root], root))


def _required(manifests: Iterable[str]) -> set[str]:
    """Import names that the distributions in these texts may provide: `google-genai` that of `google`, too."""
    names: set[str] = set()
    for text in manifests:
        for word in set(_REQUIREMENT.findall(text)):
            plain = re.sub(r"[-_.]+", "_", word.lower())
            names.update(
                (plain, plain.partition("_")[0], plain.removeprefix("python_"), plain.removeprefix("django_"))
            )
    return names


def _nearest(folder: str, name: str, tree: _Tree) -> str:
    while folder:
        if tree.provides(folder, name):
            return folder
        folder = folder.rpartition("/")[0]
    return ""
