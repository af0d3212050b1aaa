"""Django's databases, and aiosqlite."""

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
)
