"""Tests that ask for the address which an earlier answer gave them, its form or link: which route that is, no line says."""

import re
from typing import Final

from greenroom.detect.search import mentions, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.project import Project

_SAID: Final = words("location", "Location")
_HEADER: Final = re.compile(r"'[Ll]ocation'")
_ACTS: Final = words("submit", "click")
_FORMS: Final = frozenset({"webtest", "django_webtest", "flask_webtest"})
"""Libraries whose answers hold the forms and links of a page."""
_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})


class FollowedAddresses:
    """Whether any test of a project does so; asked once."""

    def __init__(self, project: Project) -> None:
        tests = [module for module in project.modules.values() if module.kind is FileKind.TEST]
        has_forms = any(
            part.module.partition(".")[0] in _FORMS for module in tests for part in module.imports
        )
        self.found = any(
            (mentions(scope, _SAID) and _follows(scope)) or (has_forms and _acts(scope))
            for module in tests
            for scope in module.scopes
        )


def _acts(scope: Scope) -> bool:
    """`page.forms["login"].submit()`, `page.click("Orders")`."""
    return mentions(scope, _ACTS) and any(
        last_name(call.callee) in ("submit", "click") for call in scope.body.calls
    )


def _follows(scope: Scope) -> bool:
    """`place = answer.headers["location"]`, then `client.get(url(place))`."""
    held = {
        name
        for part in scope.body.statements
        if part.kind == "assign" and _is_header(scope, part.value)
        for name in part.target
        if isinstance(name, str)
    }
    return bool(held) and any(
        not held.isdisjoint(_names(scope, value))
        for call in scope.body.calls
        if last_name(call.callee) in _VERBS
        for value in (*call.arguments, *(given for _, given in call.keywords))
    )


def _is_header(scope: Scope, value: Expression) -> bool:
    """`headers["location"]` and `headers.get("location")`."""
    arguments = scope.body.calls[value].arguments if isinstance(value, int) else ()
    return _HEADER.search(repr((value, arguments))) is not None


def _names(scope: Scope, value: Expression) -> set[str]:
    found: set[str] = set()
    for part in facts.walk(value):
        if isinstance(part, str):
            found.add(part)
        elif type(part) is int:
            for argument in scope.body.calls[part].arguments:
                found |= {inner for inner in facts.walk(argument) if isinstance(inner, str)}
    return found
