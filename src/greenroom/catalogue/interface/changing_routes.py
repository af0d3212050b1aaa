"""Routes that change data, told from those that everybody is meant to come to."""

import re

from greenroom.model.route import Route
from greenroom.project.web.authentication import Authentication

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OPEN_BY_NATURE = re.compile(
    r"log-?_?in|log-?_?out|sign-?_?(?:up|in|out|off)|regist|token|refresh|callback|webhook|hook|health|ping|ready|live|metrics|"
    r"oauth|oidc|saml|sso|auth|password|forgot|reset|recover|verif|confirm|activat|invit|unsubscribe|public|contact|feedback|"
    r"csrf|setup|install|onboard|share|track|event|collect|report|beacon|captcha|challenge|session|device|pair|exchange|"
    r"magic|otp|mfa|totp|anonymous|guest|checkout|preview|version|status|search|query|validate|check|test|echo|proxy|mcp|rpc",
    re.IGNORECASE,
)
"""Paths that people come to before they are known, services that bring their own proof, and questions that are posted."""
_CHANGE = re.compile(
    r"(?:^|_)(?:save|create|add|insert|append|update|upsert|merge|patch|put|post|delete|remove|drop|clear|cancel|set|write|store|persist|"
    r"commit|execute|send|publish|emit|notify|enqueue|queue|delay|apply_async|dispatch|submit|upload|move|copy|rename|start|"
    r"stop|run|trigger|schedule|import|sync|reset|assign|approve|reject|pay|charge|book|mark|toggle|enable|disable|bulk)",
    re.IGNORECASE,
)
"""What calls are named that leave something behind; a POST without any only computes an answer."""


def is_open_by_nature(route: Route) -> bool:
    """Whether people come to it before they are known, as its path or its name says."""
    return _OPEN_BY_NATURE.search(f"{route.path} {route.symbol}") is not None


def changes_data(checks: Authentication, route: Route) -> bool:
    """Whether it leaves something behind, as its method says; a POST may only compute an answer."""
    return route.method != "POST" or leaves_something(checks, route)


def leaves_something(checks: Authentication, route: Route) -> bool:
    """Whether something that it calls is named as what changes data, or it sets an item or an attribute."""
    return checks.reaches(route, _CHANGE)
