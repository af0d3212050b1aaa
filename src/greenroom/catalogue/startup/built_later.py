"""Modules that lie in the tree in another form than as Python, or that a build or a copy makes of what lies there."""

import os
import re
from functools import cached_property

from greenroom.project.files.inventory import Inventory

_COMPILED = (".pyi", ".pyx", ".pyd", ".so", ".pxd", ".c")
_TEMPLATES = re.compile(
    r"^\.(?:py\.)?(?:template|tmpl|tpl|j2|jinja2?|in|mako|dist|example|sample|default|skel)(?:\.py)?$"
    r"|^\.py\.(?:travis|circleci|github|gitlab|jenkins|ci|docker|local|dev|prod)$",
    re.IGNORECASE,
)
_TEMPLATE_OF = re.compile(r"^(\w+)[-_](?:template|example|sample|dist)\.py$", re.IGNORECASE)
# Written by a build, as a rule without a line in .gitignore.
_BUILT = ("_pb2", "_pb2_grpc", "_version", "_build_info", "_rc", "_ffi", "_cython", "_generated")
_BUILT_NAMES = {
    "version",
    "__version__",
    "build_info",
    "_build",
    "generated",
    "_generated",
    "gen",
    "local_settings",
}
_BUILDERS = ("pyproject.toml", "setup.py", "Cargo.toml", "CMakeLists.txt", "meson.build")
# `module-name = "shop._fast"` of maturin, `Extension("shop._fast", …)`, `pybind11_add_module(_fast …)`.
_EXTENSIONS = re.compile(
    r"module-name\s*=\s*[\"']([\w.]+)|(?:Extension|_add_module|extension_module|python_add_library)\(\s*(?:name\s*=\s*)?[\"']?([\w.]+)"
)


class BuiltLater:
    """Answers for one project."""

    def __init__(self, root: str, inventory: Inventory) -> None:
        self._root = root
        self._inventory = inventory
        self._names: dict[str, frozenset[str]] = {}
        self._forms: dict[str, frozenset[str]] = {}

    def lies_in(self, path: str) -> bool:
        """Whether the tree has it in any form: also what was left out, what git does not list, and a template of it."""
        folder, _, name = path.rpartition("/")
        listed = self._names_in(folder)
        if (name in listed or not name) and os.path.isdir(f"{self._root}/{path}"):  # noqa: PTH112  - asked thousands of times
            return True
        if f"{name}.py" in listed and os.path.exists(f"{self._root}/{path}.py"):  # noqa: PTH110
            return True
        return name in self._forms_in(folder)

    def lists(self, path: str) -> bool:
        """Whether the folder around it has an entry of this name."""
        folder, _, name = path.rpartition("/")
        return name in self._names_in(folder)

    def _names_in(self, folder: str) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(os.listdir(f"{self._root}/{folder}"))  # noqa: PTH208
            except OSError:  # no such folder, or one that may not be read
                self._names[folder] = frozenset()
        return self._names[folder]

    def _forms_in(self, folder: str) -> frozenset[str]:
        """The modules that lie in a folder in another form than as Python."""
        if folder not in self._forms:
            self._forms[folder] = frozenset(
                stem
                for name in self._names_in(folder)
                for stem, dot, end in (name.partition("."),)
                if name.endswith(_COMPILED) or _TEMPLATES.match(dot + end)
            ) | {template[1] for name in self._names_in(folder) if (template := _TEMPLATE_OF.match(name))}
        return self._forms[folder]

    def makes(self, dotted: str) -> bool:
        """Whether a build is told to make the module, or makes one of that name in most projects."""
        last = dotted.rpartition(".")[2]
        return (
            last.endswith(_BUILT)
            or last in _BUILT_NAMES
            or dotted in self._extensions
            or last in self._extensions
        )

    @cached_property
    def _extensions(self) -> frozenset[str]:
        """The names of compiled modules that manifests of builds give."""
        python = (file.path for file in self._inventory.files)
        builders = (path for path in (*self._inventory.other, *python) if path.endswith(_BUILDERS))
        texts = (self._inventory.read_text(path) for path in builders)
        return frozenset(one or other for text in texts for one, other in _EXTENSIONS.findall(text))
