"""redis and redis.asyncio, and fakeredis in their place."""

from collections.abc import Mapping
from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role, module_of


def _address(given: Mapping[str, Any]) -> str:
    place = given.get("path") or f"{given.get('host', 'localhost')}:{given.get('port', 6379)}"
    return f"{place}/{given.get('db') or 0}"


def _pool(args: Args, words: dict[str, Any]) -> str:
    return "" if _double(args, words) else _address(args[0].connection_pool.connection_kwargs)


def _connection(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return _address(vars(args[0]))


def _double(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    pool = args[0].connection_pool
    return "fakeredis" if _is_fake(pool.connection_class) or _is_fake(type(args[0])) else ""


def _is_fake(kind: Any) -> bool:
    return any(module_of(each) == "fakeredis" for each in getattr(kind, "__mro__", ()))


def _is_genuine(args: Args, words: dict[str, Any]) -> bool:  # noqa: ARG001
    return not _is_fake(type(args[0]))


def _points(package: str) -> tuple[Point, ...]:
    client, connection = f"{package}.client", f"{package}.connection"
    asked: dict[str, Any] = {"role": Role.ASKED, "peer": _pool, "double": _double}
    wired: dict[str, Any] = {"role": Role.WIRE, "peer": _connection, "if_so": _is_genuine}
    return (
        Point(module=client, owner="Redis", names=("execute_command",), **asked),
        Point(module=client, owner="Pipeline", names=("execute", "immediate_execute_command"), **asked),
        Point(module=connection, owner="AbstractConnection", names=("send_packed_command",), **wired),
        Point(module=connection, owner="Connection", names=("_connect",), **wired),
        Point(module=connection, owner="UnixDomainSocketConnection", names=("_connect",), **wired),
    )


CLIENTS = (Client(library="redis", kind="cache", points=(*_points("redis"), *_points("redis.asyncio"))),)
