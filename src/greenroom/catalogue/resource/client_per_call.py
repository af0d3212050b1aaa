"""Operator: what was shared by all calls is made anew for each."""

import ast
import builtins
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import names_in
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_CLIENTS = frozenset(
    {"httpx.Client", "httpx.AsyncClient", "requests.Session", "requests.session", "redis.Redis", "redis.from_url",
     "redis.Redis.from_url", "redis.asyncio.Redis", "redis.asyncio.from_url", "redis.asyncio.Redis.from_url", "openai.OpenAI",
     "openai.AsyncOpenAI", "anthropic.Anthropic", "anthropic.AsyncAnthropic", "ollama.AsyncClient", "ollama.Client",
     "aiohttp.ClientSession", "pymongo.MongoClient", "motor.motor_asyncio.AsyncIOMotorClient"}
)  # fmt: skip
_LIFE = frozenset({"close", "aclose", "disconnect", "__aenter__", "__aexit__", "is_closed"})
"""To close a client that was just made changes nothing; the shared one stays open, and that is P1."""
_STATE = frozenset(
    {"headers", "mount", "cookies", "auth", "hooks", "params", "verify", "proxies", "event_hooks"}
)


def make_client_per_call(source: Source) -> Iterator[Rewrite]:
    """`client.get(…)` with a shared client becomes `httpx.AsyncClient(…).get(…)`."""
    for use, made in (*_of_module(source), *_of_object(source)):
        function = source.function(use)
        method = source.parent(use)
        if not isinstance(method, ast.Attribute) or method.attr in _LIFE:
            continue
        if function is not None and isinstance(source.parent(method), ast.Call):
            yield Rewrite(
                node=use,
                edits=(source.replaced(use, source.code(made)),),
                note=f"`{function.name}` makes its own `{source.code(use)}`",
            )


def _of_module(source: Source) -> Iterator[tuple[ast.expr, ast.Call]]:
    for name, made in _shared(source):
        for use in source.nodes(ast.Name):
            if use.id == name and isinstance(use.ctx, ast.Load) and source.names.origin(use) is made:
                yield use, made


def _of_object(source: Source) -> Iterator[tuple[ast.expr, ast.Call]]:
    """`self.client`, made once in `__init__` from what every method can see."""
    for use in source.nodes(ast.Attribute):
        made = source.names.origin(use) if isinstance(use.ctx, ast.Load) else None
        if not isinstance(made, ast.Call) or source.names.of(made.func) not in _CLIENTS:
            continue
        maker = source.function(made)
        if maker is None or maker.name != "__init__" or source.function(use) in (maker, None):
            continue
        if names_in(made) <= _bound(source) | {"self"} and not _is_changed_in_class(source, use):
            yield use, made


def _is_changed_in_class(source: Source, use: ast.Attribute) -> bool:
    """Whether it is bound more than once in the file, or has something put into it."""
    text = ast.unparse(use)
    same = [
        node for node in source.nodes(ast.Attribute) if node.attr == use.attr and ast.unparse(node) == text
    ]
    return sum(isinstance(node.ctx, ast.Store) for node in same) != 1 or any(
        isinstance(above := source.parent(node), ast.Attribute) and above.attr in _STATE for node in same
    )


def _bound(source: Source) -> set[str]:
    return {name for statement in source.module.body for name in _binds(statement)} | set(dir(builtins))


def _shared(source: Source) -> Iterator[tuple[str, ast.Call]]:
    """The clients of a module that nobody changes after they were made."""
    bound = _bound(source)
    for statement in source.module.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as made)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as made)
            ):
                if (
                    source.names.of(made.func) in _CLIENTS
                    and names_in(made) <= bound
                    and not _is_changed(source, name)
                ):
                    yield name, made


def _binds(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {(each.asname or each.name).partition(".")[0] for each in names}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _is_changed(source: Source, name: str) -> bool:
    """Whether headers, adapters or the like are put into it later, or it is bound again."""
    for node in source.nodes(ast.Name):
        if node.id != name:
            continue
        if isinstance(node.ctx, ast.Store) and source.function(node) is not None:
            return True
        outermost = source.statement(node)
        if source.function(node) is None and isinstance(node.ctx, ast.Load):
            return True
        if isinstance(outermost, ast.Assign) and any(
            ast.unparse(t).startswith(f"{name}.") for t in outermost.targets
        ):
            return True
        above = source.parent(node)
        if isinstance(above, ast.Attribute) and above.attr in (
            "headers",
            "mount",
            "cookies",
            "auth",
            "hooks",
        ):
            return True
    return False


MAKE_CLIENT_PER_CALL = Operator(
    key="P5",
    name="client-per-call",
    summary="each call makes a client of its own instead of using the shared one",
    consequence="every call opens a new connection and shakes hands again, until the machine has no sockets left",
    noticed_by="a leak sensor on connections, or a server in the test that counts them",
    weight=3,
    seed=make_client_per_call,
    symptom=Symptom.LEAK,
)
