"""Logical databases that code and configuration name: which name stands for which number on which server."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from greenroom.detect.search import mentioning, mentions, words
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.project import Project

_URL = re.compile(
    r"^(?:rediss?|valkeys?)://(?:[^@/\s]*@)?([A-Za-z0-9_.-]+)(?::(\d+))?(?:/(\d{1,3})?)?(?:\?.*)?$"
)
_LINE = re.compile(
    r"^\s*(?:-\s+)?[\"']?(?:export\s+|ENV\s+)?([A-Za-z][A-Za-z0-9_]*)[\"']?\s*[:=]\s*[\"']?([^\s\"'#]+)[\"']?\s*(?:#.*)?$"
)
_DEFAULT = re.compile(r"^\$\{[A-Za-z0-9_]+:?-(.*)\}$")
_ENVIRONMENT = re.compile(r"(?:^|/)(?:\.env[^/]*|[^/]*\.env|(?:docker-)?compose[^/]*\.ya?ml)$", re.IGNORECASE)
_NUMBER = re.compile(
    r"^(?:(?:[A-Z0-9_]*_)?REDIS_(?:[A-Z0-9_]+_)?DB(?:_[A-Z0-9_]+)?|[A-Z0-9]+(?:_[A-Z0-9]+)*_REDIS_(?:DB|DATABASE)(?:_?NUMBER)?)$"
)
_MAP = re.compile(r"redis_?(?:db|database)s?(?:_?(?:map|numbers?|index(?:es)?|ids?))?$", re.IGNORECASE)
_READS = frozenset(
    {"getenv", "get", "Field", "config", "str", "env", "SecretStr", "Secret", "RedisDsn", "parse_obj"}
)
_CLIENTS = frozenset({"Redis", "StrictRedis", "from_url", "ConnectionPool", "Valkey"})
_MOST = 255
_STORES = words("redis", "REDIS", "Redis", "valkey", "Valkey", "VALKEY")
_TELLING = _STORES + words(*_CLIENTS)


class Address(NamedTuple):
    """A name, and the database that it stands for."""

    name: str
    path: str
    line: int
    symbol: str
    server: str
    """`host:port`; empty where only the number is said."""
    number: int
    is_default: bool = False
    """Written in code, and the environment may say otherwise."""
    service: str = ""
    """The compose service that it stands in."""
    variable: str = ""
    """Of the environment, or the field of the settings, that may say otherwise; empty where none may."""

    @property
    def database(self) -> str:
        """As messages name it, without credentials."""
        return f"{self.server}/{self.number}" if self.server else f"database {self.number}"


class NumberMap(NamedTuple):
    """`REDIS_DBS = {"cache": 0, "sessions": 1}` or an enumeration of the same kind."""

    name: str
    path: str
    line: int
    symbol: str
    numbers: tuple[tuple[str, int, int], ...]
    """Name, number and line."""


def parse_url(text: str) -> tuple[str, int] | None:
    """Server and number of a Redis URL; its credentials are left behind."""
    found = _URL.match(text)
    if found is None:
        return None
    return f"{found[1].lower()}:{found[2] or 6379}", int(found[3] or 0)


def configured(project: Project) -> Iterator[Address]:
    """What environment and compose files say."""
    for path in project.inventory.other:
        if _ENVIRONMENT.search(path):
            service = ""
            for number, line in enumerate(project.inventory.read_text(path).splitlines(), 1):
                if path.lower().endswith(("yml", "yaml")) and (
                    opened := re.match(r"^  ([\w.-]+):\s*$", line)
                ):
                    service = opened[1]
                found = _LINE.match(line)
                if found and (address := _from_text(found[1], found[2])) is not None:
                    server, database = address
                    yield Address(found[1], path, number, "", server, database, service=service)


def _from_text(name: str, value: str) -> tuple[str, int] | None:
    unwrapped = _DEFAULT.match(value)
    value = unwrapped[1] if unwrapped else value
    url = parse_url(value)
    if url is None and _NUMBER.match(name.upper()) and value.isdigit() and int(value) <= _MOST:
        return "", int(value)
    return url


def written(project: Project) -> Iterator[Address]:
    """What production code says, in settings and at clients."""
    for scope in mentioning(project.production(), _TELLING):
        if scope.kind in ("module", "class", "function"):
            yield from _in_scope(scope)


def _in_scope(scope: Scope) -> Iterator[Address]:
    body = scope.body
    for part in body.statements:
        if part.kind not in ("assign", "annotate") or part.value is None:
            continue
        targets = part.target if part.kind == "assign" else (part.target,)
        for target in targets:
            if target == "CACHES":
                yield from _caches(scope, part.value, part.line)
            elif isinstance(target, str):
                name = target.rsplit(".", 1)[-1]
                field = name if scope.kind == "class" and part.kind == "annotate" else ""
                yield from _named(scope, name, _said(body, part.value), part.line, field)
    for call in body.calls:
        for key, value in call.keywords:
            text = facts.constant(value)
            if key in ("broker", "backend", "broker_url", "result_backend") and isinstance(text, str):
                found = parse_url(text)
                if found is not None:
                    yield Address(key, scope.path, call.line, scope.qualname, *found)


def _named(scope: Scope, name: str, value: Expression, line: int, variable: str = "") -> Iterator[Address]:
    text = facts.constant(value)
    if isinstance(value, int) and not isinstance(value, bool):
        call = scope.body.calls[value]
        last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
        if last in _CLIENTS:
            made = _client(call)
            if made is not None:
                yield Address(name, scope.path, line, scope.qualname, *made)
            return
        if last in _READS:
            text, variable = _fallback(call), _variable(call) or name
    is_default = bool(variable) or scope.kind == "class"  # a field of a settings class
    if isinstance(text, str):
        found = parse_url(text)
    elif (
        isinstance(text, int)
        and not isinstance(text, bool)
        and _NUMBER.match(name.upper())
        and 0 <= text <= _MOST
    ):
        found = ("", text)
    else:
        found = None
    if found is not None:
        yield Address(
            name, scope.path, line, scope.qualname, *found, is_default=is_default, variable=variable
        )


def _said(body: Body, value: Expression) -> Expression:
    """`BROKER = REDIS_URL` says what the only line says that gives `REDIS_URL` its value."""
    given = [part.value for part in body.statements if part.kind == "assign" and part.target == (value,)]
    return given[0] if isinstance(value, str) and len(given) == 1 else value


def _caches(scope: Scope, value: Expression, line: int) -> Iterator[Address]:
    """Django's `CACHES = {"default": {"BACKEND": "…RedisCache", "LOCATION": "redis://…"}}`."""
    for alias, options in _pairs(value):
        known = dict(_pairs(options))
        backend = facts.constant(known.get("BACKEND"))
        if isinstance(backend, str) and "redis" in backend.lower() and "LOCATION" in known:
            name = f"CACHES[{alias!r}]"
            yield from _named(scope, name, _said(scope.body, known["LOCATION"]), line)


def _pairs(value: Expression) -> Iterator[tuple[str, Expression]]:
    if isinstance(value, tuple) and value[0] == facts.MAPPING:
        for key, given in zip(value[1], value[2], strict=True):
            text = facts.constant(key)
            if isinstance(text, str):
                yield text, given


def _fallback(call: Call) -> object:
    """The value that counts where the environment says nothing."""
    given = call.keyword("default") or (call.arguments[-1] if call.arguments else None)
    return facts.constant(given)


def _variable(call: Call) -> str:
    is_asked = bool(call.arguments) and len(call.arguments) + len(call.keywords) > 1
    named = facts.constant(call.arguments[0]) if is_asked else None
    return named if isinstance(named, str) else ""


def _client(call: Call) -> tuple[str, int] | None:
    first = facts.constant(call.arguments[0] if call.arguments else call.keyword("url"))
    number = facts.constant(call.keyword("db"))
    if isinstance(first, str) and "://" in first:
        url = parse_url(first)
        return (url[0], number) if url and isinstance(number, int) else url
    host = facts.constant(call.keyword("host")) or first
    port = facts.constant(call.keyword("port"))
    if (
        isinstance(host, str)
        and isinstance(number, int)
        and (port is not None or call.keyword("port") is None)
    ):
        return f"{host.lower()}:{port or 6379}", number
    return None


def hard_numbers(project: Project) -> Iterator[Address]:
    """Clients whose server comes from the settings, and whose database is a number in the code."""
    for scope in mentioning(project.production(), words(*_CLIENTS)):
        for call in scope.body.calls:
            last = call.callee.rsplit(".", 1)[-1] if isinstance(call.callee, str) else ""
            number, host = facts.constant(call.keyword("db")), call.keyword("host")
            if last in _CLIENTS and _is_number(number) and host is not None and facts.constant(host) is None:
                yield Address(last, scope.path, call.line, scope.qualname, "", number)


def number_maps(project: Project) -> Iterator[NumberMap]:
    """The maps of names to numbers in production code."""
    for module in project.production():
        for scope in module.scopes:
            if scope.kind == "class" and _MAP.search(_snake(scope.name)):
                found = _map_of_class(scope)
            elif scope.kind in ("module", "class") and mentions(scope, _STORES):
                found = None
                yield from _literal_maps(module, scope)
            else:
                continue
            if found is not None:
                yield found


def _map_of_class(scope: Scope) -> NumberMap | None:
    numbers = [
        (part.target[0], facts.constant(part.value), part.line)
        for part in scope.body.statements
        if part.kind == "assign"
        and isinstance(part.target[0], str)
        and _is_number(facts.constant(part.value))
    ]
    if len(numbers) < 2:
        return None
    return NumberMap(scope.name, scope.path, scope.line, scope.qualname, tuple(numbers))


def _literal_maps(module: Module, scope: Scope) -> Iterator[NumberMap]:
    for part in scope.body.statements:
        target = part.target[0] if part.kind == "assign" else part.target if part.kind == "annotate" else None
        value = part.value
        if not isinstance(target, str) or not _MAP.search(target):
            continue
        if isinstance(value, tuple) and value[0] == facts.MAPPING:
            names = [facts.constant(key) for key in value[1]]
            values = [facts.constant(item) for item in value[2]]
            if (
                len(names) > 1
                and all(isinstance(n, str) for n in names)
                and all(_is_number(v) for v in values)
            ):
                numbers = tuple((n, v, part.line) for n, v in zip(names, values, strict=True))
                yield NumberMap(target, module.path, part.line, scope.qualname, numbers)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
