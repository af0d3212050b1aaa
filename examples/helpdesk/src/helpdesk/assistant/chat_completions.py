"""Answers over the OpenAI-style interface: `POST /v1/chat/completions`, as events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx

from helpdesk.assistant.events import parse_line
from helpdesk.assistant.prompts import Turn
from helpdesk.errors import AnswerInterrupted, AssistantTimedOut, AssistantUnavailable

PATH = "/v1/chat/completions"


class ChatCompletions:
    """Streams answers, each within a deadline and to its end marker."""

    def __init__(self, http: httpx.AsyncClient, *, model: str, deadline: float) -> None:
        self._http = http
        self._model = model
        self._deadline = deadline

    async def stream(self, turns: list[Turn]) -> AsyncGenerator[str, None]:
        """The answer in pieces; raises an assistant error when it does not come to its end."""
        try:
            async with asyncio.timeout(self._deadline), aclosing(self._pieces(turns)) as pieces:
                async for piece in pieces:
                    yield piece
        except (TimeoutError, httpx.TimeoutException) as error:
            raise AssistantTimedOut("the assistant was too slow") from error
        except httpx.HTTPError as error:
            raise AssistantUnavailable("the assistant is not available") from error
        except ValueError as error:
            raise AnswerInterrupted("the answer was garbled") from error

    async def _pieces(self, turns: list[Turn]) -> AsyncGenerator[str, None]:
        body = {"model": self._model, "messages": turns, "stream": True}
        async with self._http.stream("POST", PATH, json=body) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                delta = parse_line(line)
                if delta is None:
                    continue
                if delta.last:
                    return
                yield delta.text
        raise AnswerInterrupted("the answer ended too early")
