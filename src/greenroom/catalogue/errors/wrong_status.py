"""Operator: an error is answered with the status of a success."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate.expressions import last_name
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source

_KEYWORDS = frozenset({"status_code", "status"})
_ANSWERS = re.compile(r"Response|HTTPException|HttpError|json_response|\bAPIException|jsonify|make_response")
_POSITIONS = {"HTTPException": 0, "make_response": 1, "send_error": 0}
_NAMED = re.compile(r"HTTP_([45]\d\d)_")
_FLASK = ("flask", "quart", "flask_restful", "flask_restx", "connexion")
_SERVER_ERROR = 500


def wrong_status(source: Source) -> Iterator[Rewrite]:
    """`HTTPException(404)`, `Response(status_code=503)` and `return …, 400` say 200; `abort(404)` says 500."""
    for call in source.calls():
        found = _of_call(source, call)
        if found is not None:
            name = last_name(call.func)
            instead = (
                ("404" if _status(source, found) >= _SERVER_ERROR else "500") if name == "abort" else "200"
            )
            yield _rewrite(source, found, instead)
    if source.names.has(*_FLASK):
        for statement in source.nodes(ast.Return):
            match statement.value:
                case ast.Tuple(elts=[ast.expr() as body, ast.expr() as status, *others]):
                    if _status(source, status) and len(others) <= 1 and not isinstance(body, ast.Constant):
                        yield _rewrite(source, status, "200")


def _rewrite(source: Source, status: ast.expr, instead: str) -> Rewrite:
    return Rewrite(
        node=status,
        edits=(source.replaced(status, instead),),
        note=f"the answer says {instead} where it said `{source.code(status)}`",
    )


def _of_call(source: Source, call: ast.Call) -> ast.expr | None:
    """The status of an error that a call answers with."""
    name = last_name(call.func)
    if name == "abort" and call.args:
        return call.args[0] if _status(source, call.args[0]) else None
    if not _ANSWERS.search(name) and name != "send_error":
        return None
    values = [keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS]
    position = _POSITIONS.get(name)
    if position is not None and len(call.args) > position:
        values.append(call.args[position])
    return next((value for value in values if _status(source, value)), None)


def _status(source: Source, value: ast.expr) -> int:
    """The number of an error's status; 0 for anything else."""
    match value:
        case ast.Constant(value=int(number)) if 400 <= number < 600:
            return number
        case ast.Attribute(attr=name):
            named = _NAMED.match(name)
            if named:
                return int(named[1])
            if source.names.of(value).startswith("http.HTTPStatus."):
                return _BY_NAME.get(name, 0)
        case ast.Name(id=name) if named := _NAMED.match(name):
            return int(named[1])
    return 0


_BY_NAME = {
    "BAD_REQUEST": 400, "UNAUTHORIZED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404, "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409, "GONE": 410, "PRECONDITION_FAILED": 412, "UNPROCESSABLE_ENTITY": 422, "TOO_MANY_REQUESTS": 429,
    "INTERNAL_SERVER_ERROR": 500, "NOT_IMPLEMENTED": 501, "BAD_GATEWAY": 502, "SERVICE_UNAVAILABLE": 503,
    "GATEWAY_TIMEOUT": 504,
}  # fmt: skip

WRONG_STATUS = Operator(
    key="E7",
    name="wrong-status",
    summary="an error is answered with another status",
    consequence="clients take the error for a success or repeat what they should not, and no alert counts it",
    noticed_by="a test that provokes the error, and asserts the exact status of the answer",
    weight=3,
    seed=wrong_status,
)
