"""CFG005: an address that only one environment has, written where no environment can change it."""

import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from ipaddress import ip_address
from typing import Final, NamedTuple

from greenroom.catalogue.config.front_addresses import front_addresses
from greenroom.catalogue.dependency.by_hand import ByHand
from greenroom.catalogue.dependency.development import is_for_developers
from greenroom.detect.search import mentioning, words
from greenroom.detect.set_up import depends_on_set_up
from greenroom.model.finding import Confidence, Reach, Severity, Sighting
from greenroom.model.mode import FailureMode, Family
from greenroom.model.place import Place
from greenroom.project.calls.graph import Edge
from greenroom.project.code import facts
from greenroom.project.code.facts import Call, Expression
from greenroom.project.code.module import Scope
from greenroom.project.project import Project
from greenroom.project.settings.addresses import LOCAL
from greenroom.project.settings.declaration import stage_of

_CLIENTS: Final = frozenset({
    "redis", "valkey", "aioredis", "pymongo", "motor", "psycopg", "psycopg2", "asyncpg", "psycopg_pool", "sqlalchemy",
    "pymysql", "aiomysql", "MySQLdb", "pika", "aio_pika", "kafka", "aiokafka", "confluent_kafka", "elasticsearch",
    "opensearchpy", "httpx", "requests", "aiohttp", "urllib", "urllib3", "websockets", "websocket", "qdrant_client",
    "weaviate", "pymilvus", "chromadb", "minio", "smtplib", "aiosmtplib", "celery", "arq", "rq", "grpc", "neo4j",
    "pymemcache", "aiomcache", "memcache", "nats", "paho", "aiomqtt", "clickhouse_driver", "clickhouse_connect",
    "influxdb_client", "meilisearch", "socket", "hvac", "consul", "etcd3", "openai", "ollama", "socketio", "tortoise",
})  # fmt: skip
_URL: Final = re.compile(
    r"^([a-z][a-z0-9+.-]*)://(?:[^@/\s]*@)?(\[[0-9a-f:]+\]|[^:/?#\s,{]+)(?::(\d+))?(?=[/?#:]|$)",
    re.IGNORECASE,
)
_HOSTS: Final = ("host", "hostname", "server", "bootstrap_servers", "address")
_INTERNAL: Final = re.compile(r"\.(?:internal|local|lan|corp|intranet|svc|cluster\.local)$")
_SERVES: Final = re.compile(
    r"(?:^|\.)(?:run|serve|Server|bind|start_server|create_server|run_app|TCPSite|listen|Config|getaddrinfo|base_url)$"
)
_STARTS_SERVER: Final = re.compile(
    r"(?:uvicorn|app)\.run$|uvicorn\.Server$|(?:aiohttp\.)?web\.(?:run_app|TCPSite)$|(?:websockets|hypercorn\.asyncio)\.serve$"
    r"|asyncio\.start_server$"
)
_NEEDLES: Final = words(
    "localhost", "127.0.0.1", "10.", "172.", "192.168.", ".internal", ".local", ".lan", ".corp", ".svc"
)
_INSIDE: Final = frozenset({"ASGITransport", "WSGITransport", "MockTransport"})
_COPIED: Final = re.compile(r"^\s*(?:COPY|ADD)\s+(.+)$", re.IGNORECASE | re.MULTILINE)
_PROXIES: Final = re.compile(r"proxy|proxies|webdriver|selenium|chrome|cdp|debug", re.IGNORECASE)


class _Written(NamedTuple):
    host: str
    port: str
    spelled: str
    """Without credentials."""
    home: Place | None = None
    """Where the constant stands that holds it."""


_Held = dict[tuple[str, str], _Written]
"""By the path of a module and a name in it."""


def detect_hard_coded_addresses(project: Project) -> Iterator[Sighting]:
    """Literal addresses that production code hands to clients, and that pages ask our routes by."""
    yield from front_addresses(project)
    by_hand = project.once(ByHand)
    in_containers = bool(project.configuration.images or project.configuration.manifests)
    held = _constants(project)
    anywhere = (scope for module in project.production() for scope in module.scopes)
    for scope in anywhere if held else mentioning(project.production(), _NEEDLES):
        if stage_of(scope.path) in ("test", "development") or by_hand.is_run_by_hand(scope.module):
            continue
        for edge in project.graph.edges(scope):
            call = scope.body.calls[edge.call] if edge.call >= 0 else None
            if (
                call is not None
                and _is_client(edge)
                and not _stays_inside(scope, call)
                and not is_for_developers(scope.body, call.block)
            ):
                yield from _of_call(project, edge, call, held, in_containers=in_containers)


def _is_client(edge: Edge) -> bool:
    if edge.target is not None or not edge.symbol:
        return False
    return edge.symbol.split(".", 1)[0] in _CLIENTS and not _SERVES.search(edge.symbol)


def _stays_inside(scope: Scope, call: Call) -> bool:
    """Whether it calls an application in its own process: the host is made up, and nobody is asked."""
    transport = call.keyword("transport")
    if type(transport) is int:
        return facts.last_name(scope.body.calls[transport].callee) in _INSIDE
    return call.keyword("app") is not None


def _of_call(
    project: Project, edge: Edge, call: Call, held: _Held, *, in_containers: bool
) -> Iterator[Sighting]:
    scope = edge.caller
    written = next(_written(call), None) or next(_named(project, scope, call, held), None)
    if written is None or _PROXIES.search(f"{scope.qualname} {scope.path}"):
        return
    local = written.host in LOCAL
    nowhere = written.spelled.startswith("http") and not written.port  # for a client with a socket of its own
    if local and (
        not in_containers or nowhere or _is_own(project, written.port) or _is_served_by(scope, written.port)
    ):
        return
    is_met = project.entries.reach(scope) not in (Reach.UNREACHED, Reach.SCRIPT)
    chosen = depends_on_set_up(scope, call)  # `if url: … else:` this machine
    sure = (
        is_met
        and not chosen
        and not (local and (_is_left_out(project, scope.path) or _is_meant(project, written.port)))
    )
    why = "in a container that is the container itself" if local else "only one network has it"
    yield Sighting(
        place=Place(path=scope.path, line=call.line, symbol=scope.qualname, column=call.column),
        message=f"`{edge.symbol}` is given the address `{written.spelled}`, which no environment can change: {why}",
        severity=Severity.HIGH if is_met else Severity.MEDIUM,
        confidence=Confidence.PROBABLE if sure else Confidence.POSSIBLE,
        sites=(written.home,) if written.home is not None else (),
        subject=written.spelled,
        cause=f"{written.home.path if written.home is not None else scope.path}:{written.spelled}",
    )


def _written(call: Call) -> Iterator[_Written]:
    for value in (*call.arguments[:2], *(value for key, value in call.keywords if key not in _HOSTS)):
        found = _URL.match(_beginning(value))
        if found and _is_of_one_network(found[2].lower()):
            port = f":{found[3]}" if found[3] else ""
            yield _Written(found[2].lower(), found[3] or "", f"{found[1]}://{found[2]}{port}")
    for key in _HOSTS:
        host = facts.constant(call.keyword(key))
        if isinstance(host, str) and _is_of_one_network(host.partition(":")[0].lower()):
            port = facts.constant(call.keyword("port"))
            yield _Written(host.partition(":")[0].lower(), str(port or ""), host)


def _named(project: Project, scope: Scope, call: Call, held: _Held) -> Iterator[_Written]:
    """`requests.get(f"{config.STOCK}/{item}")`, where the address of one network is a constant of the project."""
    for value in (*call.arguments[:2], *(value for _, value in call.keywords)) if held else ():
        first = value[1][0] if isinstance(value, tuple) and value[0] == facts.TEXT and value[1] else value
        if isinstance(first, tuple) and first[0] == facts.OPERATION and first[1] == "+":
            first = first[2][0]  # `STOCK + "/items"`
        written = _constant(project, scope, first, held) if isinstance(first, str) else None
        if written is not None:
            yield written


def _constant(project: Project, scope: Scope, name: str, held: _Held) -> _Written | None:
    """What a name of the module, or of one that it imports, holds; None for anything but such an address."""
    head, _, last = name.rpartition(".")
    for part in project.symbols.define(scope.module, head or last):
        if part.module is not None and part.kind == ("module" if head else "variable"):
            return held.get((part.module.path, last if head else part.symbol))
    return None


def _constants(project: Project) -> _Held:
    """The addresses of one network that modules of production give to a name, once and for all."""
    found: _Held = {}
    for scope in mentioning(project.production(), _NEEDLES):
        if scope.kind != "module" or stage_of(scope.path) in ("test", "development"):
            continue
        given = Counter(
            target for part in scope.body.statements if part.kind in ("assign", "annotate", "augment")
            for target in (part.target if part.kind == "assign" else (part.target,))
        )  # fmt: skip
        for part in scope.body.statements:
            text = facts.constant(part.value) if part.kind == "assign" and part.block == 0 else None
            address = _URL.match(text) if isinstance(text, str) else None
            if address and address[2].lower() not in LOCAL and _is_of_one_network(address[2].lower()):
                port = f":{address[3]}" if address[3] else ""
                home = Place(path=scope.path, line=part.line, symbol=scope.qualname, note="the address")
                spelled = f"{address[1]}://{address[2]}{port}"
                written = _Written(address[2].lower(), address[3] or "", spelled, home)
                found |= {(scope.path, name): written for name in part.target if given[name] == 1}
    return found


def _beginning(expression: Expression) -> str:
    """The literal text with which an expression begins."""
    if isinstance(expression, tuple) and expression[0] == facts.TEXT and expression[1]:
        expression = expression[1][0]
    value = facts.constant(expression)
    return value if isinstance(value, str) else ""


def _is_of_one_network(host: str) -> bool:
    if host in LOCAL or _INTERNAL.search(host):
        return host not in ("host.docker.internal", "metadata.google.internal")
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_link_local and not address.is_unspecified


def _is_left_out(project: Project, path: str) -> bool:
    """Whether the project has recipes of images, and none of them copies the file or a folder around it."""
    copied = [
        (context, source.removeprefix("./").strip("/."))
        for image in project.configuration.images
        for context in _contexts(project, image)
        for line in _COPIED.findall(project.inventory.read_text(image))
        for source in line.split()[:-1]
        if not source.startswith("--")
    ]
    return bool(copied) and not any(
        "$" in source or fnmatch(path, "/".join(filter(None, (context, source))) + "*")
        for context, source in copied
    )


def _contexts(project: Project, image: str) -> set[str]:
    """The folders that it may be built from: its own, those of compose, and the root where its own has no code."""
    folder = image.rpartition("/")[0]
    builds = {
        service.build.strip("/.")
        for compose in project.configuration.compose.values()
        for service in compose.services.values()
        if service.build and service.dockerfile == image
    }
    written = (*(module.path for module in project.production()), *project.front.files)
    has_code = any(path.startswith(f"{folder}/") for path in written)
    return {folder, *builds} | (set() if has_code else {""})


def _is_own(project: Project, port: str) -> bool:
    """Whether the product itself listens on the port, so that it asks itself."""
    inventory = project.inventory
    listening = re.compile(
        rf"\b(?:uvicorn|gunicorn|hypercorn|daphne|granian|runserver)\b(?:[^\n]|\\\n)*\b{port}\b"
    )
    return bool(port) and (
        any(port in inventory.read_text(image.path) for image in project.configuration.images.values())
        or any(
            listening.search(inventory.read_text(path)) for path in inventory.other if path.endswith(".sh")
        )
    )


def _is_meant(project: Project, port: str) -> bool:
    """Whether the project deploys one container that may hold what listens there: no other service of it is known."""
    services = [
        service
        for compose in project.configuration.compose.values()
        if compose.stage not in ("test", "development")
        for service in compose.services.values()
    ]
    others = {part for service in services for ports in service.published() for part in ports}
    return bool(services) and port not in others


def _is_served_by(scope: Scope, port: str) -> bool:
    """Whether the same file starts the server that listens there, so that it asks its own: on the same machine."""
    serves = any(
        isinstance(call.callee, str) and _STARTS_SERVER.match(call.callee)
        for part in scope.module.scopes
        for call in part.body.calls
    )
    return serves and any(
        parameter.name == "port" and str(facts.constant(parameter.default)) == port
        for part in scope.module.scopes
        for parameter in part.parameters
    )


MODE = FailureMode(
    code="CFG005",
    name="hard-coded-address",
    family=Family.CONFIG,
    summary="an address of one network or machine, written into production code",
    consequence="every other environment asks a host that it does not have",
    remedy="take the address from the settings, with a default that is right in production or none at all",
    source="The Twelve-Factor App, III. Config and IV. Backing services",
    detector=detect_hard_coded_addresses,
    surest=Confidence.PROBABLE,
    needs_deployment=True,
)
