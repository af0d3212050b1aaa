"""The HTTP status that answers and exceptions say."""

import ast
import re

from greenroom.mutate.expressions import keyword, last_name

_STATUS_NAME = re.compile(r"(?:^|_)(\d{3})(?:_|$)")
_NAMED = {"UNAUTHORIZED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404, "BAD_REQUEST": 400, "CONFLICT": 409, "GONE": 410,
          "UNPROCESSABLE_ENTITY": 422, "UNPROCESSABLE_CONTENT": 422, "TOO_MANY_REQUESTS": 429, "REQUEST_ENTITY_TOO_LARGE": 413,
          "METHOD_NOT_ALLOWED": 405, "NOT_ACCEPTABLE": 406, "PRECONDITION_FAILED": 412, "UNSUPPORTED_MEDIA_TYPE": 415,
          "PAYMENT_REQUIRED": 402}  # fmt: skip


def status_of(call: ast.expr | None) -> int:
    """The HTTP status that a call of an exception, a response or an `abort` says; 0 where it says none."""
    if not isinstance(call, ast.Call):
        return 0
    given = keyword(call, "status_code", "status", "code")
    said = given.value if given is not None else None
    if said is None and last_name(call.func) in (
        "HTTPException",
        "abort",
        "HTTPError",
        "HttpError",
        "Response",
        "APIError",
    ):
        numbers = [each for each in call.args if status_number(each)]
        said = numbers[0] if numbers else None
    return status_number(said)


def status_number(said: ast.expr | None) -> int:
    """`404`, `HTTP_404_NOT_FOUND`, `HTTPStatus.NOT_FOUND`, `NOT_FOUND.value`."""
    match said:
        case ast.Constant(value=int(number)) if not isinstance(number, bool) and 100 <= number < 600:
            return number
        case ast.Attribute(value=inner, attr="value"):
            return status_number(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            found = _STATUS_NAME.search(name)
            return int(found[1]) if found else _NAMED.get(name, 0)
    return 0
