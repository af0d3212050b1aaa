"""Figures from the warehouse."""

from datetime import datetime

import asyncpg

from helpdesk.errors import NotFound
from helpdesk.services.sla import LIMITS

CLOSED_PER_DAY = "select day, closed from ticket_days order by day desc limit 30"


async def closed_per_day(warehouse_url: str | None) -> dict[str, int]:
    """How many tickets were closed on each of the last thirty days."""
    if warehouse_url is None:
        raise NotFound("there is no warehouse here")
    connection = await asyncpg.connect(warehouse_url)
    rows = await connection.fetch(CLOSED_PER_DAY)
    await connection.close()
    return {row["day"].isoformat(): row["closed"] for row in rows}


def promised(priority: str, created_at: datetime, *, business_days: bool = False) -> datetime:
    """When an answer was promised, by the clock or by business days."""
    if business_days:
        return _in_business_days(priority, created_at)
    return created_at + LIMITS[priority]


def _in_business_days(priority: str, created_at: datetime) -> datetime:
    from helpdesk.services.sla import BusinessCalendar

    return BusinessCalendar().add(created_at, LIMITS[priority])
