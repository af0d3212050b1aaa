"""Guards: an `if` that refuses a request, and how."""

import ast
import re
from collections.abc import Iterator

from greenroom.mutate import blocks
from greenroom.mutate.expressions import last_name, names_in, spelled
from greenroom.mutate.source import Source
from greenroom.mutate.statuses import status_number, status_of

_DENIES = re.compile(
    r"forbidden|unauthori[sz]ed|permission_?denied|not_?authenticated|authentication_?failed|access_?denied|not_?permitted|"
    r"permission_?error|not_?authori[sz]ed|not_?allowed_?error|authorization_?error|authentication_?error|login_?required",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"bad_?request|^ValidationError$|^RequestValidationError$|conflict|unprocessable|^Http404$|not_?found|too_?many_?requests|"
    r"invalid_?(?:request|input|parameter|argument|usage|data)|entity_?too_?large|payload_?too_?large|suspicious_?operation|"
    r"user_?error|input_?error|^UsageError$",
    re.IGNORECASE,
)
_CHECKS = frozenset({"validator", "field_validator", "model_validator", "root_validator", "validates", "validates_schema",
                     "pre_load", "before_validator"})  # fmt: skip
_STATUS = frozenset({"status_code", "status", "is_error", "ok", "is_success"})
_LOGIN = re.compile(r"log-?_?in|sign-?_?in|auth", re.IGNORECASE)


def denials(source: Source) -> Iterator[ast.If]:
    """Guards that turn away who is not known or not allowed."""
    return (guard for guard in source.nodes(ast.If) if _is_guard(source, guard) and _denies(guard))


def rejections(source: Source) -> Iterator[ast.If]:
    """Guards that turn away what is not valid, not there or too much."""
    for guard in source.nodes(ast.If):
        if _is_guard(source, guard) and not _denies(guard) and _rejects(source, guard):
            yield guard


def is_refusal(source: Source, guard: ast.If) -> bool:
    """Whether a request is turned away here, for whatever reason."""
    return _is_guard(source, guard) and (_denies(guard) or _rejects(source, guard))


def _is_guard(source: Source, guard: ast.If) -> bool:
    """`if …: raise` and `if …: return`, with nothing before it but a log; names that the test binds are needed later.

    Who asks for the status of an answer is a client, and turns nobody away.
    """
    *before, last = guard.body
    if source.function(guard) is None or not isinstance(last, ast.Raise | ast.Return | ast.Expr):
        return False
    if not all(blocks.does_nothing(each) or _prepares(each) for each in before):
        return False
    for node in ast.walk(guard.test):
        if isinstance(node, ast.NamedExpr) or (isinstance(node, ast.Attribute) and node.attr in _STATUS):
            return False
    return not _leaves_names_out(source, guard) and not _is_checked_again(source, guard)


def _is_checked_again(source: Source, guard: ast.If) -> bool:
    """`if not name: abort(401)`, and what is looked up by that name is refused in the same words where there is nothing."""
    block = source.block(guard)
    match block[block.index(guard) + 1 :]:
        case [ast.Assign(targets=[ast.Name(id=found)], value=value), ast.If(test=test, body=[again]), *_]:
            asked = names_in(guard.test) & names_in(value)
            is_nothing = spelled(test) in {f"not {found}", f"{found} is None"}
            return bool(asked) and is_nothing and spelled(again) == spelled(guard.body[-1])
    return False


def _leaves_names_out(source: Source, guard: ast.If) -> bool:
    """An `elif` beside branches that bind names: behind it they would be missing."""
    above = source.parent(guard)
    return (
        isinstance(above, ast.If)
        and above.orelse == [guard]
        and not guard.orelse
        and bool(blocks.bound(above.body))
    )


def _prepares(statement: ast.stmt) -> bool:
    """`message = …` for the exception that follows."""
    return isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) for target in statement.targets
    )


def _answer(guard: ast.If) -> tuple[ast.expr | None, int]:
    """What the guard raises or returns, and the status that it says."""
    match guard.body[-1]:
        case ast.Raise(exc=raised):
            return raised, status_of(raised)
        case ast.Return(value=ast.Tuple(elts=[value, second, *_])):
            return value, status_number(second)
        case ast.Return(value=value):
            return value, status_of(value)
        case ast.Expr(value=ast.Call() as call) if last_name(call.func) == "abort":
            return call, status_of(call)
    return None, 0


def _denies(guard: ast.If) -> bool:
    answer, status = _answer(guard)
    if status:
        return status in (401, 403)
    if answer is None:
        return False
    if isinstance(guard.body[-1], ast.Return):
        if "redirect" in last_name(answer).lower() and isinstance(answer, ast.Call):
            return any(_LOGIN.search(ast.unparse(each)) for each in answer.args[:1])
        return isinstance(answer, ast.Call) and bool(_DENIES.search(last_name(answer)))
    return bool(_DENIES.search(last_name(answer)))


def _rejects(source: Source, guard: ast.If) -> bool:
    answer, status = _answer(guard)
    if status:
        return 400 <= status < 500
    if answer is None:
        return False
    name = last_name(answer)
    if isinstance(guard.body[-1], ast.Return):
        return isinstance(answer, ast.Call) and bool(
            re.search(r"HttpResponse(?:BadRequest|NotFound|Gone)$|^HTTPBadRequest$", name)
        )
    return bool(_REFUSES.search(name)) or (
        name in ("ValueError", "AssertionError") and _is_validator(source, guard)
    )


def _is_validator(source: Source, guard: ast.If) -> bool:
    """A function by which pydantic, Django, WTForms or marshmallow check what comes in."""
    function = source.function(guard)
    return function is not None and any(last_name(each) in _CHECKS for each in function.decorator_list)
