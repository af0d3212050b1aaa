"""A route that any account may come to, among others that ask for a role."""

import re
from collections import Counter
from collections.abc import Iterator

from greenroom.catalogue.interface.changing_routes import CHANGING, changes_data
from greenroom.model.finding import Confidence, Severity, Sighting
from greenroom.model.place import Place
from greenroom.model.route import Route
from greenroom.project.web.authentication import Authentication

_ROLE = re.compile(
    r"admin|staff|super_?user|moderator|(?:^|_)roles?(?:_|$)|Role|permissions?(?:_?required|_?checker)|"
    r"(?:require|check|has|need)s?_?permission",
)
"""What asks for more than a login."""
_WORKS_ON = re.compile(
    r"(?:[sS]ervice|[rR]epo|[rR]epository|[sS]tore|[dD]ao|[cC]rud|[sS]chema|[sS]erializer|Create|Update|Request|Response|Read|Out|In|Base|[mM]odel)$"
)
"""What such a name ends with that is worked with, and asks nobody: `AdminService`, `RoleCreate`."""
_FOR_ALL = re.compile(
    r"log-?_?(?:in|out)|sign-?_?(?:up|in|out|off)|regist|token|password|webhook|callback|feedback|contact|profile|\bme\b|"
    r"search|query|valid|check|preview|export|download|test|ping|comment|review|message|notif|read",
    re.IGNORECASE,
)
"""What any account may do, and what is only asked."""
_ACTION = re.compile(
    r"(?:^|[_/.-])(?:update|delete|remove|edit|change|modify|set|approve|reject|accept|assign|ban|block|toggle|enable|disable|reset|clear|"
    r"purge|restore|publish|archive|rename|move)(?![a-z])",
    re.IGNORECASE,
)
"""A POST of such a name changes what is there; any other may add what is the account's own."""
_FEWEST = 3
_SHARE = 0.6


def missing_roles(checks: Authentication, routes: list[Route]) -> Iterator[Sighting]:
    """Routes that let any account change data without a look at whose it is, while those beside it ask for a role.

    Args:
        checks: what stands in front of routes.
        routes: those of one file, of one application.
    """
    changing = [route for route in routes if route.method in CHANGING]
    asked = {route: _roles(checks, route) for route in changing}
    guarded = [route for route in changing if asked[route]]
    if len(guarded) < _FEWEST or len(guarded) < _SHARE * len(changing):
        return
    name, count = Counter(name for route in guarded for name in asked[route]).most_common(1)[0]
    if count < _FEWEST:
        return
    beside = next(route for route in guarded if name in asked[route])
    for route in changing:
        login = checks.surely(route)
        if (
            asked[route]
            or not login
            or _FOR_ALL.search(f"{route.path} {route.symbol}")
            or checks.looks_at_who(route)
        ):
            continue
        sure = route.certain and _changes_what_is_there(checks, route)
        yield Sighting(
            place=Place(path=route.file, line=route.line, symbol=route.symbol),
            message=f"`{route.method} {route.path}` asks for no more than `{login[0]}` and does not look at who it is, "
            f"while {count} routes beside it that change data ask for `{name}`: any account may change what is not its own",
            severity=Severity.HIGH,
            confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
            sites=(Place(path=beside.file, line=beside.line, symbol=beside.symbol),),
            subject=f"{route.method} {route.path}",
            cause=f"{route.file}:{route.symbol}",
        )


def _changes_what_is_there(checks: Authentication, route: Route) -> bool:
    is_said = route.method != "POST" or _ACTION.search(f"{route.path} {route.symbol}") is not None
    return is_said and changes_data(checks, route)


def _roles(checks: Authentication, route: Route) -> tuple[str, ...]:
    return tuple(name for name in checks.explicit(route) if _ROLE.search(name) and not _WORKS_ON.search(name))
