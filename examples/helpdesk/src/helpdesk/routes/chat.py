"""The chat socket: questions come in, answers go out piece by piece."""

import asyncio
import json
import logging
from contextlib import aclosing

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from helpdesk.assistant.prompts import conversation
from helpdesk.dependencies import ResourcesDep, identify
from helpdesk.errors import HelpdeskError
from helpdesk.resources import Resources

router = APIRouter()
logger = logging.getLogger(__name__)

IDLE_SECONDS = 15 * 60
NOT_ALLOWED = 1008
GOING_AWAY = 1001


@router.websocket("/ws/chat/{conversation_id}")
async def chat(
    socket: WebSocket, conversation_id: str, resources: ResourcesDep, token: str = ""
) -> None:
    """One connection, until the client goes or says nothing for a long time."""
    agent = identify(token, resources.settings)
    if agent is None:
        await socket.close(NOT_ALLOWED)
        return
    await socket.accept()
    asyncio.get_running_loop().create_task(resources.stores.presence.touch(agent.name))
    resources.rooms.join(conversation_id, socket)
    try:
        await converse(socket, conversation_id, resources)
    except WebSocketDisconnect as error:
        logger.info("%s left with code %s", conversation_id, error.code)
    finally:
        resources.rooms.leave(conversation_id, socket)


async def converse(socket: WebSocket, conversation_id: str, resources: Resources) -> None:
    """Answer question after question."""
    while (frame := await next_frame(socket)) is not None:
        question = question_in(frame)
        if question is None:
            await socket.send_json({"type": "error", "text": "that was not a question"})
        else:
            await reply(socket, conversation_id, question, resources)


async def next_frame(socket: WebSocket) -> str | None:
    """What the client sends next; None, and a closed socket, when it is silent too long."""
    try:
        return await asyncio.wait_for(socket.receive_text(), timeout=IDLE_SECONDS)
    except TimeoutError:
        await socket.close(GOING_AWAY)
        return None


def question_in(frame: str) -> str | None:
    """The question in a frame, or None when the frame is not one."""
    try:
        question = json.loads(frame)["question"]
    except (ValueError, LookupError, TypeError):
        return None
    return question if isinstance(question, str) and 0 < len(question) <= 4_000 else None


async def reply(
    socket: WebSocket, conversation_id: str, question: str, resources: Resources
) -> None:
    """Stream one answer, and keep it."""
    turns = conversation(question, resources.memory.turns(conversation_id))
    pieces: list[str] = []
    try:
        async with aclosing(resources.chat.stream(turns)) as stream:
            async for piece in stream:
                pieces.append(piece)
                await socket.send_json({"type": "token", "text": piece})
    except HelpdeskError as error:
        await socket.send_json({"type": "error", "text": str(error)})
        return
    answer = "".join(pieces)
    resources.memory.remember(conversation_id, question, answer)
    await resources.conversations.record(conversation_id, question, answer)
    await socket.send_json({"type": "done"})
