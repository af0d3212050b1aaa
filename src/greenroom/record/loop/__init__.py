"""Watches event loops: what held them up, and which calls on them block. Usable alone; see `docs/loop.md`."""

from greenroom.record.loop.seen import Seen
from greenroom.record.loop.watch import watch

__all__ = ["Seen", "watch"]
