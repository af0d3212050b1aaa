"""Waking somebody up."""

import json
import logging
from urllib.request import Request, urlopen

from helpdesk.errors import DependencyDown
from helpdesk.schemas import TicketView

logger = logging.getLogger(__name__)


class PagerClient:
    """A client of the paging service."""

    def __init__(self, url: str) -> None:
        self._url = url

    def page(self, person: str, text: str) -> None:
        """Send a page to a person."""
        self._post("/pages", {"to": person, "text": text})

    def _post(self, path: str, body: dict[str, str]) -> None:
        request = Request(
            self._url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urlopen(request, timeout=5) as response:
                logger.info("paged %s: %s", body["to"], response.status)
        except OSError as error:
            raise DependencyDown("the paging service does not answer") from error


class EscalationDesk:
    """Decides who is paged, and pages."""

    def __init__(self, pager: PagerClient) -> None:
        self._pager = pager

    def escalate(self, ticket: TicketView) -> str:
        """Page the person in charge; returns the name."""
        person = self._person(ticket)
        self._pager.page(person, f"#{ticket.id}: {ticket.subject}")
        return person

    def _person(self, ticket: TicketView) -> str:
        if ticket.priority != "urgent":
            return "duty-agent"
        from helpdesk.services.escalation_matrix import person_for

        return person_for(ticket.customer_id)
