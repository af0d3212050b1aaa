"""Django's databases, aiosqlite, pymongo; and mongomock in the place of the last."""

from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role


def _django(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    wrapper: Any = getattr(args[0], "db", args[0])
    given = wrapper.settings_dict
    if wrapper.vendor == "sqlite":
        return f"sqlite:{given['NAME']}"
    port = f":{given['PORT']}" if given.get("PORT") else ""
    return f"{wrapper.vendor}://{given.get('HOST') or 'localhost'}{port}/{given['NAME']}"


def _aiosqlite(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    connector = args[0]._connector  # noqa: SLF001
    database = connector.__closure__[connector.__code__.co_freevars.index("database")].cell_contents
    return f"sqlite:{database.decode() if isinstance(database, bytes) else database}"


def _mongo(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    host, port = args[0].address
    return f"{host}:{port}"


def _seeds(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return ",".join(sorted(f"{host}:{port}" for host, port in args[0]._settings.seeds))  # noqa: SLF001


def _pymongo() -> tuple[Point, ...]:
    sides = (("pymongo.synchronous", ""), ("pymongo.asynchronous", "Async"), ("pymongo", ""))
    names = ("command", "send_message")
    return tuple(
        point
        for package, prefix in sides
        for point in (
            Point(
                module=f"{package}.pool",
                owner=f"{prefix}Connection",
                names=names,
                role=Role.WIRE,
                peer=_mongo,
            ),
            Point(
                module=f"{package}.topology",
                owner="Topology",
                names=("select_servers",),
                role=Role.FAILS,
                peer=_seeds,
            ),
        )
    )


_OF_COLLECTIONS = (
    "aggregate", "bulk_write", "count_documents", "delete_many", "delete_one", "distinct", "estimated_document_count",
    "find", "find_one", "find_one_and_delete", "find_one_and_replace", "find_one_and_update", "insert_many",
    "insert_one", "replace_one", "update_many", "update_one",
)  # fmt: skip

CLIENTS = (
    Client(
        library="django",
        kind="database",
        points=(
            Point(
                module="django.db.backends.utils",
                owner="CursorWrapper",
                names=("_execute", "_executemany"),
                role=Role.WIRE,
                peer=_django,
            ),
            Point(
                module="django.db.backends.base.base",
                owner="BaseDatabaseWrapper",
                names=("connect",),
                role=Role.WIRE,
                peer=_django,
            ),
        ),
    ),
    Client(
        library="aiosqlite",
        kind="database",
        points=(
            Point(
                module="aiosqlite.core",
                owner="Connection",
                names=("_execute",),
                role=Role.WIRE,
                peer=_aiosqlite,
            ),
        ),
    ),
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
