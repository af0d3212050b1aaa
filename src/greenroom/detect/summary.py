"""What was read, in a few figures."""

from collections import Counter
from collections.abc import Iterable, Iterator

from greenroom.detect.absent import absent_families
from greenroom.model.audit import LeftOut, ProjectSummary
from greenroom.project.code.module import Module
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_FRAMEWORKS = {
    "aiohttp": "aiohttp",
    "celery": "Celery",
    "django": "Django",
    "fastapi": "FastAPI",
    "flask": "Flask",
    "litestar": "Litestar",
    "quart": "Quart",
    "sanic": "Sanic",
    "socketio": "Socket.IO",
    "starlette": "Starlette",
    "tornado": "Tornado",
}
"""By top-level module; what the production code imports, whatever the manifest declares."""


def summarise(project: Project, elapsed: float) -> ProjectSummary:
    """Describe what an audit has read.

    Args:
        project: The audited project.
        elapsed: Seconds that the audit took.
    """
    modules = project.modules.values()
    return ProjectSummary(
        name=project.root.resolve().name,
        files=_count_kinds(project),
        lines=sum(module.line_count for module in modules),
        frameworks=tuple(sorted({name for module in modules for name in _frameworks_of(module)})),
        source_roots=project.inventory.source_roots,
        test_commands=tuple(dict.fromkeys(command.text for command in project.commands)),
        left_out=tuple(
            sorted((*project.inventory.left_out, *_read_in_part(modules)), key=lambda one: one.path)
        ),
        elapsed=elapsed,
        absent=absent_families(project),
    )


def _read_in_part(modules: Iterable[Module]) -> Iterator[LeftOut]:
    for module in modules:
        if module.error is not None:
            line, problem = module.error
            yield LeftOut(path=module.path, reason=f"does not parse: line {line}: {problem}")


def _count_kinds(project: Project) -> dict[str, int]:
    """In the order of `FileKind`, without those that do not occur."""
    counts = Counter(file.kind for file in project.inventory.files)
    return {kind.value: counts[kind] for kind in FileKind if counts[kind]}


def _frameworks_of(module: Module) -> set[str]:
    if module.kind is not FileKind.PRODUCTION:
        return set()
    tops = {part.module.partition(".")[0] for part in module.imports if not part.level}
    return {_FRAMEWORKS[top] for top in tops & _FRAMEWORKS.keys()}
