"""Does a call give a time limit? By position, by name, in a dict, in a value object, in a URL."""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from fnmatch import fnmatchcase

from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression

Resolve = Callable[[str], "Expression | None"]
"""A name → the one literal that it stands for in the same body, or None where it may be anything."""

# What is handed in carries the limit: it is judged where it was made.
_CARRIERS = frozenset(
    {
        "connection_pool", "pool", "connector", "http_client", "http_async_client", "httpx_client", "transport",
        "creator", "async_creator", "session", "client", "async_client", "root_client", "http", "pool_manager",
        "connection_class", "conn", "fd",
    }
)  # fmt: skip
# The call comes back at once; who waits for its end, and how long, is said elsewhere.
_LATER = frozenset({"async_", "async", "defer_connect"})
_WHOLE = ("total", "read", "sock_read", "timeout", "read_timeout")
_URL_NAMES = ("url", "dsn", "conninfo", "host", "uri")


class Given(IntEnum):
    """What a call says about its time limit."""

    ABSENT = 0
    NONE = 1
    """It says that there is none: `timeout=None`."""
    OPAQUE = 2
    """It cannot be told: `**options`, a pool or client that was made elsewhere."""
    LIMIT = 3


class GivenLimits:
    """Reads the arguments of calls that stand in one body."""

    def __init__(self, body: Body, resolve: Resolve) -> None:
        self._body = body
        self._resolve = resolve

    def read(self, call: Call, limits: Iterable[str], *, positional: bool) -> Given:
        """The strongest thing that the call says about one of these limits.

        Args:
            call: stands in this body.
            limits: as in the data files: `timeout:2`, `connect_args.*timeout*`, `url`.
            positional: whether the positions of the limits are those of this call.
        """
        wanted = list(limits)
        found = [self._one(call, limit, positional=positional) for limit in wanted]
        # An explicit "no limit" is stronger than another argument that nobody can read.
        if Given.LIMIT in found or Given.NONE in found:
            return Given.LIMIT if Given.LIMIT in found else Given.NONE
        if wanted and (Given.OPAQUE in found or self._carried(call) or _comes_back_at_once(call)):
            return Given.OPAQUE
        return Given.ABSENT

    def carrier(self, call: Call) -> Expression | None:
        """The pool or client that was made elsewhere and handed to this call."""
        return next(
            (value for name, value in call.keywords if name in _CARRIERS and not facts.is_none(value)), None
        )

    def url(self, call: Call) -> Expression | None:
        """The address that the call is given first or by name."""
        named = next((value for name, value in call.keywords if name in _URL_NAMES), None)
        return named if named is not None else next(iter(call.arguments), None)

    def _carried(self, call: Call) -> bool:
        return self.carrier(call) is not None

    def _one(self, call: Call, limit: str, *, positional: bool) -> Given:
        name, _, position = limit.partition(":")
        if name == "url":
            return Given.LIMIT if _mentions_timeout(self.literal(self.url(call))) else Given.ABSENT
        head, _, rest = name.partition(".")
        found = [self._descend(value, rest, key) for key, value in _matching(call.keywords, head)]
        if position and positional:
            found.extend(self._at(call, int(position)))
        found.extend(self._spread(value, name) for key, value in call.keywords if key is None)
        return max(found, default=Given.ABSENT)

    def _at(self, call: Call, position: int) -> Iterator[Given]:
        if any(_is_star(value) for value in call.arguments[: position + 1]):
            yield Given.OPAQUE
        elif position < len(call.arguments):
            yield self._value(call.arguments[position])

    def literal(self, value: Expression | None) -> Expression | None:
        """The value behind a name, where it is a literal of the same body."""
        if isinstance(value, str):
            return self._resolve(value)
        return value

    def _descend(self, value: Expression, rest: str, key: str) -> Given:
        if not rest:
            return self._value(value, key)
        return self._spread(value, rest)

    def _spread(self, value: Expression, name: str) -> Given:
        """A limit in a dict or value object: `connect_args={…}`, `**options`, `http_options=Options(…)`."""
        literal = self.literal(value)
        head, _, rest = name.partition(":")[0].partition(".")
        pairs = self._pairs(literal)
        if pairs is None:
            return Given.ABSENT if facts.is_none(literal) else Given.OPAQUE
        found = [self._descend(part, rest, key) for key, part in _matching(pairs, head)]
        if not found and any(key is None for key, _ in pairs):
            return Given.OPAQUE
        return max(found, default=Given.ABSENT)

    def _pairs(self, literal: Expression | None) -> list[tuple[str | None, Expression]] | None:
        """Keys and values of a dict literal or call; a key of None may be anything; None: no such thing."""
        if type(literal) is int:
            call = self._body.calls[literal]
            name = facts.spell(call.callee, self._body.calls).rsplit(".", 1)[-1]
            makes_object = name == "dict" or name[:1].isupper()
            return list(call.keywords) if makes_object and not call.arguments else None
        if not isinstance(literal, tuple) or literal[0] != facts.MAPPING:
            return None
        keys = [facts.constant(key) if key is not None else None for key in literal[1]]
        return [
            (key if isinstance(key, str) else None, value)
            for key, value in zip(keys, literal[2], strict=True)
        ]

    def _value(self, value: Expression, key: str = "") -> Given:
        literal = self.literal(value)
        if literal is None:
            return Given.LIMIT  # from settings, a parameter, a computation: somebody thought of it
        if facts.is_none(literal):
            return Given.NONE
        if type(literal) is int:
            return self._object(self._body.calls[literal])
        if isinstance(literal, tuple) and literal[0] == facts.SEQUENCE and literal[2]:
            return Given.NONE if facts.is_none(literal[2][-1]) else Given.LIMIT  # (connect, read)
        if key == "options" and isinstance(facts.constant(literal), str):
            return Given.LIMIT if _mentions_timeout(literal) else Given.ABSENT
        return Given.LIMIT

    def _object(self, call: Call) -> Given:
        """`httpx.Timeout(None)`, `aiohttp.ClientTimeout(connect=5)`: an object may hold no limit."""
        name = facts.spell(call.callee, self._body.calls).rsplit(".", 1)[-1]
        if not name.endswith("Timeout") or any(key is None for key, _ in call.keywords):
            return Given.LIMIT
        given = [self._value(value) for key, value in call.keywords if key in _WHOLE]
        given.extend(self._value(value) for value in call.arguments[:1])
        if any(key == "read" and self._value(value) is Given.NONE for key, value in call.keywords):
            return Given.NONE
        return Given.LIMIT if max(given, default=Given.NONE) >= Given.OPAQUE else Given.NONE


def _matching(
    pairs: Iterable[tuple[str | None, Expression]], pattern: str
) -> Iterator[tuple[str, Expression]]:
    return ((key, value) for key, value in pairs if key is not None and fnmatchcase(key, pattern))


def _comes_back_at_once(call: Call) -> bool:
    return any(name in _LATER and facts.constant(value) is not False for name, value in call.keywords)


def _is_star(value: Expression) -> bool:
    return isinstance(value, tuple) and value[0] == facts.STAR


def _mentions_timeout(value: Expression | None) -> bool:
    texts = (facts.constant(part) for part in facts.walk(value))
    return any(isinstance(text, str) and "timeout" in text.casefold() for text in texts)
