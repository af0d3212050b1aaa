"""Amazon's services, WebSockets."""

import sys
from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role
from greenroom.record.clients.http import origin_of


def _endpoint(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return origin_of(args[0].meta.endpoint_url)


def _stubbed(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return "botocore.stub" if "botocore.stub" in sys.modules else ""


def _remote(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    host, port = args[0].remote_address[:2]
    return f"{host}:{port}"


def _is_client(args: Args, words: dict[str, Any]) -> bool:  # noqa: ARG001
    return bool(getattr(args[0], "is_client", "Client" in type(args[0]).__name__))


_SOCKET: dict[str, Any] = {"role": Role.WIRE, "peer": _remote, "if_so": _is_client}

CLIENTS = (
    Client(
        library="boto3",
        kind="http",
        points=(
            Point(
                module="botocore.client", owner="BaseClient", names=("_make_api_call",), role=Role.ASKED,
                peer=_endpoint, double=_stubbed,
            ),
            Point(
                module="moto.core.botocore_stubber", owner="BotocoreStubber", names=("__call__",), role=Role.DOUBLE,
                double=lambda *_: "moto", if_so=lambda args, _: bool(args[0].enabled),
            ),
        ),
    ),
    Client(
        library="websockets",
        kind="socket",
        points=(
            Point(module="websockets.asyncio.connection", owner="Connection", names=("send", "recv"), **_SOCKET),
            Point(module="websockets.sync.connection", owner="Connection", names=("send", "recv"), **_SOCKET),
            Point(
                module="websockets.legacy.protocol", owner="WebSocketCommonProtocol", names=("send", "recv"), **_SOCKET
            ),
        ),
    ),
)  # fmt: skip
