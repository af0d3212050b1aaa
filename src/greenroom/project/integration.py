"""Integration points: where production meets what can fail on its own, and which tests meet it there."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from greenroom.model.integration_point import IntegrationPoint
from greenroom.model.place import Place
from greenroom.project.calls.graph import CallGraph, Edge
from greenroom.project.calls.values import PROBABLE
from greenroom.project.code import facts
from greenroom.project.code.facts import Body, Call, Expression
from greenroom.project.code.module import Module, Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.replaced import Replaced, Replacements
from greenroom.project.testing.items import Item
from greenroom.project.testing.suite import Suite
from greenroom.project.web.requests import Requests

_DIALECT = re.compile(
    r"^(sqlite|postgresql|postgres|mysql|mariadb|oracle|mssql|cockroachdb)(?:\+\w+)?(?:://|$)"
)
_SERVERS = (b"sqlite", b"postgres", b"mysql", b"mariadb", b"oracle", b"mssql", b"cockroachdb")
_HOST = re.compile(r"^https?://([a-z0-9.-]+\.[a-z]{2,})(?:[:/?]|$)", re.IGNORECASE)
_HTTP_LIKE = frozenset({"http", "llm", "object-store", "vector-store", "search", "registry", "mail"})
_OUR_SIDE = frozenset({"starlette", "fastapi", "flask", "django", "channels", "select", "asyncio"})
_ANSWERS = frozenset({"http", "urllib3"})
"""Of these are the answers of other clients: reading one is no dependency of its own beside the request."""
_SAME = {"sqlmodel": "sqlalchemy", "flask-sqlalchemy": "sqlalchemy", "psycopg2-binary": "psycopg2",
         "httpcore": "httpx", "redis-py": "redis"}  # fmt: skip
_TALKS_TO = {
    "asyncpg": "postgresql", "psycopg": "postgresql", "psycopg2": "postgresql", "psycopg-pool": "postgresql",
    "pymysql": "mysql", "aiomysql": "mysql", "mysqlclient": "mysql", "pymongo": "mongodb", "motor": "mongodb",
    "aiokafka": "kafka", "kafka-python": "kafka", "confluent-kafka": "kafka", "pika": "rabbitmq",
    "aio-pika": "rabbitmq", "boto3": "aws", "aioboto3": "aws", "aiobotocore": "aws", "clickhouse-driver":
    "clickhouse", "clickhouse-connect": "clickhouse", "paramiko": "ssh", "asyncssh": "ssh",
}  # fmt: skip


# They fetch an address and parse a text; which of the two, only the argument tells.
_OF_ADDRESS_OR_TEXT = frozenset({"feedparser.parse"})
# What became of a job is asked of the result back end, which may well be the application's own database.
_OF_RESULTS = "celery.result."
_ADDRESSES = ("url", "uri", "link", "href", "address", "http")


class _Key(NamedTuple):
    kind: str
    library: str
    thing: str


def find_integration_points(
    modules: dict[str, Module], graph: CallGraph, suite: Suite, requests: Requests, replacements: Replacements
) -> tuple[IntegrationPoint, ...]:
    """One for each dependency and client library that production code calls, in the order of names.

    Args:
        modules: all files by relative path.
        graph: the calls, with the effects of libraries.
        suite: which tests reach the callers, and with what in the place of the library.
        requests: by which routes tests come in.
        replacements: what each test puts in the place of something.
    """
    crossings: dict[_Key, list[Edge]] = defaultdict(list)
    dialect = _Dialect(modules.values())
    for edge in graph.all_effects():
        if _crosses(edge):
            crossings[_key(edge, dialect)].append(edge)
    _leave_out_answers(crossings)
    tests = _Tests(graph, suite, requests.by_handler(modules), replacements)
    sharing = Counter(key.library for key in crossings)
    return tuple(
        _point(key, crossings[key], tests, alone=sharing[key.library] == 1) for key in sorted(crossings)
    )


def _leave_out_answers(crossings: dict[_Key, list[Edge]]) -> None:
    """What reads an answer in the function that has asked for it: its failure is the request's."""
    for key in [key for key in crossings if key.kind == "http" and not key.thing]:
        any_library = key.library in _ANSWERS
        asking = {
            edge.caller
            for other, edges in crossings.items()
            if other != key and (any_library or other.library == key.library)
            for edge in edges
        }
        crossings[key] = [
            edge
            for edge in crossings[key]
            if edge.caller not in asking or not (any_library or _is_answer(edge))
        ]
        if not crossings[key]:
            del crossings[key]


def _is_answer(edge: Edge) -> bool:
    """As `aiohttp.ClientResponse.json` is."""
    return "Response" in edge.symbol.rpartition(".")[0]


def _crosses(edge: Edge) -> bool:
    """Whether production code meets something else here; a request's own client is the user."""
    effect = edge.effect
    if effect is None or not effect.is_remote or edge.caller.module.kind is not FileKind.PRODUCTION:
        return False
    if edge.symbol.startswith(_OF_RESULTS):
        return False
    if edge.symbol in _OF_ADDRESS_OR_TEXT and not _is_given_address(edge):
        return False
    return edge.symbol.split(".", 1)[0] not in _OUR_SIDE and not edge.symbol.startswith("aiohttp.web.")


def _is_given_address(edge: Edge) -> bool:
    """Whether the name or the text of what is given says so."""
    call = edge.caller.body.calls[edge.call] if edge.call >= 0 else None
    if call is None or not call.arguments:
        return True
    given = (facts.spell(call.arguments[0], edge.caller.body.calls), _beginning(call.arguments[0]))
    return any(word in text.lower() for text in given for word in _ADDRESSES)


def _key(edge: Edge, dialect: "_Dialect") -> _Key:
    effect = edge.effect
    assert effect is not None  # noqa: S101 - only such edges are asked about
    library = effect.distribution.lower() or edge.symbol.split(".", 1)[0]
    library = _SAME.get(library, library)
    thing = _TALKS_TO.get(library, "")
    if effect.kind == "database" and not thing and library == "sqlalchemy":
        thing = dialect.name
    elif effect.kind == "http" and edge.call >= 0:
        thing = _host(edge.caller.body.calls[edge.call])
    return _Key(effect.kind, library, thing)


def _host(call: Call) -> str:
    """The host, where the address is written at the call."""
    for argument in (*call.arguments[:2], call.keyword("url")):
        text = _beginning(argument)
        found = _HOST.match(text)
        if found:
            return found[1].lower()
    return ""


def _beginning(expression: Expression) -> str:
    """The literal text that an expression starts with."""
    if isinstance(expression, tuple) and expression[0] == facts.TEXT and expression[1]:
        expression = expression[1][0]
    elif isinstance(expression, tuple) and expression[0] == facts.OPERATION and expression[1] == "+":
        expression = expression[2][0]
    value = facts.constant(expression)
    return value if isinstance(value, str) else ""


class _Dialect:
    """The server behind SQLAlchemy, where the code names exactly one."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._modules = modules
        self._name: str | None = None

    @property
    def name(self) -> str:
        if self._name is None:
            found = set(self._named())
            self._name = found.pop() if len(found) == 1 else ""
        return self._name

    def _named(self) -> Iterator[str]:
        for module in self._modules:
            places = module.places(_SERVERS) if module.kind is FileKind.PRODUCTION else 0
            for scope in module.scopes if places else ():
                if places >> scope.index & 1:
                    yield from _dialects(scope.body)


def _dialects(body: Body) -> Iterator[str]:
    values = [part.value for part in body.statements if part.kind in ("assign", "annotate", "return")]
    given = [
        value
        for call in body.calls
        if facts.last_name(call.callee) != "startswith"  # that asks which one it is
        for value in (*call.arguments, *(part for _, part in call.keywords))
    ]
    for expression in (*values, *given):
        listed = [
            item
            for part in facts.walk(expression)
            if isinstance(part, tuple) and part[0] == facts.SEQUENCE
            for item in part[2]
        ]
        for part in facts.walk(expression):
            text = facts.constant(part)
            found = _DIALECT.match(text) if isinstance(text, str) else None
            if found and ("://" in found[0] or part not in listed):  # a word in a list is a word
                yield "postgresql" if found[1] == "postgres" else found[1]


class _Tests:
    """Which tests come to which production scopes, and how."""

    def __init__(
        self, graph: CallGraph, suite: Suite, requested: Mapping[Scope, tuple[Scope, ...]], replacements: Replacements
    ) -> None:  # fmt: skip
        self._graph = graph
        self._requested = requested
        self._suite = suite
        self._replacements = replacements
        self._known_callers: dict[Scope, frozenset[Scope]] = {}
        self._by_scope: dict[Scope, list[Item]] = defaultdict(list)
        for item in suite.items:
            for scope in self._replacements.scopes(item):
                self._by_scope[scope].append(item)

    def failing(self, edges: list[Edge]) -> Iterator["_Meeting"]:
        """The tests that let the very functions raise which are called in these places, whatever leads there."""
        symbols = {edge.symbol for edge in edges}
        for item in self._suite.items:
            if not symbols.isdisjoint(self._replacements.of(item).failing_names):
                yield _Meeting(item.id, real=False, fails=True)

    def meetings(self, key: "_Key", edges: list[Edge]) -> list["_Meeting"]:
        """The tests from which calls lead to one of these places, in the order of the suite."""
        sites = frozenset(edge.caller for edge in edges)
        roots = {edge.symbol.split(".", 1)[0] for edge in edges}
        above = self._above(sites, frozenset())
        reaching = {item.id for scope in above for item in self._by_scope.get(scope, ())}
        without: dict[frozenset[Scope], set[Scope]] = {frozenset(): above}
        found = []
        for item in self._suite.items:
            if item.id not in reaching:
                continue
            replaced = self._replacements.of(item)
            cut = replaced.scopes & above
            if cut not in without:
                without[cut] = self._above(sites, cut)
            arrives = any(scope in without[cut] for scope in self._replacements.scopes(item))
            real = arrives and not _stands_in(key, roots, replaced)
            fails = bool(replaced.failing_scopes & above) or bool(replaced.failing_libraries & roots)
            fails = fails or replaced.fails or (replaced.answers_with_error and key.kind in _HTTP_LIKE)
            found.append(_Meeting(item.id, real, fails))
        return found

    def _above(self, sites: frozenset[Scope], cut: frozenset[Scope]) -> set[Scope]:
        """The scopes from which calls lead to the sites, not through what is cut out."""
        seen = set(sites - cut)
        waiting = list(seen)
        while waiting:
            further = self._callers(waiting.pop()).difference(seen, cut)
            seen |= further
            waiting += further
        return seen

    def _callers(self, scope: Scope) -> frozenset[Scope]:
        """Whoever calls it, and for a handler whoever requests its route."""
        found = self._known_callers.get(scope)
        if found is None:
            sure = [
                edge.caller
                for edge in self._graph.callers(scope)
                if edge.certainty >= PROBABLE and edge.how != "reference"
            ]
            found = self._known_callers[scope] = frozenset([*sure, *self._requested.get(scope, ())])
        return found


class _Meeting(NamedTuple):
    """A test, and how it meets a dependency."""

    test: str
    real: bool
    fails: bool


def _stands_in(key: _Key, roots: set[str], replaced: Replaced) -> bool:
    """Whether something stands in the place of a dependency."""
    if replaced.loose or key.kind in replaced.kinds or replaced.libraries & roots:
        return True
    if replaced.http and key.kind in _HTTP_LIKE:
        return True
    return replaced.sqlite and key.kind == "database" and key.thing not in ("", "sqlite")


def _point(key: _Key, edges: list[Edge], tests: _Tests, *, alone: bool) -> IntegrationPoint:
    """An address that could not be followed may lead from a test to the only dependency behind a library."""
    meetings = tests.meetings(key, edges)
    if alone and not any(part.fails for part in meetings):
        meetings += tests.failing(edges)
    return IntegrationPoint(
        name=_name(key),
        kind=key.kind,
        library=key.library,
        sites=_sites(edges),
        tests_real=tuple(dict.fromkeys(part.test for part in meetings if part.real)),
        tests_doubled=tuple(dict.fromkeys(part.test for part in meetings if not part.real)),
        failures_provoked=tuple(dict.fromkeys(part.test for part in meetings if part.fails)),
    )


def _name(key: _Key) -> str:
    """`redis`, `postgresql via asyncpg`, `http via httpx`, `api.stripe.com via requests`."""
    if key.thing and key.thing != key.library:
        return f"{key.thing} via {key.library}"
    if key.kind == key.library:
        return key.kind
    generic = key.kind in ("http", "database", "socket", "rpc")
    return f"{key.kind} via {key.library}" if generic else key.library


def _sites(edges: list[Edge]) -> tuple[Place, ...]:
    found = {
        (edge.caller.path, edge.line, edge.column): Place(
            path=edge.caller.path, line=edge.line, symbol=edge.caller.qualname, column=edge.column,
            note=f"calls {edge.symbol}",
        )
        for edge in edges
    }  # fmt: skip
    return tuple(found[key] for key in sorted(found))
