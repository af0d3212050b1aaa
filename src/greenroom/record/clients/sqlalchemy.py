"""SQLAlchemy: whatever the driver, the engine's address tells who is asked."""

from typing import Any
from weakref import WeakKeyDictionary

from greenroom.record.clients.client import Args, Client, Point, Role

_ADDRESSES: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def _engine(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    engine = args[0].engine
    known = _ADDRESSES.get(engine)
    if known is None:
        known = _ADDRESSES[engine] = _address(engine.url)
    return known


def _address(url: Any) -> str:
    backend = url.get_backend_name()
    if backend == "sqlite":
        return f"sqlite:{url.database or ':memory:'}"
    user = f"{url.username}@" if url.username else ""
    port = f":{url.port}" if url.port else ""
    return f"{backend}://{user}{url.host or ''}{port}/{url.database or ''}"


CLIENTS = (
    Client(
        library="sqlalchemy",
        kind="database",
        points=(
            Point(
                module="sqlalchemy.engine.base", owner="Connection", names=("_execute_context",), role=Role.WIRE,
                peer=_engine,
            ),
            Point(
                module="sqlalchemy.engine.base", owner="Engine", names=("raw_connection",), role=Role.ASKED,
                peer=_engine,
            ),
            Point(module="sqlalchemy.engine.default", owner="DefaultDialect", names=("connect",), role=Role.WIRE),
        ),
    ),
)  # fmt: skip
