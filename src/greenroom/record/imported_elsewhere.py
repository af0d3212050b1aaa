"""Whether the code that was tested is not the code of this folder: an installed copy of it."""

import os
import sys

from greenroom.model.notes import ELSEWHERE
from greenroom.record.project_code import ProjectCode
from greenroom.record.test_files import is_for_tests


def told_elsewhere(code: ProjectCode) -> str:
    """A note where packages of the project were imported from outside of it, and nothing of the project itself.

    Empty otherwise. Looks into the folders where packages stand: the root, and `src` below it.
    """
    files = {name: file for name, module in tuple(sys.modules.items()) if (file := _file(module))}
    if any(path and not is_for_tests(path) for path in map(code.relative, files.values())):
        return ""
    names = sorted(name for name in _packages(code.root) if name in files)
    if not names:
        return ""
    told = ", ".join(f"`{name}`" for name in names)
    return f"{ELSEWHERE}{told}; nothing that it did was seen: install it with `pip install -e`, or set `pythonpath`"


def _file(module: object) -> str:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else ""


def _packages(root: str) -> set[str]:
    found = set()
    for folder in (root, f"{root}/src"):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():  # noqa: PTH112, PTH208
            if os.path.isfile(f"{folder}/{name}/__init__.py") and not is_for_tests(f"{name}/__init__.py"):  # noqa: PTH113
                found.add(name)
    return found
