"""The assistant without a ticket."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from helpdesk.assistant.chat_completions import PATH
from helpdesk.assistant.prompts import conversation
from helpdesk.dependencies import AgentDep, ResourcesDep, limit_rate
from helpdesk.schemas import Question, Translation
from helpdesk.services.articles import find_articles

router = APIRouter(prefix="/api/assistant", tags=["assistant"], dependencies=[Depends(limit_rate)])


async def copy(http: httpx.AsyncClient, body: dict[str, Any]) -> AsyncGenerator[bytes, None]:
    """The bytes of the model server's answer, as they come."""
    request = http.build_request("POST", PATH, json=body)
    upstream = await http.send(request, stream=True)
    async for chunk in upstream.aiter_raw():
        yield chunk
    await upstream.aclose()


@router.post("/raw")
async def ask_raw(
    question: Question, resources: ResourcesDep, agent: AgentDep
) -> StreamingResponse:
    """The model server's own stream, for clients that can read it."""
    body = {
        "model": resources.settings.assistant_model,
        "messages": conversation(question.text),
        "stream": True,
    }
    return StreamingResponse(copy(resources.assistant, body), media_type="text/event-stream")


@router.post("/translate")
async def translate(wish: Translation, resources: ResourcesDep, agent: AgentDep) -> dict[str, str]:
    """The same text in another language."""
    return {"text": await resources.translator.translate(wish.text, wish.language)}


@router.get("/articles")
async def articles(query: str, resources: ResourcesDep) -> list[dict[str, str]]:
    """The articles of the knowledge base that fit."""
    found = find_articles(resources.articles, query)
    return [{"title": article.title, "text": article.text} for article in found]
