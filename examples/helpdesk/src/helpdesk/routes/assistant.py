"""The assistant without a ticket."""

from collections.abc import AsyncGenerator

import httpx
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from helpdesk.assistant.chat_completions import PATH
from helpdesk.assistant.prompts import conversation
from helpdesk.dependencies import AgentDep, ResourcesDep, limit_rate
from helpdesk.errors import AssistantUnavailable
from helpdesk.schemas import Question, Translation
from helpdesk.services.articles import find_articles

router = APIRouter(prefix="/api/assistant", tags=["assistant"], dependencies=[Depends(limit_rate)])


async def copy(upstream: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The bytes of a response, as they come."""
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
    request = resources.assistant.build_request("POST", PATH, json=body)
    try:
        upstream = await resources.assistant.send(request, stream=True)
    except httpx.HTTPError as error:
        raise AssistantUnavailable("the assistant is not available") from error
    return StreamingResponse(copy(upstream), media_type="text/event-stream")


@router.post("/translate")
async def translate(wish: Translation, resources: ResourcesDep, agent: AgentDep) -> dict[str, str]:
    """The same text in another language."""
    return {"text": await resources.translator.translate(wish.text, wish.language)}


@router.get("/articles")
async def articles(query: str, resources: ResourcesDep) -> list[dict[str, str]]:
    """The articles of the knowledge base that fit."""
    found = find_articles(resources.articles, query)
    return [{"title": article.title, "text": article.text} for article in found]
