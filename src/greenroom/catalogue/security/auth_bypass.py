"""SEC004: a request is served without asking who it is from, or what they may."""

from greenroom.catalogue.security.bypassed_auth import BYPASS
from greenroom.catalogue.security.guard_above_route import guards_above_routes
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="SEC004",
    name="auth-bypass",
    family=Family.SECURITY,
    summary="a request is served without asking who it is from, or what they may",
    consequence="strangers read and change what is not theirs, and it has to be told to all whom it concerns",
    remedy="put the check where no route can miss it, and test every route without the right it needs",
    source="OWASP Top 10, A01:2021 Broken Access Control; CWE-862, Missing Authorization",
    detector=guards_above_routes,
    operators=(BYPASS,),
)
