"""Operator: nobody asks who it is, or what they may."""

import ast
import re
from collections.abc import Iterator

from greenroom.model.operator import Operator
from greenroom.mutate import blocks
from greenroom.mutate.expressions import keyword, last_name
from greenroom.mutate.refusals import denials
from greenroom.mutate.rewrite import Rewrite
from greenroom.mutate.source import Source
from greenroom.mutate.tree import Function

_GUARDS = re.compile(
    r"^(?:\w*_)?(?:login|auth|authentication|permissions?|roles?|admins?|superuser|staff|jwt|token|scopes?|access|user|api_key|"
    r"admin_or_\w+|owner)_(?:required|only|accepted|protected)$|^requires?_(?!http|post|get|safe|method|json|ajax|param|form|version|csrf|ssl|feature)\w+$|"
    r"^requires$|^user_passes_test$|^staff_member_required$|^permission_required\w*$|^jwt_required$|^admins_only$|^authed_only$|"
    r"^authenticated$|^authorize$|^auth_required$|^roles_accepted$|^permissions_required$",
    re.IGNORECASE,
)
_DEPENDENCIES = re.compile(
    r"auth|current_?(?:active_?)?(?:user|admin|superuser|account|principal)|login|permission|admin|superuser|verify|api_?key|"
    r"\brole|scope|secur|require|check_(?:user|access|token|account)|access|protected|principal|guard",
    re.IGNORECASE,
)
_MIXINS = frozenset({"LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin", "AccessMixin", "StaffRequiredMixin",
                     "SuperuserRequiredMixin", "AdminRequiredMixin", "GroupRequiredMixin"})  # fmt: skip
_OPEN = frozenset({"AllowAny", "IsAuthenticatedOrReadOnly"})


def bypass(source: Source) -> Iterator[Rewrite]:
    """The check that ends in a 401 or 403 never strikes; decorators, dependencies and permissions of a view go."""
    for guard in denials(source):
        yield Rewrite(
            node=guard,
            edits=(source.replaced(guard.test, "False"),),
            note="nobody is turned away",
            lines=_lines(guard.test),
        )
    for function in source.functions():
        yield from _undecorated(source, function)
        yield from _undepended(source, function)
    for call in source.calls():
        yield from _unlisted(source, call)
    for node in source.nodes(ast.ClassDef):
        yield from _opened(source, node)


def _lines(node: ast.expr) -> tuple[int, ...]:
    return tuple(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _undecorated(source: Source, function: Function) -> Iterator[Rewrite]:
    """The last of its guards goes; one that stands above others is covered by them."""
    guards = [each for each in function.decorator_list if _GUARDS.match(last_name(each))]
    if len(guards) == 1:
        yield Rewrite(
            node=guards[0],
            edits=(source.without_decorator(guards[0]),),
            note=f"everybody may call `{function.name}`",
            lines=blocks.lines(function.body),
        )
    for each in function.decorator_list:
        if (
            isinstance(each, ast.Call)
            and last_name(each.func) == "permission_classes"
            and _closes(each.args[:1])
        ):
            yield Rewrite(
                node=each,
                edits=(source.replaced(each.args[0], "[]"),),
                note=f"everybody may call `{function.name}`",
                lines=blocks.lines(function.body),
            )


def _undepended(source: Source, function: Function) -> Iterator[Rewrite]:
    """A parameter that is only there to keep people out: the body does not look at it."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    used = {node.id for node in blocks.own(function.body) if isinstance(node, ast.Name)}
    for argument, default in (
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        if default is None or argument.arg in used or not _is_guard(default):
            continue
        yield Rewrite(
            node=argument,
            edits=(source.replaced(default, f"{source.code(default.func)}(lambda: None)"),)
            if isinstance(default, ast.Call)
            else (),
            note=f"`{function.name}` does not ask for `{source.head(default)}`",
            lines=blocks.lines(function.body),
        )


def _is_guard(default: ast.expr | None) -> bool:
    """`Depends(get_current_user)`, `Security(check, scopes=[…])`."""
    if (
        not isinstance(default, ast.Call)
        or last_name(default.func) not in ("Depends", "Security")
        or not default.args
    ):
        return False
    return bool(_DEPENDENCIES.search(ast.unparse(default.args[0])))


def _unlisted(source: Source, call: ast.Call) -> Iterator[Rewrite]:
    """`dependencies=[Depends(require_admin)]` of a route, a router or an application."""
    found = keyword(call, "dependencies")
    if found is None or not isinstance(found.value, ast.List):
        return
    for each in found.value.elts:
        if _is_guard(each):
            above = source.parent(call)
            yield Rewrite(
                node=each,
                edits=(source.without_element(each),),
                note=f"`{source.head(each)}` is not asked for",
                lines=blocks.lines(above.body)
                if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
                else (),
            )


def _opened(source: Source, node: ast.ClassDef) -> Iterator[Rewrite]:
    """`permission_classes = [IsAuthenticated]` of a view, or a mixin among its bases."""
    lines = tuple(
        line for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in blocks.lines(each.body)
    )  # fmt: skip
    for statement in node.body:
        if not isinstance(statement, ast.Assign) or not _closes([statement.value]):
            continue
        if [last_name(target) for target in statement.targets] == ["permission_classes"]:
            yield Rewrite(
                node=statement,
                edits=(source.replaced(statement.value, "[]"),),
                note=f"everybody may use `{node.name}`",
                lines=lines,
            )
    guards = [base for base in node.bases if last_name(base) in _MIXINS]
    if len(guards) == 1 and len(node.bases) > 1:
        yield Rewrite(
            node=guards[0],
            edits=(source.without_element(guards[0]),),
            note=f"everybody may use `{node.name}`",
            lines=lines,
        )


def _closes(given: list[ast.expr]) -> bool:
    """Whether a list of permissions keeps anybody out."""
    if not given or not isinstance(given[0], ast.List | ast.Tuple) or not given[0].elts:
        return False
    return not all(last_name(each) in _OPEN for each in given[0].elts)


BYPASS = Operator(
    key="W3",
    name="bypass-auth",
    summary="a check of who somebody is, or what they may do, is gone",
    consequence="strangers read and change what is not theirs",
    noticed_by="a test that makes the request without the right, and asserts that it is refused",
    weight=5,
    seed=bypass,
    first_rank=True,
)
