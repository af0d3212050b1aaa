"""What a call to a retry library says: how often, how long apart, and of what."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.libraries.limits import Given, GivenLimits

_UNSAFE = {"POST", "PATCH"}
# The server says that it did nothing: asking again is safe, whatever the method.
_NOTHING_DONE = {429, 503}
_MANY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one retry behaves, as far as its call says."""

    limited: bool = True
    """Whether it gives up; also where that cannot be told."""
    waits: bool = True
    """Whether it waits between two attempts; also where that cannot be told."""
    attempts: int = 0
    """How many, where the code says it; 0 where not."""
    unsafe: bool = False
    """Whether it repeats requests that are not idempotent."""
    unsafe_by_choice: bool = False
    """It names the method itself: its author may know that the other side copes."""
    remedy: str = ""

    @property
    def is_fine(self) -> bool:
        return self.limited and (self.waits or 0 < self.attempts < _MANY) and not self.unsafe


class PolicyReader:
    """Reads the arguments of one call."""

    def __init__(self, body: Body, call: Call, given: GivenLimits) -> None:
        self._body = body
        self._call = call
        self._given = given

    def read(self, symbol: str) -> Policy | None:
        """The policy, where the symbol is of a known retry library."""
        reader = _READERS.get(symbol)
        return reader(self) if reader else None

    def _has(self, *names: str) -> bool:
        """Whether one of these arguments is given, or may be: a value, not `None`."""
        return self._given.read(self._call, names, positional=False) >= Given.OPAQUE

    def _is_none(self, name: str) -> bool:
        return self._given.read(self._call, (name,), positional=False) is Given.NONE

    def _value(self, name: str, position: int = -1) -> Expression | None:
        value = self._call.keyword(name)
        if value is None and 0 <= position < len(self._call.arguments):
            value = self._call.arguments[position]
        return self._given.literal(value)

    # the libraries

    def tenacity(self) -> Policy:
        stop, wait = self._call.keyword("stop"), self._call.keyword("wait")
        return Policy(
            limited=self._has("stop") and not _ends_with(stop, "stop_never"),
            waits=self._has("wait") and not _ends_with(wait, "wait_none"),
            attempts=self._attempts(stop),
            remedy="say when to stop and how long to wait: `stop=stop_after_attempt(3), wait=wait_random_exponential(max=10)`",
        )

    def _attempts(self, stop: Expression | None) -> int:
        """`stop_after_attempt(3)`, or the sum of what stands in `stop_after_attempt(3) | …`."""
        for part in facts.walk(stop):
            if type(part) is int:
                made = self._body.calls[part]
                name = facts.spell(made.callee, self._body.calls).rsplit(".", 1)[-1]
                value = facts.constant(made.arguments[0]) if made.arguments else None
                if name == "stop_after_attempt" and isinstance(value, int):
                    return value
        return _MANY

    def backoff(self) -> Policy:
        return Policy(
            limited=self._has("max_tries", "max_time"), remedy="give it `max_tries=` and `max_time=`"
        )

    def stamina(self) -> Policy:
        never = self._is_none("attempts") and self._is_none("timeout")
        return Policy(
            limited=not never,
            remedy="give it `attempts=` or `timeout=`: its own defaults are 10 and 45 seconds",
        )

    def retrying(self) -> Policy:
        """The old library `retrying`."""
        return Policy(
            limited=self._has("stop*", "retry_on_result", "wrap_exception"), waits=self._has("wait*"),
            remedy="give it `stop_max_attempt_number=` and `wait_exponential_multiplier=`",
        )  # fmt: skip

    def retry_package(self) -> Policy:
        """The library `retry`: for ever and at once by default."""
        tries = facts.constant(self._value("tries", 1))
        given = self._has("tries") or len(self._call.arguments) > 1
        return Policy(
            limited=given and tries != -1, waits=self._has("delay", "backoff") or len(self._call.arguments) > 2,
            attempts=tries if isinstance(tries, int) and tries > 0 else 0,
            remedy="give it `tries=`, `delay=` and `backoff=`",
        )  # fmt: skip

    def urllib3(self) -> Policy:
        total = self._value("total", 0)
        no_total = facts.is_none(total)
        counted = self._has("connect", "read", "status", "other") or len(self._call.arguments) > 1
        attempts = facts.constant(total)
        policy = Policy(
            limited=not no_total or counted,
            waits=self._has("backoff_factor"),
            attempts=attempts if isinstance(attempts, int) else 0,
            remedy="give it `total=` and `backoff_factor=`",
        )
        if total is not None and attempts in (0, False) and not no_total:
            return Policy()
        return self._with_methods(policy)

    def _with_methods(self, policy: Policy) -> Policy:
        """`allowed_methods=None` (or False) repeats a POST as it does a GET."""
        codes = self._value("status_forcelist")
        listed = {facts.constant(part) for part in facts.walk(codes)} - {None}
        if listed and listed <= _NOTHING_DONE:
            return policy
        for name in ("allowed_methods", "method_whitelist"):
            methods = self._call.keyword(name)
            if methods in ((facts.CONSTANT, False), (facts.CONSTANT, None)):
                return replace(
                    policy,
                    unsafe=True,
                    remedy="leave `allowed_methods` as it is: it repeats what is idempotent",
                )
            if _UNSAFE & {facts.constant(part) for part in facts.walk(self._given.literal(methods))}:
                return replace(
                    policy, unsafe=True, unsafe_by_choice=True, remedy="send an idempotency key along"
                )
        return policy

    def redis(self) -> Policy:
        retries = self._value("retries", 1)
        forever = isinstance(retries, tuple) and retries in (
            (facts.OPERATION, "-", ((facts.CONSTANT, 1),)),
            (facts.CONSTANT, -1),
        )
        return Policy(
            limited=not forever, remedy="give it a number of retries: `Retry(ExponentialBackoff(), 3)`"
        )


def _ends_with(expression: Expression | None, name: str) -> bool:
    return isinstance(expression, str) and expression.rsplit(".", 1)[-1] == name


_URLLIB3 = ("urllib3.Retry", "urllib3.util.Retry", "urllib3.util.retry.Retry", "requests.adapters.Retry",
            "requests.packages.urllib3.util.retry.Retry", "requests.packages.urllib3.Retry")  # fmt: skip
_TENACITY = ("tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying", "tenacity.asyncio.AsyncRetrying",
             "tenacity._asyncio.AsyncRetrying")  # fmt: skip
_READERS: dict[str, Callable[[PolicyReader], Policy]] = {
    **dict.fromkeys(_TENACITY, PolicyReader.tenacity),
    **dict.fromkeys(_URLLIB3, PolicyReader.urllib3),
    **dict.fromkeys(("backoff.on_exception", "backoff.on_predicate"), PolicyReader.backoff),
    **dict.fromkeys(("stamina.retry", "stamina.retry_context"), PolicyReader.stamina),
    **dict.fromkeys(("redis.retry.Retry", "redis.asyncio.retry.Retry", "redis.Retry"), PolicyReader.redis),
    "retrying.retry": PolicyReader.retrying,
    "retry.retry": PolicyReader.retry_package,
    "retry.api.retry": PolicyReader.retry_package,
}
POLICIES = frozenset(_READERS)
"""What `PolicyReader` can read."""
WITHOUT_ARGUMENTS = {
    symbol: Policy(limited=False, waits=False, remedy="give it a limit and a wait between attempts")
    for symbol in ("tenacity.retry", "retrying.retry", "retry.retry")
}
"""Decorators that retry for ever, at once, when they are not even called."""
