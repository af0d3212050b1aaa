"""Every data file is held against a strict schema: a misspelled key would silently say nothing."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from greenroom.project.libraries import library
from greenroom.project.libraries.library import EffectFiles

FILES = sorted((Path(library.__file__).parent / "effects").glob("*.toml"))
TABLES: dict[str, dict[str, Any]] = {file.name: tomllib.loads(file.read_text("utf-8")) for file in FILES}

TOP = {
    "distribution": str,
    "roots": list,
    "kind": str,
    "source": str,
    "refused_on_loop": str,
    "gives_futures": bool,
    "class": list,
    "function": list,
}
CALL: dict[str, type | tuple[type, ...]] = {
    "mode": str, "touches": str, "limits": list, "limit_default": list, "returns": str, "chains": str, "stream": bool,
    "acquires": str, "releases": (str, list), "hands_off": str, "idempotent": bool, "severity": str,
    "kind": str, "database": str,
}  # fmt: skip
FUNCTION = CALL | {"name": str, "aliases": list}
CLASS: dict[str, type | tuple[type, ...]] = {
    "name": str, "aliases": list, "extends": str, "mode": str, "construct": str, "touches": str, "limits": list,
    "connect_limits": list, "connect_default": (int, float), "limit_default": list, "plain": list, "acquires": str,
    "releases": list, "pool": dict, "database": str, "methods": dict, "attributes": dict, "variants": dict,
    "kind": str, "severity": str,
}  # fmt: skip
KINDS = {
    "http", "cache", "database", "search", "queue", "object-store", "llm", "vector-store", "socket", "rpc", "registry",
    "mail", "ssh", "process", "file", "cpu", "none",
}  # fmt: skip
TOUCHES = {"nothing", "network", "disk", "process", "sleep", "lock", "dns", "cpu", "terminal"}
MODES = {"sync", "async", "context", "async-context", "async-iterator"}
ACQUIRES = {"", "connection", "resource", "session", "file", "lock", "transaction"}

DEMANDED = {
    "time", "threading", "urllib", "smtplib", "socket", "subprocess", "pathlib", "asyncio", "os",
    "requests", "httpx", "aiohttp", "urllib3", "redis", "sqlalchemy", "psycopg2", "psycopg", "asyncpg", "sqlite3",
    "aiosqlite", "pymysql", "pymongo", "motor", "elasticsearch", "boto3", "aioboto3", "google.cloud.storage",
    "google.cloud.pubsub_v1", "google.cloud.bigquery", "pika", "aio_pika", "kafka", "nats", "celery", "paramiko",
    "websockets", "websocket", "grpc", "openai", "anthropic", "ollama", "langchain_core", "langchain_openai",
    "llama_index", "chromadb", "arango", "consul", "supabase", "clickhouse_connect", "clickhouse_driver", "psutil",
    "PIL", "pandas",
}  # fmt: skip

each_file = pytest.mark.parametrize("name", list(TABLES))


def calls(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Functions and methods, with a name for the message."""
    for raw in data.get("function", []):
        yield raw["name"], raw
    for raw in data.get("class", []):
        for method, part in raw.get("methods", {}).items():
            yield f"{raw['name']}.{method}", part


def entries(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that is described: classes, functions, methods."""
    yield from ((raw["name"], raw) for raw in data.get("class", []))
    yield from calls(data)


def misfits(table: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    return [
        key
        for key, value in table.items()
        if key not in schema
        or not isinstance(value, schema[key])
        or (isinstance(value, bool) and schema[key] is not bool)
    ]


@each_file
def test_keys_and_types_are_known(name: str) -> None:
    data = TABLES[name]

    assert misfits(data, TOP) == []
    assert {"distribution", "roots", "kind", "source"} <= data.keys()
    for raw in data.get("class", []):
        assert misfits(raw, CLASS) == [], raw["name"]
        assert {"name", "mode", "touches"} <= raw.keys(), raw["name"]
        for method, part in raw.get("methods", {}).items():
            assert misfits(part, dict(CALL)) == [], f"{raw['name']}.{method}"
    for raw in data.get("function", []):
        assert misfits(raw, dict(FUNCTION)) == [], raw["name"]
        assert {"name", "touches"} <= raw.keys(), raw["name"]


@each_file
def test_values_are_known(name: str) -> None:
    data = TABLES[name]

    assert data["kind"] in KINDS
    for where, table in entries(data):
        assert table.get("kind", "none") in KINDS, where
        assert table.get("mode", "sync") in MODES, where
        assert {table.get("touches", "nothing"), table.get("construct", "nothing")} <= TOUCHES, where
        assert table.get("acquires", "") in ACQUIRES, where
        assert table.get("severity", "") in {"", "low"}, where
        assert all(re.fullmatch(r"[\w.*]+(:\d+)?", limit) for limit in limits_of(table)), where
    for raw in data.get("class", []):
        assert raw["mode"] in {"sync", "async"}, raw["name"]
        assert set(raw.get("pool", {})) <= {"size", "default", "wait"}, raw["name"]


def limits_of(table: dict[str, Any]) -> list[str]:
    return [*table.get("limits", []), *table.get("connect_limits", [])]


@each_file
def test_defaults_are_versions_and_values(name: str) -> None:
    for where, table in entries(TABLES[name]):
        for part in table.get("limit_default", []):
            assert part.keys() == {"versions", "value"}, where
            assert part["versions"] == "*" or SpecifierSet(part["versions"]), where
            value = part["value"]
            assert value in ("none", "unknown") or (isinstance(value, int | float) and value >= 0), where


@each_file
def test_what_is_described_lies_below_a_root(name: str) -> None:
    data = TABLES[name]

    assert data["roots"]
    assert data["source"].strip()
    assert data.get("class") or data.get("function")


def test_nothing_is_described_twice() -> None:
    names = [
        alias
        for data in TABLES.values()
        for raw in (*data.get("class", []), *data.get("function", []))
        for alias in (raw["name"], *raw.get("aliases", []))
    ]

    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_what_is_named_exists() -> None:
    described = {raw["name"] for data in TABLES.values() for raw in data.get("class", [])}
    named = {
        target
        for data in TABLES.values()
        for raw in data.get("class", [])
        for target in (
            raw.get("extends", ""),
            *raw.get("attributes", {}).values(),
            *(made for variants in raw.get("variants", {}).values() for made in variants.values()),
        )
    }
    named |= {part.get("returns", "") for data in TABLES.values() for _, part in calls(data)}

    assert named - described - {"", "model"} == set()


def test_a_base_is_read_whenever_its_subclass_is() -> None:
    """A file is read for its roots: the base's file must be read for the subclass's roots too."""
    home = {raw["name"]: data for data in TABLES.values() for raw in data.get("class", [])}

    apart = [
        f"{raw['name']} extends {raw['extends']}"
        for data in TABLES.values()
        for raw in data.get("class", [])
        if raw.get("extends") and home[raw["extends"]] is not data
        and not any(root.split(".")[0] in {other.split(".")[0] for other in home[raw["extends"]]["roots"]}
                    for root in data["roots"])
    ]  # fmt: skip

    assert apart == []


def test_the_libraries_that_web_projects_use_are_described() -> None:
    roots = {root for data in TABLES.values() for root in data["roots"]}

    assert roots >= DEMANDED


def test_the_roots_that_the_reader_sees_are_those_of_the_file() -> None:
    """The reader takes the roots from the text, before it parses anything."""
    files = EffectFiles()

    for root in {root for data in TABLES.values() for root in data["roots"]}:
        assert root in files.read({root}).kinds, root


def test_what_is_not_imported_is_not_read() -> None:
    assert "redis.Redis" not in EffectFiles().read({"httpx"}).classes
    assert "redis.Redis" in EffectFiles().read({"redis.asyncio"}).classes
