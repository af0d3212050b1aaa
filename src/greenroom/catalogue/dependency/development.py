"""Does a place run on a developer's machine only: `if settings.environment == "development":`?"""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Expression

_ELSEWHERE = re.compile(r"^(?:dev|develop|development|local|localhost|test|tests|testing|ci)$", re.IGNORECASE)
_USERS = re.compile(r"^(?:prod|production|live|staging|stage)$", re.IGNORECASE)
_SAYS_SO = re.compile(
    r"^(?:is_|in_)?(?:dev|development|debug|local|testing|ci)(?:_(?:mode|env|environment))?$", re.IGNORECASE
)
_SAYS_OTHERWISE = re.compile(
    r"^(?:is_|in_)?(?:prod|production|live)(?:_(?:mode|env|environment))?$", re.IGNORECASE
)
_MEMBER = re.compile(r"(?:^|\.)_?[A-Z]\w*[a-z]\w*\.([A-Z_]+)$")
_OF_PIPELINES = re.compile(
    r"^(?:CI|GHACTIONS|GITHUB_ACTIONS|GITLAB_CI|TRAVIS|CIRCLECI|BUILDKITE|JENKINS_URL|APPVEYOR|TF_BUILD|PYTEST_CURRENT_TEST)$"
)


def is_for_developers(body: Body, block: int) -> bool:
    """Whether an `if` around the block asks for that, or it is the `else` of one that asks for production."""
    return any(
        (found.kind == "if" and _asks(body, found.detail))
        or (found.kind == "else" and _asks_for_users(body, body.blocks[found.owner].detail))
        for found in body.enclosing(block)
    )


def refuses_users(body: Body) -> bool:
    """Whether it leaves where users are: `if settings.ENV == Environment.PROD: return`, not within anything else."""
    return any(
        found.kind == "if"
        and found.parent == 0
        and _asks_for_users(body, found.detail)
        and any(part.block == number and part.kind in ("return", "raise") for part in body.statements)
        for number, found in enumerate(body.blocks)
    )


def _asks(body: Body, test: Expression) -> bool:
    if type(test) is int:
        return _SAYS_SO.search(_asked_by(body, test)) is not None or _is_of_pipelines(body, test)
    if isinstance(test, str):
        return _SAYS_SO.search(test.rsplit(".", 1)[-1]) is not None
    if not isinstance(test, tuple):
        return False
    if test[0] == facts.ATTRIBUTE:  # `get_settings().DEBUG`
        return _SAYS_SO.search(test[2]) is not None
    if test[0] == facts.OPERATION and test[1] == "not":
        return _asks_for_users(body, test[2][0])
    if test[0] == facts.EITHER and test[1] in ("and", "or"):
        every = all if test[1] == "or" else any
        return every(_asks(body, part) for part in test[2])
    return (
        _is_one_of(test, "==", "in", _ELSEWHERE)
        or _is_one_of(test, "!=", "not in", _USERS)
        or _names_a_pipeline(test)
    )


def _asks_for_users(body: Body, test: Expression) -> bool:
    if type(test) is int:
        return _SAYS_OTHERWISE.search(_asked_by(body, test)) is not None
    if isinstance(test, str):
        return _SAYS_OTHERWISE.search(test.rsplit(".", 1)[-1]) is not None
    if isinstance(test, tuple) and test[0] == facts.ATTRIBUTE:
        return _SAYS_OTHERWISE.search(test[2]) is not None
    if (
        isinstance(test, tuple) and test[0] == facts.OPERATION and test[1] == "not"
    ):  # `if not settings.DEBUG:`
        return _asks(body, test[2][0])
    return _is_one_of(test, "==", "in", _USERS)


def _asked_by(body: Body, test: int) -> str:
    """`DEBUG` of `getattr(settings, "DEBUG", False)`, `is_production` of `settings.is_production()`."""
    call = body.calls[test]
    name = facts.last_name(call.callee)
    if name != "getattr":
        return name
    return next((str(facts.constant(part)) for part in call.arguments[1:2]), "")


def _is_of_pipelines(body: Body, test: int) -> bool:
    """`os.environ.get("CI")`."""
    call = body.calls[test]
    name = facts.constant(call.arguments[0]) if call.arguments else None
    asks = facts.last_name(call.callee) in ("get", "getenv")
    return asks and isinstance(name, str) and _OF_PIPELINES.search(name) is not None


def _names_a_pipeline(test: Expression) -> bool:
    """`"GITHUB_ACTIONS" in os.environ`."""
    if test[0] != facts.COMPARE or test[1] != ("in",):
        return False
    name, held = facts.constant(test[2][0]), test[2][1]
    return str(held).endswith("environ") and isinstance(name, str) and _OF_PIPELINES.search(name) is not None


def _is_one_of(test: Expression, equals: str, among: str, wanted: re.Pattern[str]) -> bool:
    """Whether something is compared with such a value, or looked up among such values alone."""
    if not isinstance(test, tuple) or test[0] != facts.COMPARE or test[1] not in ((equals,), (among,)):
        return False
    values = [
        value for part in facts.walk(test) if isinstance(value := facts.constant(part) or _member(part), str)
    ]
    found = [wanted.search(value) is not None for value in values]
    return any(found) if test[1] == (equals,) else bool(found) and all(found)


def _member(part: Expression) -> str | None:
    """`PROD` of `Environment.PROD`."""
    found = _MEMBER.search(part) if isinstance(part, str) else None
    return found[1] if found is not None else None
