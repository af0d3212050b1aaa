"""Where an application is told with which key to sign its sessions, other than by a plain text: by a constant, or in a call."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.config.servers import Servers
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.development import is_for_developers
from greenroom.detect.search import words
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

NAMES_OF_KEYS: Final = words("secret_key", "SECRET_KEY")
_APPLICATION: Final = re.compile(r"(?:^|\.)(?:app|application|flask_app)$")
_CONFIG: Final = re.compile(r"(?:^|\.)(?:app|application|flask_app)\.config$")
_SETS: Final = frozenset({"update", "from_mapping"})
_LATER: Final = re.compile(r"\.config\.from_(?:pyfile|object|envvar|prefixed_env|file|json)$")
_MIDDLEWARE: Final = "SessionMiddleware"
GIVEN_TO_MIDDLEWARE: Final = f"handed to `{_MIDDLEWARE}`"
_OF_FLASK: Final = "signs what the application sends"


class SessionKey(NamedTuple):
    """What an application signs its sessions with."""

    line: int
    given: Expression
    by: str
    """As messages say what becomes of it."""


def session_keys(project: Project, scope: Scope) -> Iterator[SessionKey]:
    """The keys that a scope gives; none of an application that signs nothing, that nobody starts, or that is configured anew."""
    by_hand = project.once(ByHand)
    found = [*_of_flask(project, scope), *_of_middleware(scope)]
    if found and (by_hand.is_imported(scope.module) or by_hand.may_be_started(scope.module)):
        yield from found


def _of_middleware(scope: Scope) -> Iterator[SessionKey]:
    for call in scope.body.calls:
        given = call.keyword("secret_key")
        if given is not None and _MIDDLEWARE in (last_name(call.callee), *map(_named, call.arguments[:1])):
            yield SessionKey(call.line, given, GIVEN_TO_MIDDLEWARE)


def _of_flask(project: Project, scope: Scope) -> list[SessionKey]:
    """Where Flask signs anything at all, and takes no other settings later."""
    found = list(_told_to_flask(scope))
    servers = project.once(Servers)
    is_used = bool(found) and servers.may_use(scope.module) and servers.sign(scope.module)
    return found if is_used and not _is_configured_anew(scope) else []


def _told_to_flask(scope: Scope) -> Iterator[SessionKey]:
    for part in scope.body.statements:
        if (
            part.kind != "assign"
            or not isinstance(part.value, str)
            or is_for_developers(scope.body, part.block)
        ):
            continue
        if any(map(_is_key, part.target)):
            yield SessionKey(part.line, part.value, _OF_FLASK)
    for call in scope.body.calls:
        base, _, method = call.callee.rpartition(".") if isinstance(call.callee, str) else ("", "", "")
        given = call.keyword("SECRET_KEY")
        if (
            given is not None
            and method in _SETS
            and _CONFIG.search(base)
            and not is_for_developers(scope.body, call.block)
        ):
            yield SessionKey(call.line, given, _OF_FLASK)


def _is_key(target: Expression) -> bool:
    """`app.secret_key`, `app.config["SECRET_KEY"]`."""
    if isinstance(target, str):
        base, _, name = target.rpartition(".")
        return name == "secret_key" and _APPLICATION.search(base) is not None
    return (
        isinstance(target, tuple)
        and target[0] == facts.ITEM
        and isinstance(target[1], str)
        and _CONFIG.search(target[1]) is not None
        and facts.constant(target[2]) == "SECRET_KEY"
    )


def _is_configured_anew(scope: Scope) -> bool:
    """`app.config.from_pyfile("config.py")`: who has such a file gives the key there."""
    return any(isinstance(call.callee, str) and _LATER.search(call.callee) for call in scope.body.calls)


def _named(expression: Expression) -> str:
    return last_name(expression) if isinstance(expression, str) else ""
