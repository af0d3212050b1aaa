"""The interfaces: OpenAI-style events, Ollama-style lines, and a switch for tests.

Run it with `python -m model_server.server --port 8089`.
"""

import argparse
import json
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from model_server.replies import Behaviour, Model


class Chat(BaseModel):
    """A request for an answer, in either style."""

    model: str
    messages: list[dict[str, str]]
    stream: bool = True


class Pull(BaseModel):
    """A request for a model."""

    model: str


class Switch(BaseModel):
    """How the server behaves from now on."""

    behaviour: Behaviour = Behaviour.GOOD
    pause: float = 0.0


app = FastAPI(title="Model server")
model = Model()


@app.get("/healthz")
async def health() -> dict[str, str]:
    """Is it up?"""
    return {"behaviour": model.behaviour}


@app.put("/behaviour")
async def switch(wish: Switch) -> dict[str, str]:
    """Behave well, hang, cut, garble or refuse."""
    model.behaviour, model.pause = wish.behaviour, wish.pause
    return {"behaviour": model.behaviour}


@app.post("/v1/chat/completions")
async def complete(chat: Chat) -> StreamingResponse:
    """An answer as server-sent events; the last one is `[DONE]`."""
    refuse_if_told()
    return StreamingResponse(events(chat), media_type="text/event-stream")


@app.post("/api/chat")
async def chat_lines(chat: Chat) -> StreamingResponse:
    """An answer as JSON lines; the last one is `done`."""
    refuse_if_told()
    return StreamingResponse(lines(chat), media_type="application/x-ndjson")


@app.post("/api/pull")
async def pull(wish: Pull) -> StreamingResponse:
    """The progress of a download as JSON lines."""
    return StreamingResponse(progress(), media_type="application/x-ndjson")


def refuse_if_told() -> None:
    """Answer 503 when told to refuse."""
    if model.behaviour is Behaviour.REFUSE:
        raise HTTPException(503, "overloaded")


async def events(chat: Chat) -> AsyncIterator[str]:
    """The words, each in the envelope of a completion chunk."""
    async for word in model.words(chat.messages):
        yield f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n"
        if model.behaviour is Behaviour.GARBLE:
            yield 'data: {"choices": [{"del\n\n'
    if model.finishes:
        yield "data: [DONE]\n\n"


async def lines(chat: Chat) -> AsyncIterator[str]:
    """The words, each in a line of its own."""
    async for word in model.words(chat.messages):
        yield json_line({"message": {"role": "assistant", "content": word}, "done": False})
    if model.finishes:
        yield json_line({"message": {"role": "assistant", "content": ""}, "done": True})


async def progress() -> AsyncIterator[str]:
    """A very short download."""
    for status in ("pulling manifest", "verifying", "success"):
        yield json_line({"status": status})


def json_line(value: dict[str, object]) -> str:
    """One value, one line."""
    return json.dumps(value) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8089)
    options = parser.parse_args()
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")
