"""requests, urllib3, urllib and http.client, and what answers in their place."""

from typing import Any
from urllib.parse import urlsplit

from greenroom.record.clients.client import Args, Client, Point, Role


def origin_of(url: str) -> str:
    """Scheme, host and port; no user, no password, no path."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _request(args: Args, words: dict[str, Any]) -> str:
    return origin_of((args[1] if len(args) > 1 else words["request"]).url)


def _connection_pool(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    pool = args[0]
    return f"{pool.scheme}://{pool.host}" + (f":{pool.port}" if pool.port else "")


def _opened(args: Args, words: dict[str, Any]) -> str:
    target: Any = args[1] if len(args) > 1 else words["fullurl"]
    return origin_of(str(getattr(target, "full_url", target)))


def _connection(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    scheme = "https" if "HTTPS" in type(args[0]).__name__ else "http"
    return f"{scheme}://{args[0].host}:{args[0].port}"


CLIENTS = (
    Client(
        library="requests",
        kind="http",
        points=(
            Point(
                module="requests.sessions", owner="Session", names=("send",), role=Role.ASKED, peer=_request
            ),
            Point(
                module="responses", owner="RequestsMock", names=("_on_request",), role=Role.DOUBLE,
                double=lambda *_: "responses",
            ),
            Point(
                module="requests_mock.adapter", owner="Adapter", names=("send",), role=Role.DOUBLE,
                peer=_request, double=lambda *_: "requests-mock",
            ),
        ),
    ),
    Client(
        library="urllib3",
        kind="http",
        points=(
            Point(
                module="urllib3.connectionpool", owner="HTTPConnectionPool", names=("urlopen",), role=Role.ASKED,
                peer=_connection_pool,
            ),
        ),
    ),
    Client(
        library="urllib",
        kind="http",
        points=(
            Point(
                module="urllib.request", owner="OpenerDirector", names=("open",), role=Role.ASKED, peer=_opened
            ),
            Point(
                module="vcr.cassette", owner="Cassette", names=("play_response",), role=Role.DOUBLE,
                double=lambda *_: "vcrpy",
            ),
        ),
    ),
    Client(
        library="http",
        kind="http",
        points=(
            Point(
                module="http.client", owner="HTTPConnection", names=("send",), role=Role.WIRE, peer=_connection
            ),
        ),
    ),
)  # fmt: skip
