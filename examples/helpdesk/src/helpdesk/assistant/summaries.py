"""Summaries over the Ollama-style interface: `POST /api/chat`, one JSON object per line."""

import json

import httpx

from helpdesk.errors import AnswerInterrupted, AssistantTimedOut, AssistantUnavailable

INSTRUCTION = "Summarise this ticket in one sentence:"


class Summariser:
    """Condenses tickets; the HTTP client limits the wait for each line."""

    def __init__(self, http: httpx.AsyncClient, *, model: str) -> None:
        self._http = http
        self._model = model

    async def summarise(self, text: str) -> str:
        """One sentence that says what the text says."""
        try:
            return await self._collect(text)
        except httpx.TimeoutException as error:
            raise AssistantTimedOut("the assistant was too slow") from error
        except httpx.HTTPError as error:
            raise AssistantUnavailable("the assistant is not available") from error
        except (ValueError, LookupError) as error:
            raise AnswerInterrupted("the summary was garbled") from error

    async def _collect(self, text: str) -> str:
        messages = [{"role": "user", "content": f"{INSTRUCTION}\n{text}"}]
        body = {"model": self._model, "messages": messages, "stream": True}
        words: list[str] = []
        async with self._http.stream("POST", "/api/chat", json=body) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                chunk = json.loads(line)
                words.append(chunk["message"]["content"])
                if chunk["done"]:
                    break
        return "".join(words).strip()
