"""Hosts and ports in the values of variables, and what a variable's name says of its use."""

import re
from typing import Final, NamedTuple

_URL: Final = re.compile(
    r"^(?:jdbc:)?([a-z][a-z0-9+.-]*)://(?:[^@/\s]*@)?(\[[0-9a-f:]+\]|[^:/?#\s,]+)(?::(\d+))?(?:[/?#].*)?$",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d+))?$")
_HOST_NAME: Final = re.compile(
    r"(?:^|_)(?:HOST|HOSTNAME|SERVER|SERVERNAME|ADDR|ADDRESS|ENDPOINT|HOSTS|BOOTSTRAP_SERVERS|SERVERS)$"
)
LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_STORES: Final = {
    "postgres": ("postgres", "postgresql", "pgvector", "postgis", "timescale", "pg"),
    "mysql": ("mysql", "mariadb", "percona"),
    "redis": ("redis", "rediss", "valkey", "dragonfly", "keydb"),
    "mongodb": ("mongodb", "mongo"),
    "rabbitmq": ("rabbitmq", "amqp", "amqps"),
    "kafka": ("kafka", "redpanda"),
    "elasticsearch": ("elasticsearch", "elastic", "opensearch"),
    "memcached": ("memcached", "memcache"),
    "qdrant": ("qdrant",), "weaviate": ("weaviate",), "milvus": ("milvus",), "chroma": ("chroma", "chromadb"),
    "minio": ("minio",), "clickhouse": ("clickhouse",), "neo4j": ("neo4j", "bolt"), "nats": ("nats",),
    "mqtt": ("mqtt", "mosquitto"), "etcd": ("etcd",), "influxdb": ("influxdb",), "meilisearch": ("meilisearch",),
    "cassandra": ("cassandra",), "solr": ("solr",),
}  # fmt: skip
_PORTS: Final = {
    "postgres": "5432", "mysql": "3306", "redis": "6379", "mongodb": "27017", "rabbitmq": "5672",
    "elasticsearch": "9200", "memcached": "11211", "qdrant": "6333", "minio": "9000", "neo4j": "7687", "nats": "4222",
    "mqtt": "1883", "etcd": "2379", "influxdb": "8086", "meilisearch": "7700", "cassandra": "9042", "solr": "8983",
}  # fmt: skip
_GENERIC: Final = re.compile(r"(?:^|_)(?:DB|DATABASE|SQL|SQLALCHEMY)(?:_|$)")
_FOR_BROWSERS: Final = re.compile(
    r"ORIGIN|CORS|ALLOWED|PUBLIC|FRONT|SITE|DOMAIN|CALLBACK|REDIRECT|EXTERNAL|(?<!DATA)BASE_URL|ROOT_URL|WEB_?URL|WEBAPP|APP_URL|"
    r"VITE_|REACT_|NEXT_|NUXT_|SERVER_NAME|TRUSTED|CSRF|LINK|DASHBOARD|(?:^|_)UI(?:_|$)|CLIENT|HEALTH|ADVERTISED|ISSUER|"
    r"COOKIE|LISTEN|BIND|CONSOLE_ADDRESS|NO_PROXY|FORWARDED|WHITELIST|VIRTUAL_HOST|LOGIN|INTERFACE|DOCS|CDN|ASSET|MEDIA|"
    r"STATIC|(?:^|_)ADMIN_(?:URL|HOST)|CONTROLLER_QUORUM|HEALTHCHECK|(?:^|_)SELF|HOSTNAME$|PORTAL|(?:^|_)API_(?:URL|HOST|BASE)|BACKEND_URL|SERVER_URL"
)


class Target(NamedTuple):
    """Where a value leads."""

    scheme: str
    """Empty where only a host is said."""
    host: str
    port: str

    @property
    def is_local(self) -> bool:
        """Whether it is the machine, or the container, itself."""
        return self.host in LOCAL


def target_of(name: str, value: str) -> Target | None:
    """The address in a value; None where it holds none, several, or one that is filled in later."""
    if "${" in value or "{{" in value or "<" in value:
        return None
    found = _URL.match(value.strip())
    if found:
        return Target(found[1].lower(), found[2].lower(), found[3] or "")
    plain = _HOST.match(value.strip())
    if plain and _HOST_NAME.search(name.upper()):
        return Target("", plain[1].lower(), plain[2] or "")
    return None


def store_of(name: str, target: Target | None) -> str:
    """The kind of store that a variable leads to: `redis`; `database` where only that is said; empty for none."""
    scheme = re.split(r"[+.]", target.scheme)[0] if target is not None else ""
    for kind, words in _STORES.items():
        if scheme in words:
            return kind
    if scheme in ("http", "https", "") or target is None:
        parts = set(name.upper().split("_"))
        for kind, words in _STORES.items():
            if parts & {word.upper() for word in words}:
                return kind
        if _GENERIC.search(name.upper()):
            return "database"
        if parts & {"BROKER"}:
            return "broker"
    return ""


def store_of_image(image: str) -> str:
    """The kind of store that a public image is; empty for any other image."""
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0].lower()
    parts = re.split(r"[-_.]", name)
    if {
        "admin",
        "exporter",
        "ui",
        "commander",
        "insight",
        "backup",
        "express",
        "gui",
        "dashboards",
        "dashboard",
    } & set(parts):
        return ""
    return next((kind for kind, words in _STORES.items() if set(words) & set(parts)), "")


def usual_port(kind: str) -> str:
    """The port on which a store of this kind listens; empty where it is not known."""
    return _PORTS.get(kind, "")


def is_for_others(name: str) -> bool:
    """Whether a variable's name says that browsers use it, that it is listened on, or compared with."""
    return _FOR_BROWSERS.search(name.upper()) is not None


def fits(wanted: str, kind: str) -> bool:
    """Whether a store of one kind can be what a variable is about."""
    if wanted == "database":
        return kind in ("postgres", "mysql", "mongodb")
    if wanted == "broker":
        return kind in ("redis", "rabbitmq", "kafka")
    return bool(wanted) and wanted == kind
