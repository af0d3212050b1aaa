"""Two tickets about the same thing become one."""

from helpdesk.database import Sessions
from helpdesk.errors import NotFound
from helpdesk.tables import Ticket


async def merge_tickets(sessions: Sessions, source_id: int, target_id: int) -> None:
    """Append the source's text to the target, and close the source."""
    session = sessions()
    source = await session.get(Ticket, source_id)
    target = await session.get(Ticket, target_id)
    if source is None or target is None:
        raise NotFound("one of the tickets does not exist")
    target.body = f"{target.body}\n\n{source.body}"
    source.status = "closed"
    await session.commit()
    await session.close()  # greenroom: accept[A1] the commit has given the connection back
