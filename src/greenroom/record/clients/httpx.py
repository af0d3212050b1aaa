"""httpx, its successor of the same shape, and what answers in their place."""

from typing import Any

from greenroom.record.clients.client import Args, Client, Point, Role, module_of

_IN_PROCESS = frozenset({"ASGITransport", "WSGITransport"})
_FRAMEWORKS = frozenset({"starlette", "fastapi"})
"""Their test clients bring transports of their own."""


def _peer(args: Args, words: dict[str, Any]) -> str:
    url = (args[1] if len(args) > 1 else words["request"]).url
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _origin(args: Args, words: dict[str, Any]) -> str:  # noqa: ARG001
    origin = args[0]._origin  # noqa: SLF001
    return f"{origin.scheme.decode()}://{origin.host.decode()}:{origin.port}"


def _kind(args: Args, words: dict[str, Any]) -> type:
    """The class of the transport that the request takes."""
    request = args[1] if len(args) > 1 else words["request"]
    return type(args[0]._transport_for_url(request.url))  # noqa: SLF001


def _goes_out(args: Args, words: dict[str, Any]) -> bool:
    """Whether it asks something beyond the process: an application that is called in place is no dependency."""
    kind = _kind(args, words)
    return module_of(kind) not in _FRAMEWORKS and kind.__name__ not in _IN_PROCESS


def _transport(args: Args, words: dict[str, Any]) -> str:
    """A transport of the project's own."""
    kind = _kind(args, words)
    return "" if module_of(kind) in ("httpx", "httpx2") else f"{kind.__module__}.{kind.__qualname__}"


def _points(package: str, core: str) -> tuple[Point, ...]:
    client, transports = f"{package}._client", f"{package}._transports.mock"
    name = f"{package}.MockTransport"
    asked: dict[str, Any] = {
        "role": Role.ASKED,
        "names": ("send",),
        "peer": _peer,
        "double": _transport,
        "if_so": _goes_out,
    }
    wired: dict[str, Any] = {"role": Role.WIRE, "peer": _origin}
    handles = ("handle_request", "handle_async_request")
    return (
        Point(module=client, owner="Client", **asked),
        Point(module=client, owner="AsyncClient", **asked),
        *(
            Point(module=f"{core}.{side}.{module}", owner=f"{prefix}{owner}", names=names, **wired)
            for side, prefix in (("_sync", ""), ("_async", "Async"))
            for module, owner, names in (
                ("connection", "HTTPConnection", ("_connect",)),
                ("http11", "HTTP11Connection", handles),
                ("http2", "HTTP2Connection", handles),
            )
        ),
        Point(
            module=transports, owner="MockTransport", names=handles, role=Role.DOUBLE, double=lambda *_: name
        ),
    )


_ANSWERED = {"role": Role.DOUBLE, "names": ("handler", "async_handler"), "double": lambda *_: "respx"}

CLIENTS = (
    Client(
        library="httpx",
        kind="http",
        points=(
            *_points("httpx", "httpcore"),
            *_points("httpx2", "httpcore2"),
            Point(module="respx.router", owner="Router", **_ANSWERED),  # type: ignore[arg-type]
            Point(module="respx.router", owner="MockRouter", **_ANSWERED),  # type: ignore[arg-type]
            Point(
                module="pytest_httpx._httpx_mock",
                owner="HTTPXMock",
                names=("_handle_request", "_handle_async_request"),
                role=Role.DOUBLE,
                double=lambda *_: "pytest-httpx",
            ),
        ),
    ),
)
