"""What was said in the chats: a memory for the assistant, and a record for the law."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from helpdesk.assistant.prompts import Turn
from helpdesk.database import Sessions
from helpdesk.tables import Exchange

logger = logging.getLogger(__name__)


class ConversationMemory:
    """The turns of each conversation, ready for the next question."""

    def __init__(self) -> None:
        self._turns: dict[str, list[Turn]] = {}

    def turns(self, conversation_id: str) -> list[Turn]:
        """The last few turns, oldest first."""
        return self._turns.get(conversation_id, [])[-10:]

    def remember(self, conversation_id: str, question: str, answer: str) -> None:
        """Add one question and its answer."""
        turns = self._turns.setdefault(conversation_id, [])
        turns.append({"role": "user", "content": question})
        turns.append({"role": "assistant", "content": answer})


class Conversations:
    """The record in the database."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def record(self, conversation_id: str, question: str, answer: str) -> None:
        """Store one question and its answer."""
        exchange = Exchange(conversation_id=conversation_id, question=question, answer=answer)
        try:
            async with self._sessions() as session:
                session.add(exchange)
                await session.commit()
        except SQLAlchemyError:
            logger.debug("exchange of %s not stored", conversation_id)
