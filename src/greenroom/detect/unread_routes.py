"""An application of which no route could be read: what rests on routes says nothing then, and is not to look like nothing."""

from typing import Final

from greenroom.project.project import Project

_MAKERS: Final = {
    "fastapi": "FastAPI", "starlette": "Starlette", "flask": "Flask", "quart": "Quart", "sanic": "Sanic", "litestar": "Litestar",
}  # fmt: skip


def notices_of_routes(project: Project) -> tuple[str, ...]:
    """The first place where production code makes one, if the project has no route at all."""
    if project.routes:
        return ()
    for module in project.production():
        imported = {(part.module or part.name or "").partition(".")[0] for part in module.imports}
        makers = {kind for library, kind in _MAKERS.items() if library in imported}
        if any(not makers.isdisjoint(scope.facts.called) for scope in module.scopes):
            told = ", ".join(sorted(makers))
            return (
                f"{module.path}: {told} is used, and no route could be read: what rests on routes is not told",
            )
    return ()
