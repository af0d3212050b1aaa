"""What a request is for: where that fails, an answer that does not depend on it tells a lie."""

import re
from typing import Final

from greenroom.catalogue.errors.case import Case
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression
from greenroom.project.project import Project

_CHANGES: Final = re.compile(r"`(?:POST|PUT|PATCH|DELETE|\*) ")


def is_all_it_does(project: Project, case: Case) -> bool:
    """Whether a request that is to change something changes it here alone, and answers in fixed words whatever came of it."""
    scope = case.scope
    entry = project.entries.entry(scope)
    if entry is None or entry.scope is not scope or not _CHANGES.match(entry.label):
        return False
    if any(part.changes is not None for part in (*case.earlier, *case.later)):
        return False
    answers = [
        part.value
        for part in scope.body.statements
        if part.kind == "return" and part.line > case.handling.end_line
    ]
    return bool(answers) and all(_is_fixed(scope.body, value) for value in answers)


def _is_fixed(body: Body, value: Expression) -> bool:
    """`{"status": "ok"}`, `"", 204`, `JSONResponse({"ok": True})`."""
    if type(value) is int:
        call = body.calls[value]
        given = (*call.arguments, *(part for _, part in call.keywords))
        return bool(given) and all(_is_fixed(body, part) for part in given)
    parts = list(facts.walk(value))
    return bool(parts) and not any(isinstance(part, str) or type(part) is int for part in parts)
