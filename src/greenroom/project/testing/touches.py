"""What a call of the suite touches: a real interface, a test client, a double, production code."""

import re

from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression, last_name
from greenroom.project.code.module import Scope
from greenroom.project.files.kind import FileKind
from greenroom.project.testing.origins import Origins

HTTP, SOCKET, BROWSER, PROCESS, DATABASE = "HTTP", "WebSocket", "browser", "process", "database"
IN_PROCESS, DOUBLE, HTTP_DOUBLE, PRODUCTION, SQLITE = (
    "in-process",
    "double",
    "HTTP double",
    "production",
    "SQLite",
)
OWN_TABLES = "the product's tables in SQLite"
"""As Django makes them for its tests, inside their process, and Flask-SQLAlchemy where the tests say so."""

REAL = (HTTP, SOCKET, BROWSER, PROCESS)

_HTTP_VERBS = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "websocket",
})  # fmt: skip
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("requests.", HTTP), ("aiohttp.ClientSession", HTTP), ("aiohttp.request", HTTP), ("urllib.request.urlopen", HTTP),
    ("urllib3.PoolManager", HTTP), ("http.client.HTTP", HTTP), ("niquests.", HTTP), ("smtplib.SMTP", HTTP), ("smtplib.LMTP", HTTP),
    ("tornado.testing.AsyncHTTPTestCase().http_client.", HTTP),
    ("tornado.testing.AsyncHTTPSTestCase().http_client.", HTTP),
    ("tornado.httpclient.HTTPClient", HTTP), ("tornado.httpclient.AsyncHTTPClient", HTTP), ("tornado.websocket.websocket_connect", SOCKET),
    ("gevent.pywsgi.WSGIServer", HTTP), ("wsgiref.simple_server.make_server", HTTP), ("werkzeug.serving.make_server", HTTP), ("werkzeug.serving.run_simple", HTTP),
    ("uvicorn.Server", HTTP), ("uvicorn.run", HTTP), ("hypercorn.asyncio.serve", HTTP), ("aiohttp.web.TCPSite", HTTP),
    ("cheroot.wsgi.Server", HTTP), ("waitress.create_server", HTTP), ("waitress.serve", HTTP),
    ("websockets.serve", SOCKET), ("websockets.server.serve", SOCKET), ("websockets.asyncio.server.serve", SOCKET),
    ("websockets.sync.server.serve", SOCKET), ("django.template.Template", PRODUCTION), ("django.template.loader.", PRODUCTION),
    ("websockets.connect", SOCKET), ("websockets.client.connect", SOCKET), ("websockets.sync.client.connect", SOCKET),
    ("websockets.asyncio.client.connect", SOCKET), ("websocket.create_connection", SOCKET), ("websocket.WebSocket", SOCKET),
    ("httpx_ws.", SOCKET), ("socketio.Client", SOCKET), ("socketio.AsyncClient", SOCKET), ("socketio.SimpleClient", SOCKET),
    ("selenium.", BROWSER), ("playwright.", BROWSER), ("splinter.", BROWSER), ("pyppeteer.", BROWSER),
    ("subprocess.", PROCESS), ("asyncio.create_subprocess", PROCESS), ("pexpect.", PROCESS), ("docker.from_env", PROCESS),
    ("multiprocessing.Process", PROCESS), ("psycopg2.connect", DATABASE), ("psycopg.connect", DATABASE),
    ("psycopg.AsyncConnection.connect", DATABASE), ("asyncpg.connect", DATABASE), ("asyncpg.create_pool", DATABASE),
    ("pymongo.MongoClient", DATABASE), ("motor.motor_asyncio.AsyncIOMotorClient", DATABASE), ("pymysql.connect", DATABASE),
    ("MySQLdb.connect", DATABASE), ("sqlalchemy.create_engine", DATABASE), ("sqlalchemy.ext.asyncio.create_async_engine", DATABASE),
    ("sqlalchemy.ext.asyncio.AsyncSession", DATABASE), ("sqlalchemy.orm.Session", DATABASE), ("sqlalchemy.orm.sessionmaker", DATABASE),
    ("sqlalchemy.orm.scoped_session", DATABASE), ("sqlmodel.Session", DATABASE), ("sqlmodel.create_engine", DATABASE),
    ("flask_sqlalchemy.SQLAlchemy().session", DATABASE), ("flask_sqlalchemy.SQLAlchemy().create_all", DATABASE),
    ("testcontainers.", DATABASE), ("redis.Redis", DATABASE), ("redis.StrictRedis", DATABASE), ("redis.from_url", DATABASE),
    ("redis.asyncio.", DATABASE), ("redis.client.", DATABASE), ("elasticsearch.Elasticsearch", DATABASE),
    ("pytest_postgresql", DATABASE), ("sqlite3.connect", SQLITE), ("aiosqlite.connect", SQLITE),
    ("fastapi.testclient.", IN_PROCESS), ("starlette.testclient.", IN_PROCESS), ("httpx.ASGITransport", IN_PROCESS),
    ("httpx.WSGITransport", IN_PROCESS), ("httpx._transports.asgi.", IN_PROCESS), ("django.test.Client", IN_PROCESS),
    ("django.test.client.", IN_PROCESS), ("django.test.AsyncClient", IN_PROCESS), ("rest_framework.test.APIClient", IN_PROCESS),
    ("rest_framework.test.RequestsClient", IN_PROCESS), ("aiohttp.test_utils.", IN_PROCESS), ("webtest.", IN_PROCESS),
    ("werkzeug.test.Client", IN_PROCESS), ("async_asgi_testclient.", IN_PROCESS), ("litestar.testing.", IN_PROCESS),
    ("falcon.testing.", IN_PROCESS), ("channels.testing.", IN_PROCESS), ("asgi_lifespan.", IN_PROCESS),
    ("ninja.testing.", IN_PROCESS), ("ninja_extra.testing.", IN_PROCESS), ("sanic_testing.", IN_PROCESS), ("quart.testing.", IN_PROCESS),
    ("flask.testing.", IN_PROCESS), ("asgiref.testing.", IN_PROCESS), ("starlette_testclient.", IN_PROCESS),
    ("fakeredis.", DOUBLE), ("mongomock.", DOUBLE), ("mongomock_motor.", DOUBLE), ("moto.", HTTP_DOUBLE), ("respx.", HTTP_DOUBLE),
    ("responses.", HTTP_DOUBLE), ("requests_mock.", HTTP_DOUBLE), ("aioresponses.", HTTP_DOUBLE), ("httpx.MockTransport", HTTP_DOUBLE),
    ("httpretty.", HTTP_DOUBLE), ("pook.", HTTP_DOUBLE), ("vcr.", HTTP_DOUBLE), ("pytest_httpserver.", HTTP_DOUBLE),
    ("unittest.mock.ANY", ""), ("unittest.mock.call", ""), ("unittest.mock.sentinel", ""),
    ("unittest.mock.", DOUBLE), ("mock.", DOUBLE), ("asyncmock.", DOUBLE), ("pytest_mock.", DOUBLE),
    ("flexmock.", DOUBLE), ("botocore.stub.", HTTP_DOUBLE),
)  # fmt: skip
_NOT_A_CLIENT = re.compile(
    r"(?:Error|Exception|Timeout|Expired|Disconnected|Refused|\.exceptions\.\w+|^subprocess\.(?:CompletedProcess|list2cmdline))$"
    r"|^requests\.(?:structures|auth|models|cookies|utils|status_codes|codes|hooks|compat|Request|PreparedRequest|Response)\b"
)
"""Exceptions, parts and answers of a client library: naming them goes nowhere."""
_OWN_TRANSPORTS = (b"ASGITransport", b"WSGITransport")
_BY_HEAD: dict[str, list[tuple[str, str]]] = {}
for _prefix, _kind in _PREFIXES:
    _BY_HEAD.setdefault(_prefix.split(".")[0], []).append((_prefix, _kind))

_OWN_CLIENT = re.compile(r"(?:^|/)(?:testing|test_?client|test_?utils?|test)(?:/|\.py::)")
"""Where a framework keeps the client that it gives to the tests of others."""
_IN_TESTING = re.compile(r"/testing/(?!.*(?:fake|mock|stub|dummy))", re.IGNORECASE)
"""A package's own folder for the tests of others, doubles left out."""
_OF_MIXIN = re.compile(r"self\.client\.(?:get|post|put|patch|delete|head|options|generic)")
"""In a mixin, whose client comes with the class that it is mixed into."""
_OF_CASE = re.compile(r"::[\w.]+\(\)\.client\.(?:get|post|put|patch|delete|head|options)$")
"""The same under another name: `with self.client as c:`, as Flask asks for it to look at the session afterwards."""
_OF_LIBRARY_CASE = re.compile(r"(?:\w+\.)+(?:tests?|testing|test_?utils|test_?cases?)\.\w+\(\)\.client\.\w+$")
"""The client of a case that a library of the project's brings (`smartmin.tests.SmartminTest`)."""
_OF_TORNADO = re.compile(r"\bAsyncHTTPS?TestCase(?:\(\))?\.fetch$")
_SANIC = re.compile(r"\bSanic\(\)$")
"""Its client starts the server, and asks it over a socket."""
_NO_REQUEST = frozenset(
    {"force_login", "login", "logout", "credentials", "force_authenticate", "enforce_csrf_checks"}
)
"""What a client of Django does without asking the application."""
OF_FIXTURES = {
    "page": BROWSER, "browser": BROWSER, "selenium": BROWSER, "live_server": HTTP, "live_server_url": HTTP,
    "context": "", "client": IN_PROCESS, "admin_client": IN_PROCESS, "async_client": IN_PROCESS,
    "async_admin_client": IN_PROCESS, "aiohttp_client": IN_PROCESS, "test_client": IN_PROCESS,
    "aiohttp_server": IN_PROCESS, "client_class": IN_PROCESS, "requests_mock": HTTP_DOUBLE, "httpx_mock": HTTP_DOUBLE,
    "respx_mock": HTTP_DOUBLE, "aioresponses": HTTP_DOUBLE, "httpserver": HTTP_DOUBLE, "db": DATABASE,
    "transactional_db": DATABASE, "postgresql": DATABASE, "redisdb": DATABASE, "django_db_setup": DATABASE,
    "docker_services": DATABASE, "vcr": HTTP_DOUBLE, "fake_redis": DOUBLE,
}  # fmt: skip
"""Fixtures of plugins, where the project defines none of that name."""
OF_DJANGO = frozenset({"db", "transactional_db", "django_db_setup"})
"""Of these, pytest-django's databases."""


def of_call(origins: Origins, scope: Scope, index: int) -> str:
    """What kind of thing a call of the scope touches; empty for nothing of interest."""
    return of_calls(origins, scope)[index]


def of_calls(origins: Origins, scope: Scope) -> tuple[str, ...]:
    """The same of all calls of the scope, in their order."""
    return origins.once(_of_calls, scope)


def _of_calls(origins: Origins, scope: Scope) -> tuple[str, ...]:
    return tuple([_of_call(origins, scope, call) for call in scope.body.calls])


def _of_call(origins: Origins, scope: Scope, call: Call) -> str:
    name = last_name(call.callee)
    origin = origins.of(scope, call.callee)
    spelled = call.callee if isinstance(call.callee, str) else ""
    asked = _asked(origins, scope, spelled, name, origin)
    if asked:
        return asked
    if "RequestFactory" in origin:
        return ""  # what it makes, the test hands on itself
    if origin.startswith("httpx."):
        return _httpx(scope, call, origin)
    listed = _of_library(scope, call, origin)
    if listed is not None:
        return "" if listed == IN_PROCESS and name in _NO_REQUEST else listed
    if origin.startswith(("django.test.", "rest_framework.test.")):
        return IN_PROCESS if ".client." in origin and name not in _NO_REQUEST else ""
    if spelled.startswith(("mocker.", "class_mocker.", "session_mocker.")):
        return DOUBLE if spelled != "mocker.spy" else ""
    return DOUBLE if spelled == "monkeypatch.setattr" else _of_project(origins, origin)


def _asked(origins: Origins, scope: Scope, spelled: str, name: str, origin: str) -> str:
    """The application, by how the call is spelled; empty for nothing of the kind."""
    if name == "test_client" and not origin.startswith("unittest"):
        return IN_PROCESS
    if name in _HTTP_VERBS and (".test_client." in spelled or ".asgi_client." in spelled):
        head = origins.of(scope, spelled.partition(".test_client.")[0]) if ".test_client." in spelled else ""
        return HTTP if _SANIC.search(head) else IN_PROCESS
    if name in _HTTP_VERBS and ".test_client()." in origin:
        return IN_PROCESS  # made in `setUp` or by a fixture
    if _OF_MIXIN.fullmatch(spelled) and scope.module.kind is FileKind.TEST:
        of_case = origin.endswith(f"().client.{name}") and ("::" in origin or _OF_LIBRARY_CASE.match(origin))
        return IN_PROCESS if not origin or of_case else ""
    if _OF_CASE.search(origin):
        home = origins.module_of(origin)
        if home is not None and home.kind is FileKind.TEST:
            return IN_PROCESS
    if name == "fetch" and _OF_TORNADO.search(origin):
        return HTTP
    return (
        IN_PROCESS if name == "requestReceived" else ""
    )  # a request of Twisted that the test hands to a site


def _of_project(origins: Origins, origin: str) -> str:
    module = origins.module_of(origin)
    is_product = module is not None and is_production(module.kind, module.path)
    if (is_product or _IN_TESTING.search(origin)) and _is_own_client(origins, origin):
        return "" if origin.rsplit(".", 1)[-1] in _NO_REQUEST else IN_PROCESS
    if is_product:
        return IN_PROCESS if _brings_a_client(origins, origin) else PRODUCTION
    return DOUBLE if _is_fake_class(origins, origin) else ""


def _is_own_client(origins: Origins, origin: str) -> bool:
    """Whether it is a test client of the product, or a method of one: by its bases, or by its name and place."""
    target = origins.scope(origin.removesuffix("()"))
    if target is None:
        return _of_listed_client(origins, origins.scope(origin.rpartition(".")[0]))
    owner = target if target.kind == "class" else target.owner
    if owner is None:
        return target.name.startswith("simulate_") and _OWN_CLIENT.search(origin) is not None
    return (owner.name.endswith("Client") and _OWN_CLIENT.search(origin) is not None) or _of_listed_client(
        origins, owner
    )


def _of_listed_client(origins: Origins, owner: Scope | None) -> bool:
    """`class APIClient(django.test.Client)`."""
    if owner is None or owner.kind != "class":
        return False
    return any(
        base.startswith(prefix)
        for base in origins.lineage(owner)[1]
        for prefix, kind in _BY_HEAD.get(base.split(".", 1)[0], ())
        if kind == IN_PROCESS and not base.endswith("RequestFactory")
    )


def _brings_a_client(origins: Origins, origin: str) -> bool:
    """Whether it belongs to a client with which the product asks its own application, in the same process."""
    target = origins.scope(origin.removesuffix("()"))
    if target is None or not target.is_function:
        return False
    return origins.once(_asks_its_own_application, target.owner or target)


def _asks_its_own_application(_: Origins, scope: Scope) -> bool:
    parts = scope.children if scope.kind == "class" else (scope,)
    return any(part.module.mentions(part.index, word) for part in parts for word in _OWN_TRANSPORTS)


def _of_library(scope: Scope, call: Call, origin: str) -> str | None:
    """By the list above; None for what is not in it."""
    if "::" in origin:
        return None
    if _NOT_A_CLIENT.search(origin):
        return ""
    for prefix, kind in _BY_HEAD.get(origin.split(".", 1)[0], ()):
        if origin.startswith(prefix):
            return _unless_sqlite(scope, call) if kind == DATABASE and "engine" in prefix else kind
    return None


def is_production(kind: FileKind, path: str) -> bool:
    """Whether code of a file is what the tests are about."""
    return kind in (FileKind.PRODUCTION, FileKind.SCRIPT, FileKind.EXAMPLE) and "conftest" not in path


def _httpx(scope: Scope, call: Call, origin: str) -> str:
    if "MockTransport" in origin:
        return HTTP_DOUBLE
    if origin.startswith(("httpx.ASGITransport", "httpx.WSGITransport")):
        return IN_PROCESS
    if origin in ("httpx.Client", "httpx.AsyncClient"):
        transport = call.keyword("transport")
        if call.keyword("app") is not None:
            return IN_PROCESS
        if transport is None:
            return HTTP
        return HTTP_DOUBLE if "Mock" in _text_behind(scope, transport) else IN_PROCESS
    return (
        HTTP
        if origin.startswith("httpx.") and origin.rsplit(".", 1)[-1] in _HTTP_VERBS and "(" not in origin
        else ""
    )


def _text_behind(scope: Scope, expression: Expression) -> str:
    """What is written there, what it calls, and what a name was given in the same function or module."""
    text, place = repr(expression), scope
    value = expression
    if isinstance(expression, str):
        for place in (scope, scope.module.top):
            given = [
                part.value
                for part in place.body.statements
                if part.kind == "assign" and expression in part.target
            ]
            if given:
                value = given[-1]
                text += repr(value)
                break
    return text + (repr(place.body.calls[value].callee) if isinstance(value, int) else "")


def _unless_sqlite(scope: Scope, call: Call) -> str:
    """A database inside the test's own process is no interface."""
    for argument in (*call.arguments[:1], call.keyword("url")):
        if argument is not None and "sqlite" in repr(_value(scope, argument)).lower():
            return SQLITE
    return DATABASE


def _value(scope: Scope, expression: Expression) -> Expression:
    """A constant behind a name, where it is that simple."""
    if isinstance(expression, str):
        for place in (scope, scope.module.top):
            for statement in place.body.statements:
                if statement.kind == "assign" and expression in statement.target:
                    return (statement.value, expression)
    if isinstance(expression, tuple) and expression[0] == facts.CONSTANT:
        return expression[1]
    return expression


def _is_fake_class(origins: Origins, origin: str) -> bool:
    if "::" not in origin:
        return False
    parts = origin.partition("::")[2].split("(")[0].split(".")
    if not any(
        part.lower().lstrip("_").startswith(("fake", "stub", "mock", "dummy"))
        for part in (parts[0], parts[-1])
    ):
        return False
    target = origins.scope(origin.split("(", maxsplit=1)[0])
    return target is not None and target.kind == "class"
