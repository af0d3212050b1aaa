"""aiohttp's client, and aioresponses in its place."""

from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role
from greenroom.record.clients.http import origin_of


def _asked(args: Args, words: dict[str, Any]) -> str:
    url = args[2] if len(args) > 2 else words.get("str_or_url", words.get("url"))
    base = getattr(args[0], "_base_url", None)
    text = str(url)
    return origin_of(text if "://" in text or base is None else str(base))


def _answered(args: Args, words: dict[str, Any]) -> str:
    return origin_of(str(args[3] if len(args) > 3 else words["url"]))


def _sent(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    return origin_of(str(args[0].url))


CLIENTS = (
    Client(
        library="aiohttp",
        kind="http",
        points=(
            Point(module="aiohttp.test_utils", owner="TestClient", names=("_request", "_ws_connect"), role=Role.INSIDE),
            Point(module="aiohttp.client", owner="ClientSession", names=("_request",), role=Role.ASKED, peer=_asked),
            Point(module="aiohttp.client_reqrep", owner="ClientRequest", names=("send",), role=Role.WIRE, peer=_sent),
            Point(
                module="aiohttp.connector", owner="TCPConnector", names=("_create_connection",), role=Role.WIRE,
            ),
            Point(
                module="aioresponses.core", owner="aioresponses", names=("_request_mock",), role=Role.DOUBLE,
                peer=_answered, double=lambda *_: "aioresponses",
            ),
        ),
    ),
)  # fmt: skip
