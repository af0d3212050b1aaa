"""Functions that a call makes an entry: tasks that are started, hooks that are registered, callbacks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from greenroom.model.finding import Reach
from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression, last_name
from greenroom.project.code.module import Module, Scope
from greenroom.project.web.entry import Entry, named
from greenroom.project.web.sites import calling, receiver

_DEEPEST = 4
_LIFE_EVENTS = ("startup", "shutdown", "before_server_start", "after_server_start", "main_process_start")
_FACTORIES = ("FastAPI", "Starlette", "Litestar", "APIRouter")


class _Given(NamedTuple):
    """Where a call is given a function, and what it makes of it."""

    reach: Reach
    what: str
    position: int
    keywords: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """What must stand before the dot (its last name); none: anything."""
    is_around: bool = False
    roots: frozenset[str] = frozenset()
    """Import roots, one of which the module must import; none: any."""
    is_in_thread: bool = False
    """It takes a plain function: one that is called in its place has run before."""
    is_of_life: bool | None = None
    """Whether the first argument is to be `"startup"` or `"shutdown"`; None: it does not matter."""


_TASK = _Given(Reach.TASK, "task", 0, ("coro", "func", "coroutine", "target", "function"))
_LIFE = _Given(Reach.LIFESPAN, "start-up or shutdown handler", 0, ("func",))
_EVENT = _Given(Reach.TASK, "event handler", 1, ("handler", "func"))
_JOB = _Given(Reach.WORKER, "worker's job", 0, ("f", "func"))
_ERROR = _Given(Reach.ROUTE, "error handler", 1, ("handler", "f"), is_around=True)
_MIDDLEWARE = _Given(Reach.ROUTE, "middleware", 0, ("middleware_class", "cls"), is_around=True)
_HOOK = _Given(Reach.ROUTE, "request hook", 0, is_around=True)
_GRADIO = _Given(Reach.ROUTE, "Gradio handler", 0, ("fn",), roots=frozenset({"gradio"}))
_DEPENDENCY = _Given(Reach.ROUTE, "dependency", 0, ("dependency",), is_around=True)
_STARTS = ("on_startup", "on_cleanup", "on_shutdown", "cleanup_ctx")
_BY_NAME: dict[str, tuple[_Given, ...]] = {
    **dict.fromkeys(
        ("create_task", "ensure_future", "run_coroutine_threadsafe", "start_soon", "add_task", "BackgroundTask",
         "create_background_task", "start_background_task", "add_background_task", "spawn_later",
         "call_soon", "call_soon_threadsafe", "start_new_thread", "add_job", "add_done_callback"), (_TASK,)),
    "create": (_TASK._replace(after=("background_tasks", "tasks")),),
    **dict.fromkeys(("Thread", "Process", "Timer"), (_TASK._replace(position=1, is_in_thread=True),)),
    "call_later": (_TASK._replace(position=1, keywords=("callback",)),),
    "timer": (_TASK._replace(position=1, keywords=("callback",), after=("ui", "app")),),
    "submit": (_TASK._replace(keywords=("fn",), roots=frozenset({"concurrent", "dask", "multiprocessing"})), _GRADIO),
    **dict.fromkeys(("click", "change", "upload", "load", "select", "then", "Interface", "ChatInterface"), (_GRADIO,)),
    "do": (_TASK,),
    "enqueue": (_JOB,), "enqueue_call": (_JOB,), "async_task": (_JOB,),
    "enqueue_in": (_JOB._replace(position=1),), "enqueue_at": (_JOB._replace(position=1),),
    "cron": (_JOB._replace(keywords=("func", "coroutine")),),
    "schedule": (_Given(Reach.WORKER, "worker's job", -1, ("func",)),),
    "basic_consume": (_Given(Reach.WORKER, "message handler", 1, ("on_message_callback", "consumer_callback")),),
    "consume": (_Given(Reach.WORKER, "message handler", 0, ("callback",)),),
    "subscribe": (_Given(Reach.WORKER, "message handler", -1, ("callback", "cb")),),
    "add_event_handler": (_LIFE._replace(position=1, is_of_life=True), _EVENT._replace(is_of_life=False)),
    "register_listener": (_LIFE._replace(keywords=("listener",)),),
    "append": (_LIFE._replace(after=_STARTS),),
    "on_startup": (_LIFE,), "on_shutdown": (_LIFE,),
    **dict.fromkeys(("add_exception_handler", "register_error_handler"), (_ERROR,)),
    **dict.fromkeys(("add_middleware", "Middleware"), (_MIDDLEWARE,)),
    **dict.fromkeys(
        ("before_request", "after_request", "teardown_request", "before_app_request", "after_app_request",
         "teardown_appcontext", "context_processor", "register_middleware"), (_HOOK,)),
    **dict.fromkeys(("Depends", "Security"), (_DEPENDENCY,)),
    "on": (_Given(Reach.SOCKET, "socket handler", 1, ("handler",), after=("sio", "socketio", "socket", "io")),),
    "register_namespace": (_Given(Reach.SOCKET, "socket namespace", 0),),
    **dict.fromkeys(
        _FACTORIES,
        (_Given(Reach.LIFESPAN, "lifespan", -1, ("lifespan",)), _LIFE._replace(position=-1, keywords=("on_startup",)),
         _LIFE._replace(position=-1, keywords=("on_shutdown",)),
         _ERROR._replace(position=-1, keywords=("exception_handlers",)),
         _MIDDLEWARE._replace(position=-1, keywords=("middleware",)))),
}  # fmt: skip
_NAMES = frozenset((*_BY_NAME, "middleware"))


def called_entries(modules: Iterable[Module], inference: Inference) -> Iterator[Entry]:
    """The entries that calls make."""
    for module in modules:
        imported = {part.module.split(".", 1)[0] for part in module.imports if not part.level}
        known: dict[str, bool] = {"middleware": True}
        for scope in calling((module,), _NAMES):
            for name in _NAMES.intersection(scope.facts.called) - known.keys():
                known[name] = any(_may_be(given, imported, module) for given in _BY_NAME[name])
            if any(known.get(name) for name in scope.facts.called):
                for call in scope.body.calls:
                    yield from _of_call(scope, call, imported, inference)


def _may_be(given: _Given, imported: set[str], module: Module) -> bool:
    """Whether the file has what else belongs to the name."""
    if given.roots and given.roots.isdisjoint(imported):
        return False
    if not given.after:
        return True
    text = module.packed_bodies.lower()
    return any(word.encode() in text for word in given.after)


def _of_call(scope: Scope, call: Call, imported: set[str], inference: Inference) -> Iterator[Entry]:
    if isinstance(call.callee, int):
        inner = scope.body.calls[call.callee]
        if last_name(inner.callee) == "middleware" and call.arguments:  # app.middleware("http")(function)
            yield from _targets(scope, call.arguments[0], _MIDDLEWARE, inference)
        return
    for given in _BY_NAME.get(last_name(call.callee), ()):
        if given.roots and given.roots.isdisjoint(imported):
            continue
        if given.after and last_name(receiver(call.callee)).lower() not in given.after:
            continue
        if given.is_of_life is not None and _is_of_life(call) is not given.is_of_life:
            continue
        expression = next((found for key in given.keywords if (found := call.keyword(key)) is not None), None)
        if expression is None and 0 <= given.position < len(call.arguments):
            expression = call.arguments[given.position]
        if expression is None:
            continue
        if given.is_in_thread and type(expression) is int and _is_run_here(scope, expression, inference):
            continue
        yield from _targets(scope, expression, given, inference)


def _is_run_here(scope: Scope, index: int, inference: Inference) -> bool:
    """`Thread(target=work())`: the caller does the work, where that is a plain function which gives nothing back."""
    called = inference.expression(scope, scope.body.calls[index].callee)
    return bool(called) and all(
        value.kind == "function" and not value.ref.is_async and not _gives_back(value.ref.body)
        for value in called
    )


def _gives_back(body: Body) -> bool:
    return any(
        part.kind == "return" and part.value is not None and not facts.is_none(part.value)
        for part in body.statements
    )


def _is_of_life(call: Call) -> bool:
    """An event that we cannot read may be one."""
    event = call.arguments[0] if call.arguments else call.keyword("event_type")
    text = facts.constant(event)
    return text in _LIFE_EVENTS or not isinstance(text, str)


def _targets(scope: Scope, expression: Expression, given: _Given, inference: Inference) -> Iterator[Entry]:
    for target in handed_over(scope, expression, inference):
        for function in _functions(target, given, inference):
            yield Entry(
                scope=function, reach=given.reach, label=_label(given, target), is_around=given.is_around,
                given_in=scope if scope.is_function else None,
            )  # fmt: skip


def _label(given: _Given, target: Scope) -> str:
    return "the lifespan" if given.what == "lifespan" else named(given.what, target)


def _functions(target: Scope, given: _Given, inference: Inference) -> Iterator[Scope]:
    """Of a class: what is called on its objects."""
    if target.is_function:
        yield target
    elif target.kind == "class":
        everything = given.reach is Reach.SOCKET
        wanted = (
            ("__init__", "__call__", "dispatch")
            if given.is_around
            else ("__init__", "__aenter__", "__aexit__")
        )
        for cls in inference.classes.line(target)[0]:
            yield from (child for child in cls.children
                        if child.kind == "function" and (everything or child.name in wanted))  # fmt: skip


def handed_over(
    scope: Scope, expression: Expression, inference: Inference, depth: int = 0
) -> Iterator[Scope]:
    """The functions and classes behind an argument: named, called, wrapped, or several of them."""
    if expression is None or depth > _DEEPEST:
        return
    if isinstance(expression, int):
        yield from _behind_call(scope, scope.body.calls[expression], inference, depth)
        return
    if isinstance(expression, tuple) and expression[0] == facts.LAMBDA:
        yield scope.module.scopes[expression[1]]
        return
    if isinstance(expression, tuple) and expression[0] != facts.ATTRIBUTE:
        for part in facts.children(expression):
            yield from handed_over(scope, part, inference, depth + 1)
        return
    for value in inference.expression(scope, expression):
        if value.kind in ("function", "class"):
            yield value.ref
        elif value.kind == "instance":
            yield inference.classes.member(value.ref, "__call__") or value.ref


def _behind_call(scope: Scope, call: Call, inference: Inference, depth: int) -> Iterator[Scope]:
    """`work(x)` in `create_task(work(x))`; `partial(work, x)`; `Middleware(Timing)`; `Role("admin")`."""
    values = inference.expression(scope, call.callee)
    projects = [value.ref for value in values if value.kind in ("function", "class")]
    for found in projects:
        called = inference.classes.member(found, "__call__") if found.kind == "class" else None
        yield called or found
    if not projects:
        for part in call.arguments:
            yield from handed_over(scope, part, inference, depth + 1)
