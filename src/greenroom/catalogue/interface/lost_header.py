"""Operator: an answer loses a header, or a cookie its protection."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_TELLING = re.compile(
    r"^(?:cache-control|vary|etag|expires|last-modified|retry-after|www-authenticate|content-disposition|location|allow|link|"
    r"content-security-policy.*|x-frame-options|x-content-type-options|strict-transport-security|referrer-policy|"
    r"permissions-policy|access-control-.*|set-cookie|x-accel-buffering|x-total-count|total-count|content-range|accept-ranges|"
    r"cross-origin-.*|hx-.*|x-accel-redirect)$",
    re.IGNORECASE,
)
"""Headers that a browser, a proxy or a client acts on; others are for people."""
_ANSWER = re.compile(r"resp|reply|answer|^r$|^res$|^ret$", re.IGNORECASE)
_CALLS = re.compile(
    r"Response$|^json_response$|^make_response$|HTTPException$|^redirect$|^Redirect$|^HTTP[A-Z]\w+$"
)


def lose_header(source: Source) -> Iterator[Rewrite]:
    """`response.headers["Cache-Control"] = …` goes; `httponly=True` becomes `httponly=False`."""
    for node in source.nodes(ast.Assign):
        header = _set_header(node)
        if header:
            yield Rewrite(
                node=node, edits=(source.replaced(node, "pass"),), note=f"the answer has no header `{header}`"
            )
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "set_cookie":
            yield from _unprotected(source, call)
        elif _CALLS.search(last_name(call.func)):
            yield from _of_call(source, call)


def _set_header(node: ast.Assign) -> str:
    """The header that an assignment sets on an answer."""
    match node.targets:
        case [
            ast.Subscript(
                value=ast.Attribute(value=owner, attr="headers"), slice=ast.Constant(value=str(name))
            )
        ]:
            return name if _ANSWER.search(last_name(owner)) and _TELLING.match(name) else ""
        case [
            ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=ast.Constant(value=str(name)))
        ]:
            return name if _ANSWER.search(last_name(owner)) and _TELLING.match(name) and "-" in name else ""
    return ""


def _unprotected(source: Source, call: ast.Call) -> Iterator[Rewrite]:
    for each in call.keywords:
        if (
            each.arg in ("httponly", "secure")
            and isinstance(each.value, ast.Constant)
            and each.value.value is True
        ):
            yield Rewrite(
                node=each,
                edits=(source.replaced(each.value, "False"),),
                note=f"the cookie is not `{each.arg}`",
            )


def _of_call(source: Source, call: ast.Call) -> Iterator[Rewrite]:
    headers = next((each.value for each in call.keywords if each.arg == "headers"), None)
    if not isinstance(headers, ast.Dict):
        return
    for number, key in enumerate(headers.keys):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and _TELLING.match(key.value):
            yield Rewrite(
                node=key,
                edits=(source.without_entry(headers, number),),
                note=f"the answer has no header `{key.value}`",
            )


LOSE_HEADER = Operator(
    key="W6",
    name="drop-header",
    summary="an answer loses a header, or a cookie is no longer protected",
    consequence="a cache hands the page of one user to the next, a browser blocks the answer, or a script reads the session",
    noticed_by="an assertion on the header of the answer",
    weight=3,
    seed=lose_header,
)
