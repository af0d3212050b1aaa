"""Ports that somebody has chosen, and ports that the system hands out."""

from collections.abc import Iterable
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL = (32_768, 60_999)


def chosen(ports: Iterable[int]) -> set[int]:
    """Those that the system never hands out to who asks for any: the same each time."""
    first, last = _handed_out()
    return {port for port in ports if not first <= port <= last}


def _handed_out() -> tuple[int, int]:
    try:
        first, last = map(int, _RANGE.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return _USUAL
    return first, last
