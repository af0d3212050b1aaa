"""Translations of single messages."""

import httpx

from helpdesk.assistant.chat_completions import PATH
from helpdesk.assistant.events import parse_line
from helpdesk.assistant.prompts import conversation
from helpdesk.errors import AssistantTimedOut, AssistantUnavailable


class Translator:
    """Says the same in another language."""

    def __init__(self, http: httpx.AsyncClient, *, model: str) -> None:
        self._http = http
        self._model = model

    async def translate(self, text: str, language: str) -> str:
        """The whole translation, once it is there."""
        turns = conversation(f"Translate into {language}: {text}")
        body = {"model": self._model, "messages": turns, "stream": True}
        try:
            return await self._read(body)
        except httpx.TimeoutException as error:
            raise AssistantTimedOut("the translation took too long") from error
        except httpx.HTTPError as error:
            raise AssistantUnavailable("no translation at the moment") from error

    async def _read(self, body: dict[str, object]) -> str:
        pieces: list[str] = []
        async with self._http.stream("POST", PATH, json=body) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                delta = parse_line(line)
                if delta is not None and delta.last:
                    break
                pieces.append(delta.text if delta else "")
        return "".join(pieces)
