"""The events of an answer."""

from collections.abc import AsyncGenerator

from helpdesk.errors import AnswerInterrupted
from helpdesk.routes.answers import as_event, relay
from tests.suite_theatre.cases import HelpdeskCase


async def two_words() -> AsyncGenerator[str, None]:
    """An answer."""
    yield "Hello "
    yield "world"


async def half_an_answer() -> AsyncGenerator[str, None]:
    """An answer that does not come to its end."""
    yield "Hello "
    raise AnswerInterrupted("the answer ended too early")


class RelayTest(HelpdeskCase):
    """What the client gets."""

    def test_event_format(self):
        self.assertEqual(as_event("done"), 'event: done\ndata: ""\n\n')

    async def test_last_event_is_done(self):
        events = [event async for event in relay(two_words())]
        self.assertEqual(events[-1], as_event("done"))

    async def test_interruption_is_an_error(self):
        events = [event async for event in relay(half_an_answer())]
        self.assertEqual(events[-1], as_event("error", "the answer ended too early"))
