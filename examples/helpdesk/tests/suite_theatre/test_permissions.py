"""Who may do what."""

from helpdesk.services.permissions import Agent, Permissions


async def test_lead_may_delete():
    assert await Permissions().may_delete(Agent(name="Kim", role="lead"))


async def test_agent_may_not_delete():
    assert not await Permissions().may_delete(Agent(name="Ada", role="agent"))
