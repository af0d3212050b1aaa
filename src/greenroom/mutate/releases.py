"""Statements that give something back: a connection, a session, a lock, a socket."""

import ast
import re
from collections.abc import Iterator

from greenroom.mutate import blocks
from greenroom.mutate.expressions import is_generator, last_name, names_in
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_ACTIONS = frozenset(
    {
        "close",
        "aclose",
        "release",
        "putconn",
        "release_conn",
        "disconnect",
        "unsubscribe",
        "punsubscribe",
        "checkin",
    }
)
_ENDINGS = frozenset(
    {*_ACTIONS, "rollback", "wait_closed", "dispose", "shutdown", "terminate", "detach", "reset"}
)
_HELD = re.compile(
    r"conn|client|session|pool|(?:^|_)dbs?(?:_|$)|database|redis|sock|writer|transport|channel|stream|resp|pubsub|consumer|"
    r"producer|lock|sem(?:aphore)?$|mutex|broker|upstream|engine|(?:^|_)ws(?:_|$)|limiter|backend|mongo|kafka|rabbit|amqp|nats",
    re.IGNORECASE,
)
_COLLECTED = ("open", "io.", "socket.", "tempfile.", "sqlite3.", "requests.", "urllib.", "zipfile.", "tarfile.", "gzip.",
              "PIL.", "os.", "multiprocessing.", "subprocess.", "shelve.", "smtplib.", "ftplib.")  # fmt: skip
"""What the interpreter closes as soon as nobody holds it."""
_TAKES = re.compile(
    r"^(?:getconn|acquire|checkout|raw_connection|borrow|take)$|session_?(?:local|maker|factory)|^session$|sessions?$",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"lifespan|shutdown|cleanup|teardown|^(?:_?main|on_stop|_?atexit|stop|stop_\w+)$", re.IGNORECASE
)
_CLOSER = re.compile(r"_?(?:a?close|disconnect|dispose|terminate|release)(?:_\w+)?$")
_WHOLE = re.compile(r"(?:pool|engine)$", re.IGNORECASE)
"""Who closes a whole pool is about to end."""
_MEASURES = frozenset(
    {"observe", "inc", "dec", "labels", "timing", "gauge", "incr", "set_attribute", "record", "histogram"}
)


def is_release(call: ast.Call) -> bool:
    """A call that gives something back, whatever it is."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in _ENDINGS


def would_be_missed(source: Source, statement: ast.stmt, call: ast.Call) -> bool:
    """Whether a thing that is not given back here stays out: nothing else gives it back, nor does the interpreter."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _ACTIONS:
        return False
    held = (
        call.args[0] if call.func.attr in ("release", "putconn", "checkin") and call.args else call.func.value
    )
    if held is call.func.value and (call.args or call.keywords or _WHOLE.search(last_name(held))):
        return False
    function = source.function(statement)
    if function is None or is_last_thing(function) or not _is_held(held, call.func.value):
        return False
    return not (
        _is_closer(source, function, held)
        or _is_collected(source, held)
        or _is_socket_of_handler(source, function, held)
        or _is_forgotten(source, statement, held)
        or _is_at_rest(source, statement, held)
        or _is_given_back_otherwise(source, statement, held)
    )


def _is_held(held: ast.expr, owner: ast.expr) -> bool:
    return bool(_HELD.search(f"{last_name(held)}_{last_name(owner)}"))


def is_last_thing(function: Function) -> bool:
    """Whether a function runs when the process is about to end, which then gives back everything by itself."""
    if _LAST.search(function.name):
        return True
    arguments = [each.arg for each in function.args.args]
    return is_generator(function) and arguments in (["app"], ["_app"], ["application"], ["_"])


def only_tidies(statement: ast.stmt) -> bool:
    """A statement that gives back, measures, logs or forgets a variable, and does nothing else."""
    match statement:
        case ast.Delete(targets=targets):
            return all(isinstance(target, ast.Name) for target in targets)
        case ast.Assign(targets=targets):
            return all(isinstance(target, ast.Name) for target in targets)
        case ast.If(body=body, orelse=orelse):
            return all(map(only_tidies, (*body, *orelse)))
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            return all(
                map(only_tidies, (*body, *orelse, *final, *(each for one in handlers for each in one.body)))
            )
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return all(map(only_tidies, body))
        case ast.Expr(value=ast.Await(value=ast.Call() as call)) | ast.Expr(value=ast.Call() as call):
            return is_release(call) or last_name(call) in (*_MEASURES, "collect", "empty_cache") or (
                blocks.does_nothing(statement)
            )  # fmt: skip
    return blocks.does_nothing(statement)


def _is_closer(source: Source, function: Function, held: ast.expr) -> bool:
    """`close` of the owner: whether anybody misses it is a question to those who call it, and they are asked.

    A function that closes what belongs to the module is called at the end of the process.
    """
    if not _CLOSER.match(function.name):
        return False
    if isinstance(source.parent(function), ast.ClassDef):
        return ast.unparse(held).startswith("self.")
    arguments = function.args
    own = {
        each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    } | blocks.bound(function.body)
    return not names_in(held) & own


def _is_collected(source: Source, held: ast.expr) -> bool:
    """Made in this function by a call that leaves the closing to the interpreter, or closed by Flask after each request."""
    if last_name(held) in ("cursor", "cur") or ast.unparse(held).endswith("db.session"):
        return True
    if not isinstance(held, ast.Name):
        return source.names.of(held).startswith(_COLLECTED)
    calls = list(_made_here(source, held))
    return bool(calls) and all(
        not _TAKES.search(last_name(call)) or source.names.of(call).startswith(_COLLECTED) for call in calls
    )


def _made_here(source: Source, held: ast.Name) -> Iterator[ast.Call]:
    """The calls whose results a variable is bound to in this function; nothing where one of them is awaited."""
    function = source.function(held)
    made = source.names.origin(held)
    if (
        function is None
        or made is None
        or source.function(made) is not function
        or isinstance(source.parent(made), ast.arg)
    ):
        return
    values = [node.value for node in blocks.own(function.body) if isinstance(node, ast.Assign)
              and any(isinstance(target, ast.Name) and target.id == held.id for target in node.targets)]  # fmt: skip
    values = values or [made]
    if all(isinstance(value, ast.Call) or _is_none(value) for value in values):
        yield from (value for value in values if isinstance(value, ast.Call))


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_forgotten(source: Source, statement: ast.stmt, held: ast.expr) -> bool:
    """`self.socket = None` comes next: nobody holds it then, and the interpreter closes it, unless it takes an `await`."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Await):
        return False
    loop = source.parent(statement)
    owner = ast.unparse(loop.iter) if isinstance(loop, ast.For) else ""
    last = loop if isinstance(loop, ast.For) else statement
    block = source.block(last)
    for each in block[block.index(last) + 1 :]:
        if isinstance(each, ast.Assign):
            targets = {ast.unparse(target) for target in each.targets}
            if ast.unparse(held) in targets or any(owner.startswith(f"{target}.") for target in targets):
                return True
    return False


def _is_at_rest(source: Source, statement: ast.stmt, held: ast.expr) -> bool:
    """A session that has just committed or rolled back has given its connection back already."""
    text = ast.unparse(held)
    block = source.block(statement)
    number = block.index(statement)
    if any(_ends_transaction(each, text) for each in block[:number][-1:]):
        return True
    if any(_is_removal(each) for each in block[number + 1 :]):
        return True
    attempt = source.parent(statement)
    if not isinstance(attempt, ast.Try) or statement not in attempt.finalbody or not attempt.handlers:
        return False
    endings = [(attempt.orelse or attempt.body)[-1:], *(handler.body for handler in attempt.handlers)]
    return all(any(_ends_transaction(each, text) for each in block) for block in endings)


def _is_removal(statement: ast.stmt) -> bool:
    """`Session.remove()` of SQLAlchemy's `scoped_session` closes the session, too."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return (
        isinstance(value, ast.Call) and last_name(value) == "remove" and not value.args and not value.keywords
    )


def _ends_transaction(statement: ast.stmt, text: str) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("commit", "rollback")
        and ast.unparse(call.func.value) == text
    )


def _is_socket_of_handler(source: Source, function: Function, held: ast.expr) -> bool:
    """The server closes a handler's own socket as soon as the handler returns."""
    for each in function.args.args:
        if isinstance(held, ast.Name) and held.id == each.arg:
            annotated = each.annotation is not None and "WebSocket" in source.code(each.annotation)
            return annotated or each.arg in ("websocket", "ws", "socket", "request")
    return False


def _is_given_back_otherwise(source: Source, statement: ast.stmt, held: ast.expr) -> bool:
    """By the `with` around, by a `finally` around, or by a statement that follows."""
    text = ast.unparse(held)
    before: ast.AST = statement
    for above in (each for each in source.around(statement) if not isinstance(each, ast.ExceptHandler)):
        following = []
        if isinstance(before, ast.stmt):
            block = source.block(before)
            following = block[block.index(before) + 1 :]
        if isinstance(above, ast.Try | ast.TryStar) and before not in above.finalbody:
            following += above.finalbody
        if any(_releases(each, text) for each in following):
            return True
        if isinstance(above, ast.With | ast.AsyncWith) and any(_opens(item, text) for item in above.items):
            return True
        if not isinstance(above, ast.If | ast.Try | ast.TryStar | ast.With | ast.AsyncWith):
            return False
        before = above
    return False


def _opens(item: ast.withitem, text: str) -> bool:
    if item.optional_vars is not None and ast.unparse(item.optional_vars) == text:
        return True
    inner = item.context_expr
    return ast.unparse(inner) == text or (
        isinstance(inner, ast.Call) and any(ast.unparse(each) == text for each in inner.args)
    )


def _releases(statement: ast.stmt, text: str) -> bool:
    """Whether a statement, or one below it, ends the same thing."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _ENDINGS - {"wait_closed", "rollback"}
        and text in (ast.unparse(node.func.value), *map(ast.unparse, node.args))
        for node in ast.walk(statement)
    )
