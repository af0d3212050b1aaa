"""Services that need a lot around them."""

from unittest.mock import AsyncMock, MagicMock, patch

import pytest

from helpdesk.schemas import TicketView
from helpdesk.services.billing import Billing
from helpdesk.services.escalation import EscalationDesk
from helpdesk.services.flags import FeatureFlags
from helpdesk.services.jobs import Jobs
from helpdesk.services.presence import Presence
from helpdesk.services.webhooks import Webhooks
from helpdesk.settings import Settings


@pytest.mark.asyncio
async def test_refund_returns_the_booking():
    http = AsyncMock()
    http.post.return_value = MagicMock(json=lambda: {"booking": "B-1"})
    assert await Billing(http).refund(1, 500) == "B-1"


@pytest.mark.asyncio
async def test_agents_who_are_there():
    redis = AsyncMock()
    redis.get.side_effect = ["here", None]
    assert await Presence(redis).online(["Kim", "Ada"]) == ["Kim"]


@pytest.mark.asyncio
async def test_event_is_posted_once(ticket: TicketView):
    http = AsyncMock()
    http.post.return_value = MagicMock()
    webhooks = Webhooks(http)
    await webhooks.notify("ticket-created", ticket)
    await webhooks.notify("ticket-created", ticket)
    http.post.assert_awaited_once()


@pytest.mark.asyncio
async def test_job_is_queued():
    redis = AsyncMock()
    number = await Jobs(redis).enqueue("export", {"format": "csv"})
    redis.rpush.assert_awaited_once()
    assert len(number) == 32


def test_maintenance_flag(settings: Settings):
    with patch("helpdesk.services.flags.Redis") as redis:
        redis.return_value.get.return_value = b"on"
        flags = FeatureFlags(settings)
        assert flags.maintenance


def test_escalation_names_the_person(ticket: TicketView):
    with patch("helpdesk.services.escalation.PagerClient") as pager:
        pager.return_value.send.return_value = "sent"
        assert EscalationDesk(pager.return_value).escalate(ticket) == "duty-agent"
