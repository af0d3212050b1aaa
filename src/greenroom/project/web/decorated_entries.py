"""Functions that a decorator makes an entry: hooks, handlers of events, tasks of workers, commands."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from greenroom.model.finding import Reach
from greenroom.project.calls.infer import Inference
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.entry import Entry, named


class _Mark(NamedTuple):
    """What a decorator's name says."""

    reach: Reach
    what: str
    roots: frozenset[str] = frozenset()
    """Import roots of the libraries that mean it; none: the name says enough."""
    is_around: bool = False


def _marks(
    reach: Reach, what: str, names: str, roots: str = "", *, is_around: bool = False
) -> dict[str, list[_Mark]]:
    mark = _Mark(reach, what, frozenset(roots.split()), is_around)
    return {name: [mark] for name in names.split()}


_GRAPHQL = "GraphQL field"
_VIEWS_OF_GRAPHQL = re.compile(
    r"(?:strawberry|ariadne)\.(?:aiohttp|asgi|chalice|channels|contrib|django|fastapi|flask|litestar|quart|sanic|starlite|wsgi)\b"
    r"|ariadne\.graphql|ariadne_django\.|.*\.GraphQL(?:App|Controller|Router|View)?$|.*\.AsyncGraphQLView$"
)
_SCHEMAS_OF_DJANGO = ("strawberry_django", "ariadne_django")
_RUNS_A_SCHEMA = (b"execute_sync", b"schema.execute", b"graphql_sync", b"graphql_blocking")
_TABLES = (
    _marks(Reach.ROUTE, "middleware", "middleware", is_around=True),
    _marks(Reach.ROUTE, "error handler", "exception_handler errorhandler app_errorhandler", is_around=True),
    _marks(Reach.ROUTE, "error handler", "exception", "sanic", is_around=True),
    _marks(Reach.ROUTE, "request hook",
           "before_request after_request teardown_request before_app_request after_app_request teardown_app_request "
           "teardown_appcontext app_context_processor context_processor url_value_preprocessor url_defaults "
           "user_loader request_loader unauthorized_handler before_websocket after_websocket on_request on_response "
           "verify_password get_user_roles user_lookup_loader user_identity_loader token_in_blocklist_loader",
           is_around=True),
    _marks(Reach.ROUTE, "page", "page", "nicegui"),
    _marks(Reach.ROUTE, "tool", "tool resource prompt", "mcp fastmcp"),
    _marks(Reach.ROUTE, _GRAPHQL, "field mutation subscription", "strawberry ariadne"),
    _marks(Reach.ROUTE, "Slack listener",
           "event message action command shortcut view options function use", "slack_bolt"),
    _marks(Reach.SOCKET, "socket handler", "on event on_error_default", "socketio flask_socketio python_socketio"),
    _marks(Reach.SOCKET, "chat handler",
           "on_message on_chat_start on_chat_end on_chat_resume on_stop on_logout on_audio_start on_audio_chunk "
           "on_audio_end on_settings_update action_callback password_auth_callback header_auth_callback "
           "oauth_callback set_starters set_chat_profiles author_rename on_feedback", "chainlit"),
    _marks(Reach.SOCKET, "bot's handler",
           "event command message callback_query message_handler callback_query_handler on_message listen",
           "discord nextcord disnake aiogram telebot pyrogram telethon"),
    _marks(Reach.LIFESPAN, "start-up or shutdown handler",
           "on_event on_startup on_shutdown before_first_request before_app_first_request before_serving "
           "after_serving while_serving before_server_start after_server_start before_server_stop "
           "after_server_stop main_process_start main_process_stop"),
    _marks(Reach.LIFESPAN, "start-up or shutdown handler", "listener", "sanic"),
    _marks(Reach.LIFESPAN, "start-up or shutdown handler", "on_connect on_disconnect", "nicegui"),
    _marks(Reach.TASK, "scheduled task", "repeat_every scheduled_job repeat_at"),
    _marks(Reach.TASK, "scheduled task", "task", "flask_apscheduler apscheduler"),
    _marks(Reach.WORKER, "scheduled task", "periodic_task"),
    _marks(Reach.WORKER, "Celery task", "shared_task"),
    _marks(Reach.WORKER, "Celery task", "task", "celery"),
    _marks(Reach.WORKER, "worker's task", "task periodic_task db_task db_periodic_task on_startup", "huey"),
    _marks(Reach.WORKER, "worker's task", "task", "taskiq taskiq_redis taskiq_aio_pika taskiq_nats procrastinate "
                                                  "streaq saq django django_tasks"),
    _marks(Reach.WORKER, "actor", "actor", "dramatiq"),
    _marks(Reach.WORKER, "worker's job", "job", "rq django_rq flask_rq2 rq_scheduler"),
    _marks(Reach.WORKER, "stream processor", "agent timer crontab", "faust mode"),
    _marks(Reach.WORKER, "message handler", "subscriber", "faststream propan"),
    _marks(Reach.WORKER, "message handler", "handler on_message", "aiokafka kafka paho aio_pika nats kombu"),
    _marks(Reach.SCRIPT, "command", "command group callback", "click typer flask quart cyclopts asyncclick rich_click"),
    _marks(Reach.SCRIPT, "command", "task", "invoke fabric"),
    _marks(Reach.PROJECT, "signal handler", "receiver", "django"),
    _marks(Reach.PROJECT, "database event's handler", "listens_for", "sqlalchemy sqlmodel"),
)  # fmt: skip
_MARKS: dict[str, list[_Mark]] = {}
for _table in _TABLES:
    for _name, _listed in _table.items():
        _MARKS.setdefault(_name, []).extend(_listed)
_QUEUES = frozenset({"celery", "huey", "taskiq", "dramatiq", "rq", "django_rq", "procrastinate", "saq"})
_SENT = ("Celery task", "actor", "worker's job")
"""Those that run where somebody sends them."""
_OTHER_NAMES = frozenset({"name", "actor_name", "schedule", "crontab", "cron", "run_every"})
_PUTS_OFF = frozenset({"huey"})
"""To call a task of theirs is to queue it."""
_SCHEDULED = _Mark(Reach.TASK, "scheduled task")
_HINTS = {"celery": "celery", "huey": "huey", "sio": "socketio", "socketio": "socketio", "typer": "typer",
          "cli": "click", "broker": "taskiq", "mcp": "mcp"}  # fmt: skip
"""Where inference knows nothing of the object before the dot: what its name says."""


def decorated_entries(modules: Iterable[Module], inference: Inference) -> Iterator[Entry]:
    """The entries that decorators make."""
    listed = list(modules)
    is_hidden = cache(lambda: not any(map(_shows_a_schema, listed)))
    for module in listed:
        for scope in module.scopes:
            for decorator in scope.decorators:
                mark = _mark(scope, decorator, inference)
                if mark is not None:
                    yield from _entries(
                        scope,
                        mark,
                        is_unserved=mark.what == _GRAPHQL and is_hidden(),
                        is_sent=mark.what in _SENT and not _has_another_name(scope, decorator),
                    )


def _has_another_name(scope: Scope, decorator: Expression) -> bool:
    """`@task(name="mail.send")`, `@task(schedule=[…])`: it is sent by that, or by itself."""
    outer = scope.parent
    if outer is None or not isinstance(decorator, int):
        return False
    return any(name is None or name in _OTHER_NAMES for name, _ in outer.body.calls[decorator].keywords)


def _shows_a_schema(module: Module) -> bool:
    """Whether it takes a view of GraphQL from somewhere, or runs a schema by itself."""
    return any(
        _VIEWS_OF_GRAPHQL.match(f"{part.module}.{part.name}") or part.module in _SCHEMAS_OF_DJANGO
        for part in module.imports
    ) or any(name in module.packed_bodies for name in _RUNS_A_SCHEMA)


def _entries(scope: Scope, mark: _Mark, *, is_unserved: bool, is_sent: bool) -> Iterator[Entry]:
    functions = (
        [scope]
        if scope.kind == "function"
        else [child for child in scope.children if child.kind == "function"]
    )
    for function in functions:
        label = named(mark.what, scope)
        yield Entry(
            scope=function,
            reach=mark.reach,
            label=label,
            is_around=mark.is_around,
            is_put_off=mark.roots == _PUTS_OFF,
            is_sent=is_sent and scope.kind == "function",
            is_unserved=is_unserved,
        )


def _mark(scope: Scope, decorator: object, inference: Inference) -> _Mark | None:
    outer = scope.parent
    if outer is None:
        return None
    callee = outer.body.calls[decorator].callee if isinstance(decorator, int) else decorator
    if not isinstance(callee, str):
        return None
    base, _, last = callee.rpartition(".")
    marks = _MARKS.get(last)
    if "schedule" in base.rsplit(".", 1)[-1].lower():  # whatever the method is called: the project's own, too
        return _SCHEDULED
    if not marks:
        return None
    roots = _roots(outer, callee, base, inference)
    for mark in marks:
        if (not mark.roots and base) or mark.roots & roots or (not mark.roots and not roots <= {""}):
            return mark
    return None


def _roots(scope: Scope, callee: str, base: str, inference: Inference) -> set[str]:
    """The import roots of the libraries that a decorator may come from."""
    found = set()
    for value in inference.expression(scope, callee):
        if value.kind == "library":
            found.add(value.ref.split(".", 1)[0])
        elif value.kind == "member":
            found.add(value.ref[0].split(".", 1)[0])
        elif value.kind == "function":  # the project's own `job`, around the library's
            found.update(_imported(value.ref.module) & _QUEUES)
    if not found and not base:  # `job = partial(rq_job, …)` of the project
        for definition in inference.symbols.define(scope.module, callee):
            if definition.kind == "variable" and definition.module is not None:
                found.update(_imported(definition.module) & _QUEUES)
    if not found and base:
        hint = base.rsplit(".", 1)[-1].lower().strip("_")
        found.update(root for word, root in _HINTS.items() if word in hint)
        if not found:
            found.update(_imported(scope.module) & _QUEUES)
    return found


def _imported(module: Module) -> set[str]:
    return {part.module.split(".", 1)[0] for part in module.imports if not part.level}
