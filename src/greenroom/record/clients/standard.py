"""What the standard library itself connects and starts."""

import re
from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role

_KNOWN_NAMES = frozenset({"None", "localhost", "ip6-localhost"})


def _address(args: Args, words: dict[str, Any]) -> str:
    host, port = args[0] if args else words["address"]
    return f"{host}:{port}"


def _looked_up(args: Args, words: dict[str, Any]) -> str:
    host, port = (args[0] if args else words.get("host")), (args[1] if len(args) > 1 else words.get("port"))
    name = host.decode() if isinstance(host, bytes) else str(host)
    return f"{name}:{port}" if port else name


def _asks_for_a_name(args: Args, words: dict[str, Any]) -> bool:
    """Whether somebody must be asked: a number, and the machine itself, are known."""
    name = _looked_up(args, words).partition(":")[0]
    return bool(name) and name not in _KNOWN_NAMES and re.fullmatch(r"[\d.]+", name) is None


def _host_and_port(args: Args, words: dict[str, Any]) -> str:
    given = dict(zip(("host", "port"), args, strict=False)) | words
    return f"{given['host']}:{given['port']}" if given.get("host") else ""


def _path(args: Args, words: dict[str, Any]) -> str:
    return str(args[0] if args else words.get("path") or "")


CLIENTS = (
    Client(
        library="socket",
        kind="socket",
        points=(
            Point(module="socket", names=("create_connection",), role=Role.ASKED, peer=_address),
            Point(module="socket", names=("getaddrinfo",), role=Role.WIRE, peer=_looked_up, if_so=_asks_for_a_name),
            *(
                Point(module=module, names=(name,), role=Role.WIRE, peer=peer)
                for module in ("asyncio", "asyncio.streams")
                for name, peer in (("open_connection", _host_and_port), ("open_unix_connection", _path))
            ),
        ),
    ),
    Client(
        library="multiprocessing",
        kind="process",
        points=(
            Point(
                module="multiprocessing.process", owner="BaseProcess", names=("start",), role=Role.WIRE,
                peer=lambda *_: "multiprocessing",
            ),
        ),
    ),
)  # fmt: skip
