"""Operators: a failure that was handled is not handled any more, or not every kind of it."""

import ast
import builtins
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.answered_alike import is_answered_alike
from greenroom.mutate.excepts import Handler, handlers
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_ROOTS = {
    "httpx": "HTTPError", "requests": "RequestException", "aiohttp": "ClientError", "redis": "RedisError",
    "sqlalchemy": "SQLAlchemyError", "openai": "OpenAIError", "anthropic": "AnthropicError",
    "websockets": "WebSocketException", "psycopg": "Error", "psycopg2": "Error", "asyncpg": "PostgresError",
    "botocore": "BotoCoreError", "django": "DatabaseError",
}  # fmt: skip
"""What nearly all exceptions of a library derive from."""
_PARENTS = {
    "JSONDecodeError": "ValueError", "ValidationError": "ValueError", "timeout": "OSError", "gaierror": "OSError",
    "herror": "OSError", "SSLError": "OSError", "URLError": "OSError", "HTTPError": "OSError", "error": "OSError",
    "InvalidTokenError": "Exception", "CalledProcessError": "SubprocessError", "TimeoutExpired": "SubprocessError",
}  # fmt: skip

_STANDARD = frozenset(
    {"asyncio", "binascii", "concurrent", "configparser", "csv", "decimal", "email", "ftplib", "http", "imaplib", "ipaddress", "json",
     "pickle", "queue", "shutil", "smtplib", "socket", "sqlite3", "ssl", "struct", "subprocess", "tarfile", "tomllib", "urllib", "xml",
     "zipfile", "zlib"}
)  # fmt: skip
"""Modules of Python's own whose exceptions are asked themselves what they derive from."""

_CONVERTS = re.compile(r"int|float|str|bytes|Decimal|UUID|loads?|(?:en|de)code|\w*b(?:16|32|64)\w*code|fromisoformat|strptime|fromhex"
                       r"|\w*parse\w*|split|strip|lower|get|isinstance|len")  # fmt: skip
_GONE = frozenset({"WebSocketDisconnect", "ConnectionClosed", "ConnectionClosedOK", "ClientDisconnect", "ClosedResourceError",
                   "EndOfStream"})  # fmt: skip
_INTERNAL = re.compile(r"\b500\b|INTERNAL_SERVER_ERROR|InternalServerError")


def unhandle(source: Source) -> Iterator[Rewrite]:
    """The body of a handler becomes `raise`."""
    for handler in handlers(source):
        last = handler.body[-1]
        if handler.raises_again or (handler.looks_up and not isinstance(last, ast.Raise)):
            continue
        if set(handler.types) & _GONE and not handler.acts:
            continue  # nobody is there any more to be told
        if isinstance(last, ast.Raise) and _INTERNAL.search(source.code(last)):
            continue  # an internal error it is either way
        if _only_rewords(handler) or is_answered_alike(source, handler):
            continue
        yield Rewrite(
            node=handler.node,
            edits=(source.emptied(handler.body, "raise"),),
            note=f"`{source.head(handler.node)}` lets the exception pass",
            lines=handler.lines,
        )


def _only_rewords(handler: Handler) -> bool:
    """`except ValueError: raise ValueError("not a number")`: whoever catches the one catches the other."""
    match handler.body:
        case [ast.Raise(exc=ast.Call(func=ast.Name(id=name)))]:
            return handler.types == (name,) and isinstance(getattr(builtins, name, None), type)
    return False


def narrow(source: Source) -> Iterator[Rewrite]:
    """`except (A, B)` becomes `except A`, and `except Exception` becomes `except ValueError`."""
    for handler in handlers(source):
        caught = handler.node.type
        if handler.raises_again or caught is None:
            continue
        if isinstance(caught, ast.Tuple) and (lost := _dropped(source, caught)) is not None:
            if is_answered_alike(source, handler, [lost]):
                continue
            rest = [source.code(part) for part in caught.elts if part is not lost]
            less = rest[0] if len(rest) == 1 else f"({', '.join(rest)})"
            note = f"`{source.code(lost)}` is no longer caught"
        elif handler.types == ("Exception",) and not (
            _only_converts(handler.attempt.body) or is_answered_alike(source, handler)
        ):
            less, note = "ValueError", "only `ValueError` is still caught"
        else:
            continue
        yield Rewrite(
            node=handler.node, edits=(source.replaced(caught, less),), note=note, lines=handler.lines
        )


def _only_converts(body: list[ast.stmt]) -> bool:
    """`int(…)`, `json.loads(…)`: what they raise is a ValueError, and stays caught."""
    calls = [node for node in blocks.own(body) if isinstance(node, ast.Call)]
    return all(_CONVERTS.fullmatch(last_name(call.func)) for call in calls)


def _dropped(source: Source, caught: ast.Tuple) -> ast.expr | None:
    """The last of the types that no other one catches anyway."""
    for part in reversed(caught.elts):
        if not any(_is_caught_by(source, part, other) for other in caught.elts if other is not part):
            return part
    return None


def _is_caught_by(source: Source, inner: ast.expr, outer: ast.expr) -> bool:
    """Whether one exception derives from the other, or may do so for all that is known here."""
    small, large = last_name(inner), last_name(outer)
    known_small, known_large = _known(source, inner), _known(source, outer)
    if large in ("Exception", "BaseException") or small == large:
        return True
    if isinstance(known_small, type) and isinstance(known_large, type):
        return issubclass(known_small, known_large)
    if _PARENTS.get(small) == large:
        return True
    if isinstance(known_small, type):
        return False
    library = source.names.of(inner).split(".", 1)[0]
    return bool(library) and _ROOTS.get(library) == large


def _known(source: Source, spelled: ast.expr) -> object:
    """The exception itself, where it is one of Python's own."""
    module, _, name = source.names.of(spelled).rpartition(".")
    if not module:
        return getattr(builtins, last_name(spelled), None)
    if module.partition(".")[0] not in _STANDARD:
        return None
    with suppress(ImportError):
        return getattr(import_module(module), name, None)
    return None


UNHANDLE = Operator(
    key="E2",
    name="unhandle",
    summary="a handler lets its exception pass",
    consequence="when something that could be done without is down, users get an internal error",
    noticed_by="a test that makes the call in the `try` fail, and asserts that the caller still gets its answer",
    weight=4,
    seed=unhandle,
    first_rank=True,
)
NARROW_EXCEPT = Operator(
    key="E5",
    name="narrow-except",
    summary="a handler no longer catches one of its exceptions",
    consequence="the other kind of failure, after an upgrade or on a bad day, passes every handler and ends the request",
    noticed_by="a test for each kind of exception that the handler names",
    weight=3,
    seed=narrow,
)
