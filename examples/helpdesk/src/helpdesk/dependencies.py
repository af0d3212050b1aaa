"""What routes ask for by type."""

from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.requests import HTTPConnection

from helpdesk.errors import TooManyRequests, Unauthorised
from helpdesk.resources import Resources
from helpdesk.services.escalation import EscalationDesk, PagerClient
from helpdesk.services.permissions import Agent, Permissions
from helpdesk.services.tickets import TicketDesk
from helpdesk.settings import Settings


async def get_resources(connection: HTTPConnection) -> Resources:
    """What the lifespan has put together."""
    return connection.app.state.resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]


def identify(token: str, settings: Settings) -> Agent | None:
    """The agent to whom a token belongs."""
    given = token.encode()
    if compare_digest(given, settings.lead_token.get_secret_value().encode()):
        return Agent(name="lead", role="lead")
    if compare_digest(given, settings.agent_token.get_secret_value().encode()):
        return Agent(name="agent", role="agent")
    return None


async def require_agent(request: Request, authorization: Annotated[str, Header()] = "") -> Agent:
    """The agent who calls; 401 for everybody else."""
    agent = identify(authorization.removeprefix("Bearer "), request.app.state.settings)
    if agent is None:
        raise Unauthorised("a valid token is required")
    return agent


async def limit_rate(request: Request, resources: ResourcesDep) -> None:
    """429 for clients who ask too often."""
    client = request.client.host if request.client else "unknown"
    if not resources.limiter.allow(client):
        raise TooManyRequests("please wait a moment")


async def get_desk(resources: ResourcesDep) -> TicketDesk:
    """The ticket desk."""
    return resources.desk


async def get_permissions() -> Permissions:
    """The rules."""
    return Permissions()


async def get_escalation_desk(resources: ResourcesDep) -> EscalationDesk:
    """The desk that pages people."""
    return EscalationDesk(PagerClient(resources.settings.pager_url))


AgentDep = Annotated[Agent, Depends(require_agent)]
DeskDep = Annotated[TicketDesk, Depends(get_desk)]
PermissionsDep = Annotated[Permissions, Depends(get_permissions)]
EscalationDep = Annotated[EscalationDesk, Depends(get_escalation_desk)]
