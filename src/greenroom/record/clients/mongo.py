"""pymongo, and motor above it; and mongomock in its place."""

from collections.abc import Mapping
from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role

_HOUSEKEEPING = frozenset({"hello", "ismaster", "isMaster", "saslStart", "saslContinue", "endSessions"})
"""What the driver says of its own accord, to a database that nobody has chosen."""
_BODY = 21
"""Where an OP_MSG has its first document: after the header, the flags, and the byte that says so."""


def _addressed(connection: Any, database: Any, command: Mapping[str, Any]) -> str:
    host, port = connection.address
    is_chosen = database and next(iter(command)) not in _HOUSEKEEPING
    return f"{host}:{port}/{database}" if is_chosen else f"{host}:{port}"


def _commanded(args: Args, words: dict[str, Any]) -> str:
    given = dict(zip(("dbname", "spec"), args[1:], strict=False)) | words
    return _addressed(args[0], given["dbname"], given["spec"])


def _sent(args: Args, words: dict[str, Any]) -> str:
    """Every command says its database as `$db`; one that is compressed hides it."""
    from bson.raw_bson import RawBSONDocument  # noqa: PLC0415  - whoever sends has loaded it

    message = args[1] if len(args) > 1 else words["message"]
    end = _BODY + int.from_bytes(message[_BODY : _BODY + 4], "little")
    try:
        command: Mapping[str, Any] = RawBSONDocument(bytes(message[_BODY:end]))
        return _addressed(args[0], command.get("$db"), command)
    except Exception:  # noqa: BLE001  - no OP_MSG, or a compressed one
        return _addressed(args[0], "", {})


def _seeds(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return ",".join(sorted(f"{host}:{port}" for host, port in args[0]._settings.seeds))  # noqa: SLF001


def _pymongo() -> tuple[Point, ...]:
    sides = (("pymongo.synchronous", ""), ("pymongo.asynchronous", "Async"), ("pymongo", ""))
    return tuple(
        Point(module=f"{package}.{module}", owner=owner, names=(name,), role=role, peer=peer)
        for package, prefix in sides
        for module, owner, name, role, peer in (
            ("pool", f"{prefix}Connection", "command", Role.WIRE, _commanded),
            ("pool", f"{prefix}Connection", "send_message", Role.WIRE, _sent),
            ("topology", "Topology", "select_servers", Role.FAILS, _seeds),
        )
    )


_OF_COLLECTIONS = (
    "aggregate", "bulk_write", "count_documents", "delete_many", "delete_one", "distinct", "estimated_document_count",
    "find", "find_one", "find_one_and_delete", "find_one_and_replace", "find_one_and_update", "insert_many",
    "insert_one", "replace_one", "update_many", "update_one",
)  # fmt: skip

CLIENTS = (
    Client(
        library="pymongo",
        kind="database",
        points=(
            *_pymongo(),
            Point(
                module="mongomock.collection",
                owner="Collection",
                names=_OF_COLLECTIONS,
                role=Role.DOUBLE,
                double=lambda *_: "mongomock",
            ),
        ),
    ),
)
