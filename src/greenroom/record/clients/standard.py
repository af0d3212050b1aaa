"""What the standard library itself connects and starts."""

from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role


def _address(args: Args, words: dict[str, Any]) -> str:
    host, port = args[0] if args else words["address"]
    return f"{host}:{port}"


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
