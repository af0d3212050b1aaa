"""Which library a module belongs to, and what that talks to: of `project/libraries/effects`, where a test compares."""

_KINDS: dict[str, dict[str, str]] = {
    "cache": {
        "aioredis": "aioredis", "pymemcache": "pymemcache", "redis": "redis",
    },
    "database": {
        "MySQLdb": "mysqlclient", "aiomysql": "aiomysql", "aiosqlite": "aiosqlite",
        "arango": "python-arango", "asyncpg": "asyncpg", "clickhouse_connect": "clickhouse-connect",
        "clickhouse_driver": "clickhouse-driver", "databases": "databases",
        "flask_sqlalchemy": "sqlalchemy", "google.cloud.bigquery": "google-cloud-bigquery",
        "google.cloud.firestore": "google-cloud-firestore", "gridfs": "pymongo", "motor": "motor",
        "mysql.connector": "mysql-connector-python", "neo4j": "neo4j", "peewee": "peewee",
        "psycopg": "psycopg", "psycopg2": "psycopg2",
        "psycopg_pool": "psycopg", "pymongo": "pymongo", "pymysql": "pymysql",
        "sqlalchemy": "sqlalchemy", "sqlite3": "sqlite3", "sqlmodel": "sqlalchemy",
        "supabase": "supabase", "tortoise": "tortoise-orm",
    },
    "http": {
        "aioboto3": "aioboto3", "aiobotocore": "aiobotocore", "aiohttp": "aiohttp", "boto3": "boto3",
        "botocore": "boto3", "feedparser": "feedparser", "googleapiclient": "google-api-python-client",
        "http": "http", "httpcore": "httpx", "httpcore2": "httpx", "httplib2": "httplib2",
        "httpx": "httpx", "httpx2": "httpx", "requests": "requests", "slack_sdk": "slack_sdk",
        "stripe": "stripe", "twilio": "twilio", "urllib": "urllib", "urllib3": "urllib3",
        "xmlrpc": "xmlrpc",
    },
    "llm": {
        "anthropic": "anthropic", "cohere": "cohere", "google.genai": "google-genai",
        "google.generativeai": "google-generativeai", "langchain_core": "langchain-core",
        "langchain_openai": "langchain-openai", "litellm": "litellm", "llama_index": "llama-index-core",
        "mistralai": "mistralai", "ollama": "ollama", "openai": "openai",
    },
    "mail": {
        "ftplib": "ftplib", "imaplib": "imaplib", "poplib": "poplib", "resend": "resend",
        "sendgrid": "sendgrid", "smtplib": "smtplib",
    },
    "object-store": {
        "azure.storage.blob": "azure-storage-blob", "google.cloud.storage": "google-cloud-storage",
        "minio": "minio",
    },
    "process": {
        "docker": "docker",
    },
    "queue": {
        "aio_pika": "aio-pika", "aiokafka": "aiokafka", "celery": "celery",
        "confluent_kafka": "confluent-kafka", "google.cloud.pubsub": "google-cloud-pubsub",
        "google.cloud.pubsub_v1": "google-cloud-pubsub", "kafka": "kafka-python", "kombu": "kombu",
        "nats": "nats-py", "pika": "pika", "rq": "rq",
    },
    "registry": {
        "consul": "python-consul", "google.cloud.secretmanager": "google-cloud-secret-manager",
        "hvac": "hvac", "ldap3": "ldap3",
    },
    "rpc": {
        "grpc": "grpcio", "kubernetes": "kubernetes",
    },
    "search": {
        "elasticsearch": "elasticsearch", "opensearchpy": "opensearch-py",
    },
    "socket": {
        "websocket": "websocket-client", "websockets": "websockets",
    },
    "ssh": {
        "asyncssh": "asyncssh", "paramiko": "paramiko",
    },
    "vector-store": {
        "chromadb": "chromadb", "qdrant_client": "qdrant-client",
    },
}  # fmt: skip
"""Kind → root of imports → library, as the audit names it."""

_BY_ROOT = {root: (library, kind) for kind, roots in _KINDS.items() for root, library in roots.items()}
_DEEPER = frozenset(root.partition(".")[0] for root in _BY_ROOT if "." in root)


def known_library(module: str) -> tuple[str, str] | None:
    """The library and the kind of what it talks to; None: no client library that we know."""
    top = module.partition(".")[0]
    if top not in _DEEPER:
        return _BY_ROOT.get(top)
    for root in (".".join(module.split(".")[:3]), ".".join(module.split(".")[:2]), top):
        if root in _BY_ROOT:
            return _BY_ROOT[root]
    return None


def known_roots() -> dict[str, tuple[str, str]]:
    """All of it."""
    return dict(_BY_ROOT)
