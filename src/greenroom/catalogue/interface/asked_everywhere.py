"""Is there something that may ask in front of all routes?"""

import re
from typing import Final

from greenroom.project.calls.classes import decorator_names
from greenroom.project.code.facts import last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project
from greenroom.project.web.hooks import BEFORE, BEFORE_ALL, may_refuse, receivers

_HOOKS: Final = (BEFORE, BEFORE_ALL)
_DECORATES: Final = ("middleware", "on_request")
_MIDDLEWARE: Final = re.compile(r"auth|login|permission|session_?required|jwt|firewall|gate", re.IGNORECASE)


def is_asked_everywhere(project: Project) -> bool:
    """A middleware, a hook before every request, or a setting may ask in front of all routes."""
    for module in project.modules.values():
        if module.kind is not FileKind.PRODUCTION:
            continue
        packed = module.packed_bodies
        if b"LoginRequiredMiddleware" in packed or _asks_in_hook(project, module):
            return True
        if b"DEFAULT_PERMISSION_CLASSES" in packed:
            return True
        if any(_is_middleware(scope) for scope in module.scopes):
            return True
        if b"add_middleware" in packed and any(_adds_middleware(scope) for scope in module.scopes):
            return True
    return False


def _is_middleware(scope: Scope) -> bool:
    """`@web.middleware`, `@app.middleware("http")`, `@app.on_request` of a function that is called so."""
    return (
        scope.kind == "function"
        and _MIDDLEWARE.search(scope.name) is not None
        and any(name in _DECORATES for name in decorator_names(scope))
    )


def _adds_middleware(scope: Scope) -> bool:
    given = (call.arguments[0] for call in scope.body.calls
             if last_name(call.callee) == "add_middleware" and call.arguments)  # fmt: skip
    return any(isinstance(part, str) and _MIDDLEWARE.search(part) for part in given)


def _asks_in_hook(project: Project, module: Module) -> bool:
    """Whether a hook before every request of an application may turn somebody away; those of a blueprint guard only its own routes."""
    hooks = [scope for scope in module.scopes if scope.decorators and receivers(scope, _HOOKS)]
    if hooks:
        return any(may_refuse(project.graph, hook) and not _is_of_blueprint(project, hook) for hook in hooks)
    return any(name.encode() in module.packed_bodies for name in _HOOKS)


def _is_of_blueprint(project: Project, hook: Scope) -> bool:
    if hook.parent is None or receivers(hook, (BEFORE_ALL,)):
        return False
    made = [project.inference.expression(hook.parent, owner) for owner in receivers(hook, (BEFORE,))]
    return all(
        any(value.kind == "object" and str(value.ref).endswith("Blueprint") for value in values)
        for values in made
    )
