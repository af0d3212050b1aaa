"""Keys that stand in the code and sign: `jwt.encode(claims, SECRET_KEY)`, whatever the file is called that holds the constant."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from greenroom.catalogue.config.session_keys import GIVEN_TO_MIDDLEWARE, NAMES_OF_KEYS, session_keys
from greenroom.detect.search import mentioning, words
from greenroom.model.finding import Reach
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project

_TAKES_A_KEY: Final = {
    "jwt.encode": (1, "key"), "jwt.decode": (1, "key"), "jose.jwt.encode": (1, "key"), "jose.jwt.decode": (1, "key"),
    "jose.jws.sign": (1, "key"), "jose.jws.verify": (1, "key"), "itsdangerous.URLSafeTimedSerializer": (0, "secret_key"),
    "itsdangerous.URLSafeSerializer": (0, "secret_key"), "itsdangerous.TimestampSigner": (0, "secret_key"),
    "itsdangerous.Signer": (0, "secret_key"), "cryptography.fernet.Fernet": (0, "key"), "pyotp.TOTP": (0, "s"), "pyotp.HOTP": (0, "s"),
}  # fmt: skip
"""Which argument of theirs is the key."""
_FOR_EVERYBODY: Final = re.compile(r"PUBLIC KEY|CERTIFICATE|^ssh-")
CALLS_WITH_KEYS: Final = words("encode", "decode", "sign", "verify", "Serializer", "Signer", "Fernet", "OTP")
_USERS_COME: Final = (Reach.ROUTE, Reach.SOCKET, Reach.TASK, Reach.WORKER, Reach.LIFESPAN)


class SigningConstant(NamedTuple):
    """A text at the top of a module of production, which is never told."""

    module: Module
    line: int
    name: str
    value: str
    by: str
    """What becomes of it, as messages say."""
    entered: bool
    """Whether users come to a place that does."""
    is_given: bool = False
    """It stands in the call that signs with it: nothing from elsewhere can take its place."""


def signing_constants(project: Project) -> Iterator[SigningConstant]:
    """One for each constant with which something signs, in the order of the files."""
    found: dict[tuple[Module, str], SigningConstant] = {}
    held = [
        part
        for scope in mentioning(project.production(), CALLS_WITH_KEYS)
        for part in _of_calls(project, scope)
    ]
    held += [
        part
        for scope in mentioning(project.production(), NAMES_OF_KEYS)
        for part in _of_sessions(project, scope)
    ]
    for part in held:
        known = found.setdefault((part.module, part.name), part)
        found[part.module, part.name] = known._replace(entered=known.entered or part.entered)
    yield from found.values()


def _of_calls(project: Project, scope: Scope) -> Iterator[SigningConstant]:
    entered = project.entries.reach(scope) in _USERS_COME
    for edge in project.graph.edges(scope):
        held = _held(project, scope, key_of(edge), f"handed to `{edge.symbol}`")
        if held is not None:
            yield held._replace(entered=entered)


def _of_sessions(project: Project, scope: Scope) -> Iterator[SigningConstant]:
    """By name, or written where the application is told."""
    for key in session_keys(project, scope):
        value = facts.constant(key.given)
        if isinstance(value, str):
            given = key.by == GIVEN_TO_MIDDLEWARE
            yield SigningConstant(
                scope.module, key.line, "SECRET_KEY", value, key.by, entered=True, is_given=given
            )
        elif (held := _held(project, scope, key.given, key.by)) is not None:
            yield held._replace(entered=True)


def _held(project: Project, scope: Scope, key: Expression, by: str) -> SigningConstant | None:
    """The constant behind a name; None where it is no such name."""
    if not isinstance(key, str):
        return None
    path, _, name = project.suite.origins.of(scope, key).partition("::")
    module = project.modules.get(path)
    given = _given(module.top, name) if module is not None and name else []
    value = facts.constant(given[0][0]) if len(given) == 1 else None
    if module is None or not isinstance(value, str) or _FOR_EVERYBODY.search(value):
        return None
    return SigningConstant(module, given[0][1], name, value, by, entered=False)


def key_of(edge: Edge) -> Expression:
    """What a call that signs or encrypts is given as its key; None for any other call."""
    place = _TAKES_A_KEY.get(edge.symbol)
    if place is None or edge.call < 0:
        return None
    call = edge.caller.body.calls[edge.call]
    if call.keyword("options") is not None:  # which may switch the check off
        return None
    number, keyword = place
    given = call.keyword(keyword)
    return given if given is not None or len(call.arguments) <= number else call.arguments[number]


def _given(top: Scope, name: str) -> list[tuple[Expression, int]]:
    """What a module binds to a name, with the lines."""
    return [
        (part.value, part.line)
        for part in top.body.statements
        if (part.kind == "assign" and name in part.target)
        or (part.kind == "annotate" and part.target == name)
    ]
