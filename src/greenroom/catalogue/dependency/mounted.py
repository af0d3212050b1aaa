"""What the session is asked for that a policy of retries is mounted on: `self.session.mount(url, HTTPAdapter(max_retries=…))`."""

from collections.abc import Iterator

from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.mentions import mentions
from greenroom.project.code.module import Scope
from greenroom.project.project import Project

_READS = frozenset({"get", "head", "options"})
_SETS_UP = frozenset(
    {"mount", "headers", "auth", "close", "verify", "params", "cookies", "proxies", "trust_env", "hooks", "cert", "timeout"}
)  # fmt: skip
_MOUNT = ".mount"
_OWN_ATTRIBUTE = 2


def is_only_read(project: Project, scope: Scope, policy: Call) -> bool:
    """Whether it is mounted on a session of the object's own that nobody asks for anything but to read."""
    attribute = _mounted_on(scope.body, scope.body.calls.index(policy))
    if scope.owner is None or attribute is None:
        return False
    used = [part for method in _methods(project, scope.owner) for part in _uses(method, attribute)]
    return not _READS.isdisjoint(used) and set(used) <= _READS | _SETS_UP


def _mounted_on(body: Body, policy: int) -> str | None:
    """`self.session`, where an adapter with this policy is mounted on it."""
    held: set[Expression] = {policy, *_names(body, policy)}
    for number, call in enumerate(body.calls):
        if call.keyword("max_retries") in held:
            held |= {number, *_names(body, number)}
    for call in body.calls:
        name = call.callee.removesuffix(_MOUNT) if isinstance(call.callee, str) else ""
        is_own = name != call.callee and name.startswith("self.") and name.count(".") + 1 == _OWN_ATTRIBUTE
        if is_own and any(part in held for part in call.arguments):
            return name
    return None


def _names(body: Body, call: int) -> Iterator[str]:
    for part in body.statements:
        if part.kind == "assign" and part.value == call and type(part.value) is int:
            yield from (name for name in part.target if isinstance(name, str))


def _methods(project: Project, cls: Scope) -> Iterator[Scope]:
    """Those of the class, of its bases and of whatever is derived from it."""
    line = project.inference.classes.line
    for module in project.production():
        for other in module.scopes:
            if other.kind == "class" and (other is cls or other in line(cls)[0] or cls in line(other)[0]):
                yield from (child for child in other.children if child.kind == "function")


def _uses(method: Scope, attribute: str) -> Iterator[str]:
    """What is asked of it; an empty text where it is handed on whole."""
    named = list(mentions(method.body, "self"))
    yield from (
        name.removeprefix(f"{attribute}.").partition(".")[0]
        for name in named
        if name.startswith(f"{attribute}.")
    )
    bound = sum(part.kind == "assign" and attribute in part.target for part in method.body.statements)
    yield from [""] * (named.count(attribute) - bound)
