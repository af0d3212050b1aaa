"""Processes of a deployment that are the project's own loops, and whether its tests know them."""

from typing import Final

from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.settings.declaration import stage_of
from greenroom.project.settings.processes import Process

_NOT_OURS: Final = {"celery", "manage.py", "alembic", "flower", "pytest", "streamlit", "dramatiq", "rq", "taskiq", "arq"}  # fmt: skip


def own_processes(project: Project) -> tuple[tuple[Process, Module], ...]:
    """Each with the module that it runs; of several processes of one module the first."""
    found: dict[Module, Process] = {}
    for process in project.processes:
        if process.module is not None and _is_own(process, process.module):
            found.setdefault(process.module, process)
    return tuple((process, module) for module, process in found.items())


def _is_own(process: Process, module: Module) -> bool:
    """Whether it is the project's own loop, and not a server's or a task queue's."""
    plain = {part.rpartition("/")[2] for word in process.words for part in word.split()}
    ours = module.kind is FileKind.PRODUCTION and module.places((b"__main__",)) > 0
    return (
        ours
        and not process.is_server
        and not plain & _NOT_OURS
        and not any(stage_of(text) in ("test", "development") for text in (process.path, *_paths_in(process)))
    )


def _paths_in(process: Process) -> list[str]:
    """The paths among the words of a command."""
    return [part for word in process.words for part in word.split() if "/" in part]


def is_known_to_tests(project: Project, module: Module) -> bool:
    """Whether a test file imports the module, or names it as a command would."""
    dotted = module.name.removesuffix(".__main__")
    file = module.path.rpartition("/")[2]
    needles = (dotted.encode(), file.encode())
    for test in project.modules.values():
        if test.kind is not FileKind.TEST and stage_of(test.path) != "test":  # `ci/smoke.py`
            continue
        if any(needle in test.packed_bodies for needle in needles):
            return True
        for part in test.imports:
            if part.module == file.removesuffix(".py") and test.path.startswith(f"{module.folder}/"):
                return True  # from beside: the folder's name may be none of Python
            found = project.symbols.imported_module(test, part.level, part.module)
            inner = project.symbols.submodule(found, part.name) if found is not None and part.name else None
            if module in (found, inner):
                return True
    return False
