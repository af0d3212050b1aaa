"""Operator: a stream is collected before its first byte is sent."""

import ast
from collections.abc import Iterator

from greenroom.model.operator import Operator, Symptom
from greenroom.mutate.expressions import argument, last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_RESPONSES = frozenset(
    {"StreamingResponse", "EventSourceResponse", "StreamingHttpResponse", "stream_with_context"}
)
_FLASK = ("flask.Response", "quart.Response", "werkzeug.Response", "werkzeug.wrappers.Response")


def buffer_stream(source: Source) -> Iterator[Rewrite]:
    """`StreamingResponse(words())` sends nothing before the last word is there."""
    for call in source.calls():
        if last_name(call.func) not in _RESPONSES and source.names.of(call.func) not in _FLASK:
            continue
        content = argument(call, 0, "content", "streaming_content", "response")
        generator = _generator(source, content)
        if content is None or generator is None:
            continue
        text = _collected(source, call, content, is_async=isinstance(generator, ast.AsyncFunctionDef))
        if text:
            yield Rewrite(
                node=call,
                edits=(source.replaced(content, text),),
                note=f"nothing is sent before `{generator.name}` has ended",
            )


def _generator(source: Source, content: ast.expr | None) -> Function | None:
    """The generator of this file whose result is sent."""
    if not isinstance(content, ast.Call):
        return None
    name = last_name(content.func)
    known = [each for each in source.functions() if each.name == name and not each.decorator_list]
    return known[0] if len(known) == 1 and _yields(known[0]) else None


def _yields(function: Function) -> bool:
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function)
    ) and not _is_endless(function)


def _is_endless(function: Function) -> bool:
    """A loop that only the client's leaving ends: collected, it would never be sent at all."""
    return any(
        isinstance(node, ast.While)
        and isinstance(node.test, ast.Constant)
        and not any(isinstance(each, ast.Break | ast.Return) for each in ast.walk(node))
        for node in ast.walk(function)
    )


def _collected(source: Source, call: ast.Call, content: ast.expr, *, is_async: bool) -> str:
    if not is_async:
        return f"iter(list({source.code(content)}))"
    function = source.function(call)
    inside = isinstance(function, ast.AsyncFunctionDef) and call not in ast.walk(function.args)
    return f"iter([chunk async for chunk in {source.code(content)}])" if inside else ""


BUFFER_STREAM = Operator(
    key="S4",
    name="buffer-stream",
    summary="a streamed answer is collected whole before anything is sent",
    consequence="users look at an empty page until all is there, proxies give up, and large answers fill the memory",
    noticed_by="a test that reads the first chunk while the rest is still held back",
    weight=3,
    seed=buffer_stream,
    symptom=Symptom.LATENCY,
)
