"""Methods that a library calls because of the class that they stand in."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.model.finding import Reach
from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.entry import Entry
from greenroom.project.web.route_entries import methods_of


class _Base(NamedTuple):
    """What a base class in a library makes of a class."""

    reach: Reach
    what: str
    methods: tuple[str, ...] = ()
    """Empty: all."""
    is_around: bool = False


_ROOTS = {
    "rest_framework": _Base(Reach.ROUTE, "REST class", is_around=True),
    "django_filters": _Base(Reach.ROUTE, "filter", is_around=True),
    "wtforms": _Base(Reach.ROUTE, "form", is_around=True),
    "flask_wtf": _Base(Reach.ROUTE, "form", is_around=True),
    "flask_admin": _Base(Reach.ROUTE, "admin view", is_around=True),
    "sqladmin": _Base(Reach.ROUTE, "admin view", is_around=True),
}
_NAMES = {
    "AppConfig": _Base(Reach.LIFESPAN, "start-up of the app", ("ready",)),
    "BaseCommand": _Base(Reach.SCRIPT, "command"),
    "BaseHTTPMiddleware": _Base(Reach.ROUTE, "middleware", ("dispatch", "__call__"), is_around=True),
    "MiddlewareMixin": _Base(Reach.ROUTE, "middleware", is_around=True),
    "ModelAdmin": _Base(Reach.ROUTE, "admin page", is_around=True),
    "WebSocketEndpoint": _Base(Reach.SOCKET, "socket endpoint"),
    "AsyncNamespace": _Base(Reach.SOCKET, "socket namespace"),
    "Namespace": _Base(Reach.SOCKET, "socket namespace"),
    "RequestHandler": _Base(Reach.ROUTE, "request handler"),
    "Thread": _Base(Reach.TASK, "thread", ("run",)),
    "Process": _Base(Reach.TASK, "process", ("run",)),
    "Task": _Base(Reach.WORKER, "Celery task", ("run", "__call__", "on_failure", "on_success", "on_retry")),
}
_NAME_ROOTS = {
    "Namespace": ("socketio", "flask_socketio"), "AsyncNamespace": ("socketio",), "Task": ("celery",),
    "Thread": ("threading",), "Process": ("multiprocessing",), "RequestHandler": ("tornado",),
    "BaseCommand": ("django",), "AppConfig": ("django",), "ModelAdmin": ("django",), "MiddlewareMixin": ("django",),
}  # fmt: skip


_COMMAND = _Base(Reach.SCRIPT, "command")


def class_entries(modules: Iterable[Module], inference: Inference) -> Iterator[Entry]:
    """The entries that base classes make, and the classes that settings name."""
    for module in modules:
        for scope in module.scopes:
            if scope.kind == "class" and scope.facts.bases:
                base = _COMMAND if _is_command(scope) else _base(inference.classes.line(scope)[1])
                if base is not None:
                    yield from _methods(scope, base, inference)
        if module.places((b"MIDDLEWARE",)):
            yield from _named_in_settings(module, inference)


def _base(libraries: list[str]) -> _Base | None:
    for symbol in libraries:
        root, last = symbol.split(".", 1)[0], symbol.rsplit(".", 1)[-1]
        if last in _NAMES and root in _NAME_ROOTS.get(last, (root,)):
            return _NAMES[last]
        if root == "channels" and last.endswith("Consumer"):
            return _Base(Reach.SOCKET, "consumer")
        if last.endswith("Servicer"):
            return _Base(Reach.ROUTE, "gRPC service")
        if root in ("django", "guardian", "import_export") and last.endswith(
            ("Admin", "Form", "FormSet", "Inline")
        ):
            return _Base(Reach.ROUTE, "form" if "Form" in last else "admin page", is_around=True)
        if root in _ROOTS:
            return _ROOTS[root]
    return None


def _is_command(scope: Scope) -> bool:
    """Django finds commands by their place and name."""
    return scope.name == "Command" and "/management/commands/" in f"/{scope.path}"


def _methods(cls: Scope, base: _Base, inference: Inference) -> Iterator[Entry]:
    name = cls.module.name.rsplit(".", 1)[-1] if base.what == "command" else cls.qualname
    for method in methods_of(cls, inference):
        if not base.methods or method.name in base.methods:
            yield Entry(
                scope=method, reach=base.reach, label=f"the {base.what} `{name}`", is_around=base.is_around
            )


def _named_in_settings(module: Module, inference: Inference) -> Iterator[Entry]:
    """Django's `MIDDLEWARE` and whatever else its settings name by a dotted path."""
    for statement in module.top.body.statements:
        if statement.kind not in ("assign", "augment", "annotate"):
            continue
        targets = statement.target if statement.kind == "assign" else (statement.target,)
        what = "the middleware" if "MIDDLEWARE" in targets else "the settings'"
        for part in facts.walk(statement.value):
            yield from _of_setting(module, facts.constant(part), what, inference)


def _of_setting(module: Module, text: object, what: str, inference: Inference) -> Iterator[Entry]:
    if not isinstance(text, str) or "." not in text or not text.replace(".", "").isidentifier():
        return
    home, _, name = text.rpartition(".")
    found = inference.symbols.module(home, module)
    for value in inference.module_name(found, name) if found is not None else ():
        functions = methods_of(value.ref, inference) if value.kind == "class" else (value.ref,)
        if value.kind in ("class", "function") and _base(_bases(value.ref, inference)) is None:
            for function in functions:
                yield Entry(scope=function, reach=Reach.ROUTE, label=f"{what} `{name}`", is_around=True)


def _bases(scope: Scope, inference: Inference) -> list[str]:
    return inference.classes.line(scope)[1] if scope.kind == "class" else []
