"""When must a ticket be answered?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

LIMITS = {
    "urgent": timedelta(hours=1),
    "high": timedelta(hours=4),
    "normal": timedelta(hours=24),
    "low": timedelta(hours=72),
}


@dataclass(frozen=True, slots=True)
class SlaClock:
    """The promise that was made for one priority."""

    priority: str

    def due(self, created_at: datetime) -> datetime:
        """The last moment for an answer."""
        return created_at + LIMITS[self.priority]

    def is_breached(self, created_at: datetime, now: datetime) -> bool:
        """Is it too late?"""
        return now > self.due(created_at)
