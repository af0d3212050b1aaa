"""What the model server says, and how it misbehaves when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

HOUR = 60 * 60


class Behaviour(StrEnum):
    """How the next answers go."""

    GOOD = "good"
    HANG = "hang"
    CUT = "cut"
    GARBLE = "garble"
    REFUSE = "refuse"


@dataclass(slots=True)
class Model:
    """A model that repeats the question, a word at a time."""

    behaviour: Behaviour = Behaviour.GOOD
    pause: float = 0.0

    async def words(self, messages: list[dict[str, str]]) -> AsyncIterator[str]:
        """The words of an answer; hanging or cut in the middle if so told."""
        for number, word in enumerate(reply_to(messages).split()):
            if number == 3 and self.behaviour is Behaviour.HANG:
                await asyncio.sleep(HOUR)
            if number == 3 and self.behaviour is Behaviour.CUT:
                return
            await asyncio.sleep(self.pause)
            yield f"{word} "

    @property
    def finishes(self) -> bool:
        """Does an answer get its end marker?"""
        return self.behaviour is not Behaviour.CUT


def reply_to(messages: list[dict[str, str]]) -> str:
    """An answer that shows which question was heard, and as whom."""
    systems = [each["content"] for each in messages if each["role"] == "system"]
    name = "Hedwig" if any("Hedwig" in text for text in systems) else "nobody"
    earlier = sum(each["role"] == "user" for each in messages) - 1
    return f"{name} heard after {earlier} earlier questions: {messages[-1]['content']}"
