"""Routes that are served to developers only."""

from greenroom.catalogue.dependency.development import is_for_developers
from greenroom.model.route import Route
from greenroom.project.project import Project


def is_hung_for_developers(project: Project, route: Route) -> bool:
    """`if settings.DEBUG: app.include_router(debug.router)`: on its way down from the application, a step asks for that."""
    for where, line, _ in route.order:
        path, _, index = where.rpartition("#")
        module = project.modules.get(path)
        if module is None or int(index) >= len(module.scopes):
            continue
        body = module.scopes[int(index)].body
        if any(call.line == line and is_for_developers(body, call.block) for call in body.calls):
            return True
    return False
