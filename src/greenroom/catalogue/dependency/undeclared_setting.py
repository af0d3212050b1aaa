"""Does a call wait for a setting that the project's settings do not have, so that nobody ever comes to it?"""

import re
from collections.abc import Iterator
from typing import Final

from greenroom.catalogue.dependency.crossing import Crossing
from greenroom.project.calls.infer import Inference
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_TAKES_ANY: Final = re.compile(r"[\"']?extra[\"']?\s*[:=]\s*(?:[\"']allow[\"']|Extra\.allow)")


def waits_for_undeclared_setting(project: Project, crossing: Crossing) -> bool:
    """`if not self.mail: return`, where `self.mail` is only filled under `if hasattr(settings, "MAIL_SERVER"):`."""
    scope = crossing.scope
    asked = list(_asked(scope, crossing.call))
    if any(_is_read_from_undeclared(project, scope, name) for name in asked):
        return True
    attributes = (name.removeprefix("self.") for name in asked if name.startswith("self."))
    return scope.owner is not None and any(
        _is_never_filled(project, scope.owner, name) for name in attributes if name.isidentifier()
    )


def _is_read_from_undeclared(project: Project, scope: Scope, name: str) -> bool:
    """`user = getattr(settings, "MAIL_USER", "")`, where the class of the settings has no such field."""
    given = [part.value for part in scope.body.statements if part.kind == "assign" and name in part.target]
    return (
        len(given) == 1 and type(given[0]) is int and _is_fallback(project, scope, scope.body.calls[given[0]])
    )


def _is_fallback(project: Project, scope: Scope, call: Call) -> bool:
    if call.callee != "getattr" or len(call.arguments) != len(("object", "name", "default")):
        return False
    default = call.arguments[2]
    is_nothing = facts.is_none(default) or (
        isinstance(default, tuple) and default[0] == facts.CONSTANT and not default[1]
    )
    return is_nothing and _is_undeclared(project, scope, call.arguments[0], facts.constant(call.arguments[1]))


def _asked(scope: Scope, call: Call) -> Iterator[str]:
    """The names that must hold something where the call stands."""
    body = scope.body
    around = {
        block.detail
        for block in body.enclosing(call.block)
        if block.kind == "if" and isinstance(block.detail, str)
    }
    left = {
        body.blocks[part.block].detail[2][0]
        for part in body.statements
        if part.kind in ("return", "raise") and part.line < call.line and _is_denied(body.blocks[part.block].detail)
    }  # fmt: skip
    yield from around | left


def _is_denied(test: Expression) -> bool:
    """`not self.mail`."""
    return isinstance(test, tuple) and test[:2] == (facts.OPERATION, "not") and isinstance(test[2][0], str)


def _is_never_filled(project: Project, cls: Scope, name: str) -> bool:
    """Whether all that is ever put there is what a method gives under the question for such a setting."""
    inference = project.inference
    given = [
        (place, binding.source)
        for place, bound in inference.classes.attribute(cls, name)
        for binding in bound[name]
        if binding.how != "annotation"
    ]
    return bool(given) and all(
        type(source) is int
        and bool(values := inference.expression(place, place.body.calls[source].callee))
        and all(value.kind == "function" and _gives_under_undeclared(project, value.ref) for value in values)
        for place, source in given
    )


def _gives_under_undeclared(project: Project, method: Scope) -> bool:
    body = method.body
    given = [part for part in body.statements if part.kind == "return" and not facts.is_none(part.value)]
    return bool(given) and all(
        any(
            block.kind == "if" and _asks_undeclared(project, method, block.detail)
            for block in body.enclosing(part.block)
        )
        for part in given
    )


def _asks_undeclared(project: Project, scope: Scope, test: Expression) -> bool:
    """`hasattr(settings, "MAIL_SERVER")`, alone or with others by `and`, of an object whose class has no such field."""
    if isinstance(test, tuple) and test[:2] == (facts.EITHER, "and"):
        return any(_asks_undeclared(project, scope, part) for part in test[2])
    call = scope.body.calls[test] if type(test) is int else None
    if call is None or call.callee != "hasattr" or len(call.arguments) != len(("object", "name")):
        return False
    return _is_undeclared(project, scope, call.arguments[0], facts.constant(call.arguments[1]))


def _is_undeclared(project: Project, scope: Scope, settings: Expression, name: object) -> bool:
    values = project.inference.expression(scope, settings)
    return (
        isinstance(name, str)
        and bool(values)
        and all(value.kind == "instance" and _lacks(project, value.ref, name) for value in values)
    )


def _lacks(project: Project, cls: Scope, name: str) -> bool:
    """Whether no class in its line has the field, or takes whatever the environment brings."""
    inference: Inference = project.inference
    line = inference.classes.line(cls)[0]
    children = {child.name for part in line for child in part.children}
    return (
        not any(bound.get(name) for _, bound in inference.classes.attribute(cls, name))
        and children.isdisjoint({name, "__getattr__"})
        and not any(_TAKES_ANY.search(_text(project, part)) for part in line)
    )


def _text(project: Project, cls: Scope) -> str:
    return "\n".join(project.inventory.read_text(cls.path).split("\n")[cls.line - 1 : cls.end_line])
