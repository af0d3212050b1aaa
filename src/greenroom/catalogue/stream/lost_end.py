"""Operators: a stream whose end is never told, or whose failure looks like its end."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate import blocks
from greenroom.mutate.expressions import call_statements, is_generator, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_MARKS = re.compile(
    r"\[DONE\]|^(?:.*[._:\- ])?(?:done|end|eof|eos|finish(?:ed)?|completed?|message_stop|finish_reason|final|stop|is_final)$",
    re.IGNORECASE,
)
_KINDS = ("type", "event", "status", "kind")
_SENTINELS = re.compile(
    r"sentinel|^_?(?:done|stop|end|eof|eos|finished|poison|close)(?:_\w+)?$", re.IGNORECASE
)
_SENDS = frozenset({"send", "send_json", "send_text", "send_str", "send_bytes", "emit", "write", "publish", "send_message",
                    "send_event", "put", "put_nowait"})  # fmt: skip
_ENDINGS_OF_OTHERS = ("CancelledError", "GeneratorExit", "StopIteration", "StopAsyncIteration", "ClientDisconnect",
                      "WebSocketDisconnect", "KeyboardInterrupt", "SystemExit")  # fmt: skip


def drop_end(source: Source) -> Iterator[Rewrite]:
    """`yield "data: [DONE]"`, the last message of a socket, the sentinel of a queue go; `more_body=False` becomes True."""
    for statement in source.nodes(ast.Expr):
        if (
            isinstance(statement.value, ast.Yield)
            and _is_last(source, statement)
            and _is_end(statement.value.value)
        ):
            yield _dropped(source, statement, "the stream ends without its last event")
    for statement, call in call_statements(source):
        if _is_sentinel(call) and not _is_cut_off(source, statement):
            yield _dropped(source, statement, f"`{source.head(call.func)}` does not say that this was all")
        elif _sends_end(source, statement, call):
            yield _dropped(source, statement, "the receiver is not told that this was all")
    yield from _more_to_come(source)


def swallow_midstream(source: Source) -> Iterator[Rewrite]:
    """The handler of a generator that tells of a failure ends the stream as if all were well."""
    for attempt in source.nodes(ast.Try):
        function = source.function(attempt)
        if function is None or not is_generator(function) or not _yields(attempt.body):
            continue
        for handler in attempt.handlers:
            if _is_ending_of_others(handler) or not _tells(handler.body) or _is_context_manager(function):
                continue
            yield Rewrite(
                node=handler,
                edits=(source.emptied(handler.body, "return"),),
                note=f"`{function.name}` ends as if all had come when it meets `{source.head(handler)}`",
                lines=blocks.lines(handler.body),
            )


def _dropped(source: Source, statement: ast.stmt, note: str) -> Rewrite:
    return Rewrite(node=statement, edits=(source.replaced(statement, "pass"),), note=note)


def _more_to_come(source: Source) -> Iterator[Rewrite]:
    """The last message of an ASGI response, as a dictionary."""
    for message in source.nodes(ast.Dict):
        for key, value in zip(message.keys, message.values, strict=True):
            if _is_text(key, "more_body") and isinstance(value, ast.Constant) and value.value is False:
                yield Rewrite(
                    node=value,
                    edits=(source.replaced(value, "True"),),
                    note="the response says that there is more to come",
                )


def _is_last(source: Source, statement: ast.stmt) -> bool:
    """Whether it stands where a generator ends, and something else makes it one."""
    function = source.function(statement)
    if function is None:
        return False
    others = [
        node for node in blocks.own(function.body)
        if isinstance(node, ast.Yield | ast.YieldFrom) and node is not getattr(statement, "value", None)
    ]  # fmt: skip
    if not others:
        return False
    return _ends_here(source, statement)


def _ends_here(source: Source, statement: ast.stmt) -> bool:
    """Whether nothing of the function runs after a statement, but its return."""
    before: ast.AST = statement
    while isinstance(before, ast.stmt) and not isinstance(before, ast.FunctionDef | ast.AsyncFunctionDef):
        block = source.block(before)
        following = block[block.index(before) + 1 :]
        if following:
            return all(isinstance(each, ast.Return | ast.Break | ast.Pass) for each in following)
        above = source.parent(before)
        if isinstance(above, ast.For | ast.AsyncFor | ast.While):
            return False
        before = (
            (source.parent(above) or above) if isinstance(above, ast.ExceptHandler) else above or statement
        )
    return True


def _is_end(value: ast.expr | None) -> bool:
    """Whether an event says that it is the last: by a text, or by a key or a type in it."""
    match value:
        case ast.Dict(keys=keys, values=values):
            return any(_says_end(key, said) for key, said in zip(keys, values, strict=True))
        case ast.Constant():
            return _is_mark(value)
        case ast.JoinedStr(values=parts):
            return any(_is_end(part) or _is_end_of_text(part) for part in parts)
        case ast.FormattedValue(value=inner) | ast.Await(value=inner):
            return _is_end(inner)
        case ast.BinOp(left=left, right=right):
            return _is_end(left) or _is_end(right)
        case ast.Call():
            return _is_end_event(value)
    return False


def _says_end(key: ast.expr | None, said: ast.expr) -> bool:
    """`"done": True`, `"finish_reason": "stop"`, `"type": "end"`."""
    if _is_mark(key) and isinstance(said, ast.Constant) and said.value not in (False, None, ""):
        return True
    return isinstance(key, ast.Constant) and key.value in _KINDS and _is_mark(said)


def _is_end_event(call: ast.Call) -> bool:
    """`json.dumps({"done": True})`, `b"[DONE]".encode()`, `Event(type="end")`."""
    if any(each.arg in (*_KINDS, "data") and _is_mark(each.value) for each in call.keywords):
        return True
    if last_name(call.func) not in ("dumps", "encode", "model_dump_json", "format_sse", "sse"):
        return False
    inside = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    return any(map(_is_end, (*call.args, *inside)))


def _is_end_of_text(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and "[DONE]" in str(part.value)


def _is_mark(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str | bytes):
        return False
    text = value.value.decode("utf-8", "replace") if isinstance(value.value, bytes) else value.value
    return (
        bool(_MARKS.search(text.strip().removeprefix("data:").removeprefix("event:").strip()))
        and len(text) < 60
    )


def _is_sentinel(call: ast.Call) -> bool:
    """`queue.put(None)`, and names that say so."""
    if (
        not isinstance(call.func, ast.Attribute)
        or call.func.attr not in ("put", "put_nowait")
        or len(call.args) != 1
    ):
        return False
    given = call.args[0]
    if isinstance(given, ast.Constant):
        return given.value is None or _is_mark(given)
    return isinstance(given, ast.Name | ast.Attribute) and bool(_SENTINELS.search(last_name(given)))


def _is_cut_off(source: Source, statement: ast.stmt) -> bool:
    """Whether the reader has just been cancelled, so that it needs no word any more."""
    block = source.block(statement)
    before = block[: block.index(statement)][-1:]
    return any(isinstance(each, ast.Expr) and last_name(each.value) == "cancel" for each in before)


def _sends_end(source: Source, statement: ast.stmt, call: ast.Call) -> bool:
    """A message of a socket or stream that says that it is the last, beside others that do not."""
    function = source.function(statement)
    if function is None or not isinstance(call.func, ast.Attribute) or call.func.attr not in _SENDS:
        return False
    if not any(map(_is_end, call.args)):
        return False
    owner = ast.unparse(call.func.value)
    others = [
        node for node in ast.walk(function)
        if isinstance(node, ast.Call) and node is not call and isinstance(node.func, ast.Attribute)
        and node.func.attr in _SENDS and ast.unparse(node.func.value) == owner
    ]  # fmt: skip
    return bool(others)


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _yields(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in blocks.own(body))


def _tells(body: list[ast.stmt]) -> bool:
    """Whether whoever reads the stream learns of the failure: by an event of it, or by the exception."""
    return any(isinstance(node, ast.Yield | ast.Raise) for node in blocks.own(body))


def _is_ending_of_others(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(last_name(kind) in _ENDINGS_OF_OTHERS for kind in kinds if kind is not None)


def _is_context_manager(function: Function) -> bool:
    """A generator of one thing: a context manager, a fixture, a dependency."""
    if any(
        "contextmanager" in last_name(each) or "fixture" in last_name(each)
        for each in function.decorator_list
    ):
        return True
    yields = [node for node in blocks.own(function.body) if isinstance(node, ast.Yield)]
    in_loop = any(
        isinstance(inner, ast.Yield | ast.YieldFrom)
        for node in blocks.own(function.body)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While)
        for inner in ast.walk(node)
    )
    return not in_loop and len(yields) - len([n for n in yields if n.value is None]) <= 1


DROP_END = Operator(
    key="S1",
    name="drop-end",
    summary="the last event of a stream is never sent",
    consequence="the page shows an answer that never ends, and whoever reads the queue waits for ever",
    noticed_by="a test that reads the stream to its end, as the client does, and asserts what the last event is",
    weight=5,
    seed=drop_end,
    first_rank=True,
    symptom=Symptom.HANG,
)
SWALLOW_MIDSTREAM = Operator(
    key="S5",
    name="swallow-midstream-error",
    summary="a stream that fails in the middle ends as if all had come",
    consequence="half an answer is shown, stored and billed as a whole one",
    noticed_by="a test in which the upstream breaks off after the first chunk, and which asserts what the client is told",
    weight=5,
    seed=swallow_midstream,
)
