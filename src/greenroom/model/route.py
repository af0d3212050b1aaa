"""How users come in."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path that the application serves."""

    method: str
    """`GET`, …; `WEBSOCKET` for a socket; `*` for every method."""
    path: str
    """With all prefixes that the code shows; parameters as the framework spells them."""
    application: str
    """Dotted name of the application object or factory; empty where it is not known."""
    file: str
    line: int
    symbol: str
    """Qualified name of the handler."""
    certain: bool = True
    """False where a prefix or a mount could not be resolved."""
    framework: str = ""
    """asgi · flask · django · channels · aiohttp · sanic"""
    is_mount: bool = False
    """No route, but the beginning of paths that something serves which was not read: a library's own URLs, files."""
    application_file: str = field(default="", compare=False)
    """Where the application is made; two of one name in two files are two."""
    name: str = field(default="", compare=False)
    """By which code asks for its address (`polls:detail`), where it is written; otherwise the handler's name may be one."""
    guards: tuple[str, ...] = field(default=(), compare=False)
    """Names of the dependencies that routers and the application put in front of it."""
    order: tuple[tuple[str, int, int], ...] = field(default=(), compare=False)
    """From the application down: the code that registers, its line, and the number among what hangs there."""

    def is_before(self, other: "Route") -> bool | None:
        """Whether it is registered first; None where the code does not show it."""
        for mine, its in zip(self.order, other.order, strict=False):
            if mine == its:
                continue
            by_line, by_number = mine[1] - its[1], mine[2] - its[2]
            if not mine[0] or mine[0] != its[0] or by_line * by_number < 0:
                return None
            return by_number < 0
        return None
